#pragma once
// Encryption of one tile of tokens and decryption of the server's answer, in the scalar scheme: one
// ciphertext a value, so that a tile may have any number of tokens.

#include <vector>

#include "base/bytes.hpp"
#include "base/matrix.hpp"
#include "crypto/client/tile_cipher.hpp"
#include "crypto/lwe/client/lwe_secret.hpp"

namespace hippocrypt::crypto {

struct LweTile {
  Bytes body;                       ///< lwe_body_bytes(features, T): the seed, then b
  std::vector<double> token_scale;  ///< D_t, kept by the client; infinite for zero columns
};

/// b[j][t] = <A_t[j], s> + e + round(D_t·x[j][t]) mod 2^32 under a seed drawn afresh from `random`,
/// which must be SystemRandom outside tests. D_t is lwe_message_room / (max_l2·‖x_t‖₂): by
/// Cauchy-Schwarz no product can wrap. Errors: not_finite (NaN or infinity in x), out_of_range (no
/// tokens, no or more than lwe_max_inputs features, or bounds that leave no room for a message).
Result<LweTile> lwe_encrypt(const LweSecret& secret, RowNormBounds bounds, ConstMatrixView x,
                            RandomSource& random);

/// y (outputs, T) = W·x, exactly 0 in zero columns, without the weight rows' scales: centre(b' -
/// <A', s>) / D_t. Errors: malformed when `answer` is not lwe_answer_bytes(outputs, T) long.
Result<Matrix> lwe_decrypt(const LweSecret& secret, ByteView answer, std::size_t outputs,
                           const std::vector<double>& token_scale);

}  // namespace hippocrypt::crypto
