#pragma once
// The guaranteed scale of DESIGN 3.3: by Cauchy-Schwarz no product of any row with any token can
// wrap.

#include <vector>

#include "base/matrix.hpp"
#include "crypto/client/tile_cipher.hpp"

namespace hippocrypt::crypto {

/// D_t = message_room/(max_l2·‖x_t‖₂) for each column t of x, and 1 for zero columns. A max_l2
/// below 1 counts as 1, which is the least norm of a row of integers that is not zero. Errors:
/// out_of_range (bounds that are not numbers, negative, or leave no room for a message), not_finite
/// (NaN or infinity in x).
Result<std::vector<double>> guaranteed_scales(const Params& params, RowNormBounds bounds,
                                              ConstMatrixView x);

}  // namespace hippocrypt::crypto
