#pragma once
// A fast stream of secret random bytes for one short task, keyed by a slower source.

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>

#include "base/random.hpp"

namespace hippocrypt::crypto {

/// AES-256 in counter mode under a key of 32 bytes that `source` gives. Make one for each secret or
/// encryption and drop it: a stream that lived on through a fork or a restored snapshot would
/// repeat. The key schedule is wiped by OpenSSL when it dies.
class StreamRandom final : public RandomSource {
 public:
  static constexpr std::size_t key_bytes = 32;

  explicit StreamRandom(RandomSource& source);
  /// `key` must be fresh: the counter starts at zero.
  explicit StreamRandom(std::span<const std::uint8_t, key_bytes> key);
  ~StreamRandom() override;
  StreamRandom(const StreamRandom&) = delete;
  StreamRandom& operator=(const StreamRandom&) = delete;

  void fill(std::span<std::uint8_t> out) override;

 private:
  struct Cipher;
  std::unique_ptr<Cipher> cipher_;
};

}  // namespace hippocrypt::crypto
