#include "privacy/accounting/hockey_stick.hpp"

#include <cmath>

#include "base/check.hpp"
#include "privacy/accounting/analytic_gaussian.hpp"

namespace hippocrypt::privacy {

double sampled_gaussian_delta(const SampledStep& step, Direction direction, double epsilon) {
  const double q = step.sampling_rate;
  const double sigma = step.noise_multiplier;
  HIPPOCRYPT_CHECK(q > 0.0 && q <= 1.0 && sigma > 0.0 && std::isfinite(epsilon));
  // Sampling moves a point of the Gaussian's own curve: the event { loss > epsilon } is a half line
  // that belongs to another epsilon without sampling.
  if (direction == Direction::remove) {
    const double excess = std::expm1(epsilon) / q;
    if (excess <= -1.0) return -std::expm1(epsilon);
    return q * gaussian_delta(sigma, std::log1p(excess));
  }
  const double weight = q * std::exp(epsilon) - std::expm1(epsilon);  // 1 - e^epsilon (1 - q)
  if (weight <= 0.0) return 0.0;
  return weight * gaussian_delta(sigma, std::log(q) + epsilon - std::log(weight));
}

}  // namespace hippocrypt::privacy
