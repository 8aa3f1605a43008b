#include "privacy/accounting/amplification.hpp"

#include <cmath>
#include <map>
#include <utility>

#include "privacy/accounting/analytic_gaussian.hpp"

namespace hippocrypt::privacy {

Result<double> epsilon_without_amplification(std::span<const SampledGaussian> events,
                                             double delta) {
  std::map<std::pair<double, double>, std::uint64_t> steps;
  for (const SampledGaussian& event : events) {
    steps[{event.sampling_rate, event.noise_multiplier}] += event.steps;
  }
  double precision = 0.0;
  for (const auto& [key, count] : steps) {
    // A product that is whole but for rounding is that number.
    const double uses = std::ceil(key.first * static_cast<double>(count) * (1.0 - 1e-12));
    if (uses > 0.0) precision += uses / (key.second * key.second);
  }
  if (precision == 0.0) return 0.0;
  return gaussian_epsilon(1.0 / std::sqrt(precision), delta);
}

}  // namespace hippocrypt::privacy
