#pragma once
// Everything of one tile that does not depend on its data, made ahead while the server works
// (DESIGN §3.1), so that encryption and decryption on the critical path are an addition and a
// rounding a value.

#include <cstddef>

#include "base/random.hpp"
#include "base/sha256.hpp"
#include "crypto/client/aligned_words.hpp"
#include "crypto/client/one_time_secret.hpp"
#include "crypto/core/lane_polys.hpp"
#include "crypto/core/params.hpp"

namespace hippocrypt::crypto {

/// The pads a_j·s + e_j and H_i·s of one secret, the first T coefficients of each. Move-only,
/// wiped when dropped; encrypts one tile and is consumed by that.
class TilePads {
 public:
  /// Pads for tiles of `inputs` features and up to `tokens` tokens (1 to N), from the first
  /// `inputs` masks and all hints. Consumes the secret. The same bytes of `random` as
  /// encrypt_tile() would take give the same ciphertext.
  static TilePads make(const Params& params, LanePolysView masks, std::size_t inputs,
                       LanePolysView hints, std::size_t tokens, OneTimeSecret secret,
                       RandomSource& random);

  std::size_t inputs() const { return inputs_; }
  std::size_t outputs() const { return decryption_.outputs; }
  std::size_t tokens() const { return tokens_; }
  /// What this holds in memory.
  std::size_t bytes() const;

 private:
  friend class SecretAccess;
  TilePads() = default;
  Hash256 params_{};  ///< fingerprint
  AlignedSecretWords
      encryption_;  ///< a_j·s + e_j + q, not reduced; rows of decryption_.stride words
  DecryptionPads decryption_;
  std::size_t inputs_ = 0, tokens_ = 0;
};

}  // namespace hippocrypt::crypto
