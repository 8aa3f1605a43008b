#pragma once
// A secret that can encrypt once. Two messages under one (mask, secret) would give the difference
// of the messages away, so encrypt_tile() consumes the secret and leaves a key that can only
// decrypt.

#include <cstdint>
#include <utility>

#include "base/random.hpp"
#include "base/secret.hpp"
#include "crypto/client/aligned_words.hpp"
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
  friend class ResponseKey;
  OneTimeSecret() = default;
  SecretArray<std::uint32_t> ntt_;        ///< ŝ/N, N words in [0, q): the inverse transform's 1/N
  SecretArray<std::uint32_t> quotients_;  ///< ⌊ntt·2^32/q⌋
};

/// H_i·s of every output i, in rows of `stride` words in [0, q); made ahead by TilePads.
struct DecryptionPads {
  AlignedSecretWords rows;
  std::size_t outputs = 0, stride = 0;
};

/// What is left of a OneTimeSecret after encrypt_tile(): opens the one answer to that ciphertext.
/// Holds the secret, or the pads that it gave.
class ResponseKey {
 private:
  friend class SecretAccess;
  explicit ResponseKey(OneTimeSecret secret) : secret_{std::move(secret)} {}
  explicit ResponseKey(DecryptionPads pads) : pads_{std::move(pads)} {}
  OneTimeSecret secret_;
  DecryptionPads pads_;
};

}  // namespace hippocrypt::crypto
