#pragma once
// Words that a key decides (ChaCha20, RFC 8439; OpenSSL): random to everybody without the key.

#include <memory>

#include "base/random.hpp"
#include "base/secret.hpp"

namespace hippocrypt {

/// Words of ChaCha20 under one key from its start; the same key gives the same words.
class KeyedStream final : public RandomSource {
 public:
  explicit KeyedStream(const SecretBytes& key);  ///< 32 bytes
  ~KeyedStream() override;
  KeyedStream(const KeyedStream&) = delete;
  KeyedStream& operator=(const KeyedStream&) = delete;
  void fill(std::span<std::uint8_t> out) override;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace hippocrypt
