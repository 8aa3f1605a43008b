#pragma once
// Internal to crypto/client (and its tests): the only way to the inside of secrets and response
// keys.

#include <span>
#include <utility>

#include "crypto/client/one_time_secret.hpp"
#include "crypto/client/tile_pads.hpp"

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
  static ResponseKey response_key(DecryptionPads pads) { return ResponseKey{std::move(pads)}; }
  static const OneTimeSecret& secret(const ResponseKey& key) { return key.secret_; }
  /// a_j·s + e_j + q in rows of decryption_pads().stride words; empty when the pads have been used.
  static const AlignedSecretWords& encryption_rows(const TilePads& pads) {
    return pads.encryption_;
  }
  static const Hash256& params(const TilePads& pads) { return pads.params_; }
  static DecryptionPads& decryption_pads(TilePads& pads) { return pads.decryption_; }
  /// No rows when the key holds a secret.
  static const DecryptionPads& pads(const ResponseKey& key) { return key.pads_; }
};

}  // namespace hippocrypt::crypto
