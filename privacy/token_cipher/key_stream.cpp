#include "privacy/token_cipher/key_stream.hpp"

#include <algorithm>

#include "base/check.hpp"
#include "base/sha256.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr std::size_t words_at_once = 512;

/// The counter and nonce of a stream start at 0: every (key, purpose) has a key of its own.
SecretBytes stream_key(std::span<const std::uint8_t> key, std::string_view purpose) {
  HIPPOCRYPT_CHECK(key.size() == cipher_key_bytes);
  Hash256 hash = Sha256{}.add_field(purpose).add_field(key).finish();
  SecretBytes own(hash.size());
  std::copy(hash.begin(), hash.end(), own.reveal().begin());
  secure_wipe(hash.data(), hash.size());
  return own;
}

}  // namespace

KeyStream::KeyStream(std::span<const std::uint8_t> key, std::string_view purpose)
    : stream_{stream_key(key, purpose)}, words_{words_at_once}, used_{words_at_once} {}

void KeyStream::refill() {
  const std::span<std::uint64_t> words = words_.reveal();
  SecretBytes stream(8 * words.size());
  stream_.fill(stream.reveal());
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
