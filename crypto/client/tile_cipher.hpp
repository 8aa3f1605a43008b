#pragma once
// Encryption of one tile of tokens and decryption of the server's answer (DESIGN §3.1).
// A tile is (features, T) with T ≤ N; feature j is the polynomial Σ_t round(D_t·x[j][t])·X^t.

#include <vector>

#include "base/bytes.hpp"
#include "base/matrix.hpp"
#include "crypto/client/one_time_secret.hpp"
#include "crypto/core/lane_polys.hpp"

namespace hippocrypt::crypto {

/// Public facts about one weight matrix that bound its products: max over rows of ‖W_i‖₂ and
/// ‖W_i‖₁, of the int8 values.
struct RowNormBounds {
  double max_l2 = 0;
  double max_l1 = 0;
};

struct EncryptedTile {
  Bytes body;                       ///< features·T values of 3 little-endian bytes, feature-major
  std::vector<double> token_scale;  ///< D_t, kept by the client; infinite for zero columns
  ResponseKey key;
};

/// b_j = a_j·s + e_j + m_j mod q for every feature, switched to 24 bits. `masks` holds at least
/// x.rows() polynomials. D_t is the guaranteed scale of DESIGN §3.3, so no product can wrap.
/// Errors: not_finite (NaN or infinity in x), out_of_range (no tokens, more than N, or bounds that
/// leave no room for a message).
Result<EncryptedTile> encrypt_tile(const Params& params, LanePolysView masks, RowNormBounds bounds,
                                   ConstMatrixView x, OneTimeSecret secret, RandomSource& random);

/// y (out, T) = W·x, exactly 0 in zero columns, without the weight rows' scales: centre(B_i·q/2^16
/// - H_i·s) / D_t. `answer` is out·T values of 2 little-endian bytes; `hints` the out polynomials
/// of W in NTT form. Errors: malformed when the length of `answer` is not out·T·2.
Result<Matrix> decrypt_tile(const Params& params, LanePolysView hints, ByteView answer,
                            const std::vector<double>& token_scale, ResponseKey key);

}  // namespace hippocrypt::crypto
