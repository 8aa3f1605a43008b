#include "federation/secagg/common/mask.hpp"

#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <memory>

#include "base/bytes.hpp"
#include "base/check.hpp"
#include "base/parallel.hpp"

namespace hippocrypt::federation::secagg {
namespace {

constexpr std::size_t block_words = 4;
constexpr std::size_t piece_words = 4096;  // 16 KiB of keystream: stays in the first cache
static_assert(mask_range_words % block_words == 0 && piece_words % block_words == 0);

/// Keystream of one key from a word on.
class Keystream {
 public:
  Keystream(const SecretBytes& key, std::uint64_t first_word) {
    HIPPOCRYPT_CHECK(key.size() == 32 && first_word % block_words == 0 && context_ != nullptr);
    // The first counter block is zero, as a key makes one mask only; counters are big-endian.
    std::array<std::uint8_t, 16> start{};
    const auto block = little_endian(first_word / block_words);
    std::copy(block.begin(), block.end(), start.rbegin());
    HIPPOCRYPT_CHECK(EVP_EncryptInit_ex(context_.get(), EVP_aes_256_ctr(), nullptr,
                                        key.reveal().data(), start.data()) == 1);
  }
  /// At most piece_words words, in multiples of a block but for the last.
  void next(std::span<std::uint32_t> out) {
    static constexpr std::array<std::uint8_t, piece_words * sizeof(std::uint32_t)> zeros{};
    int made = 0;
    HIPPOCRYPT_CHECK(EVP_EncryptUpdate(context_.get(), reinterpret_cast<std::uint8_t*>(out.data()),
                                       &made, zeros.data(),
                                       static_cast<int>(out.size_bytes())) == 1);
    HIPPOCRYPT_CHECK(static_cast<std::size_t>(made) == out.size_bytes());
  }

 private:
  std::unique_ptr<EVP_CIPHER_CTX, decltype(&EVP_CIPHER_CTX_free)> context_{EVP_CIPHER_CTX_new(),
                                                                           &EVP_CIPHER_CTX_free};
};

void apply(std::span<std::uint32_t> words, const Mask& mask, std::uint64_t first_word,
           SecretArray<std::uint32_t>& scratch) {
  Keystream stream{mask.key, first_word};
  while (!words.empty()) {
    const auto piece = words.first(std::min(piece_words, words.size()));
    const auto pad = scratch.reveal().first(piece.size());
    stream.next(pad);
    if (mask.sign == MaskSign::add) {
      for (std::size_t i = 0; i < piece.size(); ++i) piece[i] += pad[i];
    } else {
      for (std::size_t i = 0; i < piece.size(); ++i) piece[i] -= pad[i];
    }
    words = words.subspan(piece.size());
  }
}

}  // namespace

void apply_mask(std::span<std::uint32_t> words, const Mask& mask, std::uint64_t first_word) {
  SecretArray<std::uint32_t> scratch(piece_words);
  apply(words, mask, first_word, scratch);
}

void apply_masks(std::span<std::uint32_t> words, std::span<const Mask> masks, std::size_t threads) {
  run_ranges(words.size(), mask_range_words, threads, [&](std::size_t begin, std::size_t count) {
    SecretArray<std::uint32_t> scratch(piece_words);
    for (const Mask& mask : masks) apply(words.subspan(begin, count), mask, begin, scratch);
  });
}

}  // namespace hippocrypt::federation::secagg
