#include "privacy/dp_sgd/clipping.hpp"

#include <algorithm>
#include <cmath>

#include "base/check.hpp"

namespace hippocrypt::privacy {

LotAccumulator::LotAccumulator(std::size_t size, double clip) : sum_(size), clip_{clip} {
  HIPPOCRYPT_CHECK(clip > 0.0 && std::isfinite(clip), "the clip norm must be finite and above 0");
}

void LotAccumulator::add(std::span<const float> gradient) {
  HIPPOCRYPT_CHECK(gradient.size() == sum_.size(), "a gradient of another size");
  // Squares of floats stay below 2^256 and their sum far below the largest double, so the norm is
  // finite exactly when every value is.
  double square_sum = 0.0;
  for (const float value : gradient) {
    square_sum += static_cast<double>(value) * static_cast<double>(value);
  }
  ++units_;
  if (!std::isfinite(square_sum)) {
    ++rejected_;
    return;
  }
  const double factor = std::min(1.0, clip_ / (std::sqrt(square_sum) + 1e-6));
  if (factor < 1.0) ++clipped_;
  const std::span<double> sum = sum_.reveal();
  for (std::size_t i = 0; i < sum.size(); ++i) sum[i] += factor * static_cast<double>(gradient[i]);
}

}  // namespace hippocrypt::privacy
