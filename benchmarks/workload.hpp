#pragma once
// Random inputs of the benchmarks. What they are does not matter to any kernel.

#include <cstdint>
#include <vector>

#include "base/matrix.hpp"
#include "crypto/client/tile_cipher.hpp"
#include "crypto/core/lane_polys.hpp"
#include "crypto/core/params.hpp"
#include "crypto/server/product.hpp"

namespace hippocrypt::bench {

struct Weights {
  std::vector<std::int8_t> values;
  std::size_t out, in;
  crypto::Int8MatrixView view() const { return {values, out, in}; }
  crypto::RowNormBounds bounds() const;
};

/// Uniform in [-127, 127].
Weights random_weights(std::size_t out, std::size_t in);
/// Standard normal.
Matrix random_matrix(std::size_t rows, std::size_t cols);
/// Uniform masks, which do for hints too.
crypto::LanePolys random_polys(const crypto::Params& params, std::size_t count);

}  // namespace hippocrypt::bench
