#pragma once
// Internal to crypto/client (and its tests): the only way to the inside of secrets and response
// keys.

#include <span>
#include <utility>

#include "crypto/client/one_time_secret.hpp"

namespace hippocrypt::crypto {

class SecretAccess {
 public:
  /// ŝ/N; empty when the secret has been moved from.
  static std::span<const std::uint32_t> ntt(const OneTimeSecret& secret) {
    return secret.ntt_.reveal();
  }
  static std::span<const std::uint32_t> quotients(const OneTimeSecret& secret) {
    return secret.quotients_.reveal();
  }
  static OneTimeSecret make(SecretArray<std::uint32_t> ntt, SecretArray<std::uint32_t> quotients) {
    OneTimeSecret secret;
    secret.ntt_ = std::move(ntt);
    secret.quotients_ = std::move(quotients);
    return secret;
  }
  static ResponseKey response_key(OneTimeSecret secret) { return ResponseKey{std::move(secret)}; }
  static const OneTimeSecret& secret(const ResponseKey& key) { return key.secret_; }
};

}  // namespace hippocrypt::crypto
