#pragma once
// A secret that can encrypt once. Two messages under one (mask, secret) would give the difference
// of the messages away, so encrypt_tile() consumes the secret and leaves a key that can only
// decrypt.

#include <cstdint>
#include <utility>

#include "base/random.hpp"
#include "base/secret.hpp"
#include "crypto/core/params.hpp"

namespace hippocrypt::crypto {

/// s in NTT form with Shoup quotients. Move-only, wiped, without a way to print or serialise it.
class OneTimeSecret {
 public:
  /// Draws s with TUniform(2^b) coefficients from an AES stream keyed by 32 bytes of `random`,
  /// which must be SystemRandom outside tests: two equal streams would encrypt two messages under
  /// one secret.
  static OneTimeSecret sample(const Params& params, RandomSource& random);

 private:
  friend class SecretAccess;
  OneTimeSecret() = default;
  SecretArray<std::uint32_t> ntt_;        ///< ŝ/N, N words in [0, q): the inverse transform's 1/N
  SecretArray<std::uint32_t> quotients_;  ///< ⌊ntt·2^32/q⌋
};

/// What is left of a OneTimeSecret after encrypt_tile(): opens the one answer to that ciphertext.
class ResponseKey {
 private:
  friend class SecretAccess;
  explicit ResponseKey(OneTimeSecret secret) : secret_{std::move(secret)} {}
  OneTimeSecret secret_;
};

}  // namespace hippocrypt::crypto
