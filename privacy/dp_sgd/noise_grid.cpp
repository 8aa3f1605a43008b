#include "privacy/dp_sgd/noise_grid.hpp"

#include <algorithm>
#include <cmath>

#include "base/check.hpp"
#include "privacy/dp_sgd/discrete_gaussian.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr int sensitivity_bits = 26;

}  // namespace

NoiseGrid NoiseGrid::of(double noise_multiplier) {
  HIPPOCRYPT_CHECK(noise_multiplier > 0.0 && std::isfinite(noise_multiplier));
  constexpr int fewest_bits = 10;  // of sigma: what the derivation needs
  constexpr double largest = 0x1p30;
  const double octaves = std::ceil(std::log2(noise_multiplier));
  const int bits = static_cast<int>(std::clamp(sensitivity_bits + octaves, double{fewest_bits},
                                               double{DiscreteGaussian::max_log2_sigma}));
  return {bits, std::min(std::ldexp(1.0, bits) / noise_multiplier, largest), true};
}

NoiseGrid NoiseGrid::without_noise(double clip) {
  return {0, std::max(std::ldexp(1.0, sensitivity_bits), std::ldexp(clip, 30)), false};
}

}  // namespace hippocrypt::privacy
