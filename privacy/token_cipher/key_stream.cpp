#include "privacy/token_cipher/key_stream.hpp"

#include <openssl/evp.h>

#include <algorithm>

#include "base/check.hpp"
#include "base/sha256.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr std::size_t words_at_once = 512;

}  // namespace

struct KeyStream::State {
  EVP_CIPHER_CTX* context = EVP_CIPHER_CTX_new();
  State() = default;
  State(const State&) = delete;
  State& operator=(const State&) = delete;
  ~State() { EVP_CIPHER_CTX_free(context); }  // wipes the key
};

KeyStream::KeyStream(std::span<const std::uint8_t> key, std::string_view purpose)
    : state_{std::make_unique<State>()}, words_{words_at_once}, used_{words_at_once} {
  HIPPOCRYPT_CHECK(key.size() == cipher_key_bytes);
  HIPPOCRYPT_CHECK(state_->context != nullptr);
  Hash256 own = Sha256{}.add_field(purpose).add_field(key).finish();
  // The counter and nonce start at 0: every (key, purpose) has a stream key of its own.
  const std::array<std::uint8_t, 16> start{};
  HIPPOCRYPT_CHECK(
      EVP_EncryptInit_ex(state_->context, EVP_chacha20(), nullptr, own.data(), start.data()) == 1);
  secure_wipe(own.data(), own.size());
}

KeyStream::~KeyStream() = default;

void KeyStream::refill() {
  const std::span<std::uint64_t> words = words_.reveal();
  const std::array<std::uint8_t, words_at_once * 8> zeros{};
  SecretBytes stream{zeros.size()};
  int written = 0;
  HIPPOCRYPT_CHECK(EVP_EncryptUpdate(state_->context, stream.reveal().data(), &written,
                                     zeros.data(), static_cast<int>(zeros.size())) == 1);
  const std::span<const std::uint8_t> bytes = stream.reveal();
  for (std::size_t i = 0; i < words.size(); ++i) {
    words[i] = 0;
    for (std::size_t b = 0; b < 8; ++b) words[i] |= std::uint64_t{bytes[8 * i + b]} << (8 * b);
  }
  used_ = 0;
}

std::uint64_t KeyStream::next_u64() {
  if (used_ == words_.size()) refill();
  return words_.reveal()[used_++];
}

std::uint64_t KeyStream::below(std::uint64_t bound) {
  HIPPOCRYPT_CHECK(bound > 0);
  // The largest multiple of bound that fits; words from it on would favour small numbers.
  const std::uint64_t excess = (UINT64_MAX % bound + 1) % bound;
  const std::uint64_t last = UINT64_MAX - excess;
  std::uint64_t word = next_u64();
  while (word > last) word = next_u64();
  return word % bound;
}

}  // namespace hippocrypt::privacy
