#pragma once
// Secrets that two hospitals share: X25519 (RFC 7748; OpenSSL). Pairs live for one attempt.

#include <array>
#include <memory>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/secret.hpp"

namespace hippocrypt::federation::secagg {

using PublicKey = std::array<std::uint8_t, 32>;

/// A private key and its public key; move-only, wiped by OpenSSL when it dies.
class KeyPair {
 public:
  /// The pair whose private key is these 32 bytes.
  static KeyPair of(const SecretBytes& private_key);
  ~KeyPair();
  KeyPair(KeyPair&&) noexcept;
  KeyPair& operator=(KeyPair&&) noexcept;

  const PublicKey& public_key() const { return public_key_; }
  /// 32 bytes that only the two owners can compute; a key for HKDF, not one to use as it is.
  /// Errors: tampered (`other` is of low order: the result would be known to everybody).
  Result<SecretBytes> agree(const PublicKey& other) const;

 private:
  struct State;
  explicit KeyPair(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
  PublicKey public_key_{};
};

}  // namespace hippocrypt::federation::secagg
