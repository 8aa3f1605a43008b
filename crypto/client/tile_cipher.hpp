#pragma once
// Encryption of one tile of tokens and decryption of the server's answer (DESIGN §3.1).
// A tile is (features, T) with T ≤ N; feature j is the polynomial Σ_t round(D_t·x[j][t])·X^t.

#include <span>
#include <vector>

#include "base/bytes.hpp"
#include "base/matrix.hpp"
#include "crypto/client/one_time_secret.hpp"
#include "crypto/client/tile_pads.hpp"
#include "crypto/core/lane_polys.hpp"

namespace hippocrypt::crypto {

/// Public facts about one weight matrix that bound its products: max over rows of ‖W_i‖₂ and
/// ‖W_i‖₁, of the int8 values.
struct RowNormBounds {
  double max_l2 = 0;
  double max_l1 = 0;
};

struct EncryptedTile {
  Bytes body;                       ///< a row of T values a feature, in params.wire()
  std::vector<double> token_scale;  ///< D_t, kept by the client; infinite for zero columns
  ResponseKey key;
};

/// What the client keeps of a tile, to open the answer to it.
struct TileOpener {
  std::vector<double> token_scale;
  ResponseKey key;
};

/// Bytes of the body of a tile of `features` by `tokens`.
std::size_t tile_body_bytes(const Params& params, std::size_t features, std::size_t tokens);

/// b_j = a_j·s + e_j + m_j mod q for every feature, switched to params.wire().upload_bits. `masks`
/// holds at least x.rows() polynomials. D_t is the guaranteed scale of DESIGN §3.3, so no product
/// can wrap. Errors: not_finite (NaN or infinity in x), out_of_range (no tokens, more than N, or
/// bounds that leave no room for a message).
Result<EncryptedTile> encrypt_tile(const Params& params, LanePolysView masks, RowNormBounds bounds,
                                   ConstMatrixView x, OneTimeSecret secret, RandomSource& random);

/// The same with pads made ahead for x.rows() features: an addition and a rounding a value. The
/// pads are gone afterwards, also when x is refused. Errors: as above, and out_of_range when x has
/// other features, or more tokens, than the pads.
Result<EncryptedTile> encrypt_tile(const Params& params, TilePads pads, RowNormBounds bounds,
                                   ConstMatrixView x);

/// Both with the body, of tile_body_bytes(), written where it is wanted, and the features shared by
/// `threads`; the bytes do not depend on them.
Result<TileOpener> encrypt_tile_into(const Params& params, LanePolysView masks,
                                     RowNormBounds bounds, ConstMatrixView x, OneTimeSecret secret,
                                     RandomSource& random, std::span<std::uint8_t> body,
                                     std::size_t threads);
Result<TileOpener> encrypt_tile_into(const Params& params, TilePads pads, RowNormBounds bounds,
                                     ConstMatrixView x, std::span<std::uint8_t> body,
                                     std::size_t threads);

/// y (out, T) = W·x, exactly 0 in zero columns, without the weight rows' scales: centre(B_i·q/2^d
/// - H_i·s) / D_t. `answer` is out rows of T values of d = params.wire().download_bits bits;
/// `hints` the out polynomials of W in NTT form (only counted when the key holds pads). Errors:
/// malformed when `answer` has another length.
Result<Matrix> decrypt_tile(const Params& params, LanePolysView hints, ByteView answer,
                            const std::vector<double>& token_scale, ResponseKey key);

/// The same into y, whose rows are multiplied by `row_scale` unless that is empty, with the outputs
/// shared by `threads`. Hints, answer and y may be those of some outputs only: rows do not depend
/// on each other (a key that holds pads knows all outputs, and opens nothing less).
Status decrypt_tile_into(const Params& params, LanePolysView hints, ByteView answer,
                         const std::vector<double>& token_scale, const ResponseKey& key,
                         std::span<const float> row_scale, MatrixView y, std::size_t threads);

}  // namespace hippocrypt::crypto
