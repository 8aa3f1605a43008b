#pragma once
// Uniform numbers that a 256-bit key decides: ChaCha20's key stream (RFC 8439), the same on every
// machine. Different purposes give independent streams.

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

#include "base/keyed_stream.hpp"
#include "base/secret.hpp"

namespace hippocrypt::privacy {

inline constexpr std::size_t cipher_key_bytes = 32;

class KeyStream {
 public:
  /// `key` (cipher_key_bytes). The stream's key is SHA-256 over the purpose and the key.
  KeyStream(std::span<const std::uint8_t> key, std::string_view purpose);

  std::uint64_t next_u64();
  /// Uniform in [0, bound), bound > 0, by rejection: exactly uniform words give an exactly uniform
  /// number.
  std::uint64_t below(std::uint64_t bound);

 private:
  void refill();
  KeyedStream stream_;
  SecretArray<std::uint64_t> words_;
  std::size_t used_;
};

}  // namespace hippocrypt::privacy
