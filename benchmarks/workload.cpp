#include "benchmarks/workload.hpp"

#include <algorithm>
#include <cmath>

#include "base/random.hpp"
#include "crypto/core/masks.hpp"

namespace hippocrypt::bench {

crypto::RowNormBounds Weights::bounds() const {
  crypto::RowNormBounds bounds;
  for (std::size_t i = 0; i < out; ++i) {
    double l1 = 0, squares = 0;
    for (std::size_t j = 0; j < in; ++j) {
      const double w = values[i * in + j];
      l1 += std::fabs(w);
      squares += w * w;
    }
    bounds.max_l1 = std::max(bounds.max_l1, l1);
    bounds.max_l2 = std::max(bounds.max_l2, std::sqrt(squares));
  }
  return bounds;
}

Weights random_weights(std::size_t out, std::size_t in) {
  SeededSequence sequence{1, "weights"};
  Weights weights{std::vector<std::int8_t>(out * in), out, in};
  for (auto& w : weights.values) {
    w = static_cast<std::int8_t>(static_cast<int>(sequence.below(255)) - 127);
  }
  return weights;
}

Matrix random_matrix(std::size_t rows, std::size_t cols) {
  SeededSequence sequence{2, "matrix"};
  Matrix x{rows, cols};
  for (float& value : x.values()) value = static_cast<float>(sequence.normal());
  return x;
}

crypto::LanePolys random_polys(const crypto::Params& params, std::size_t count) {
  return crypto::make_masks(params, Hash256{}, crypto::MaskNonce{}, count);
}

}  // namespace hippocrypt::bench
