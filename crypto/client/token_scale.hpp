#pragma once
// The guaranteed scale of DESIGN 3.3: by Cauchy-Schwarz no product of any row with any token can
// wrap.

#include <vector>

#include "base/matrix.hpp"
#include "crypto/client/tile_cipher.hpp"

namespace hippocrypt::crypto {

/// D_t = message_room/(max_l2·‖x_t‖₂) for each column t of x; infinity for zero columns, whose
/// products are known to be zero: 1/D_t = 0 then removes the noise that would otherwise come back
/// in units of 1/D_t (a gradient has many such columns). A max_l2 below 1 counts as 1, which is the
/// least norm of a row of integers that is not zero. Errors: out_of_range (bounds that are not
/// numbers, negative, or leave no room for a message), not_finite (NaN or infinity in x).
Result<std::vector<double>> guaranteed_scales(const Params& params, RowNormBounds bounds,
                                              ConstMatrixView x, std::size_t threads = 1);

}  // namespace hippocrypt::crypto
