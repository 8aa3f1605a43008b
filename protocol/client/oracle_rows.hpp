#pragma once
// Internal to protocol/client: passes over the rows of activations and gradients, shared by
// threads; no result depends on their number.

#include <cstddef>
#include <span>

#include "base/matrix.hpp"
#include "base/result.hpp"

namespace hippocrypt::protocol {

/// Errors: not_finite (NaN or infinity in x).
Status check_finite(ConstMatrixView x, std::size_t threads);

/// Row r times scale[r]. Errors: not_finite (NaN or infinity in the result, and so in x).
Result<Matrix> scaled_rows(ConstMatrixView x, std::span<const float> scale, std::size_t threads);

/// Columns [begin, begin + width), zero beyond x's last; `store` holds them if x does not.
ConstMatrixView padded_columns(ConstMatrixView x, std::size_t begin, std::size_t width,
                               Matrix& store);

/// Writes the columns of `tile` that y has to y, from column `begin`.
void write_columns(const Matrix& tile, std::size_t begin, MatrixView y);

}  // namespace hippocrypt::protocol
