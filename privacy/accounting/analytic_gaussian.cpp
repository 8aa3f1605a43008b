#include "privacy/accounting/analytic_gaussian.hpp"

#include <algorithm>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>
#include <limits>
#include <numbers>

#include <fmt/core.h>

#include "base/check.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr double smallest_delta = 1e-200;
constexpr double largest_epsilon = 1e6;
// What rounding may cost relative to the result (see gaussian_delta), on the safe side.
constexpr double margin = 2e-13;

double density(double x) { return std::exp(-0.5 * x * x) / std::sqrt(2.0 * std::numbers::pi); }

double cumulative(double x) { return 0.5 * std::erfc(-x / std::numbers::sqrt2); }

/// 1 / M(x) - x for x >= 10, where M is Mills' ratio: Laplace's continued fraction
/// 1 / (x + 2 / (x + 3 / ...)), all of it positive.
double inverse_mills_excess(double x) {
  double tail = x;
  for (int k = 40; k >= 2; --k) tail = x + k / tail;
  return 1.0 / tail;
}

/// Mills' ratio Phi(-x) / phi(x), for x >= -10.
double mills(double x) {
  return x < 10.0 ? cumulative(-x) / density(x) : 1.0 / (x + inverse_mills_excess(x));
}

/// The first double in (low, high] at which the monotone `is_enough` holds. Needs is_enough(high).
template <class Predicate>
double first_enough(double low, double high, const Predicate& is_enough) {
  for (;;) {
    const double middle = low + 0.5 * (high - low);
    if (middle <= low || middle >= high) return high;
    (is_enough(middle) ? high : low) = middle;
  }
}

Error bad(const char* field, double value, const char* allowed) {
  return {Errc::out_of_range,
          fmt::format("the Gaussian mechanism's {} is {}; allowed is {}", field, value, allowed)};
}

Status check_delta(double delta) {
  if (delta >= smallest_delta && delta < 1.0) return {};
  return bad("delta", delta, "a value from 1e-200 to below 1");
}

}  // namespace

double gaussian_delta(double noise_multiplier, double epsilon) {
  HIPPOCRYPT_CHECK(noise_multiplier > 0.0 && std::isfinite(noise_multiplier));
  HIPPOCRYPT_CHECK(std::isfinite(epsilon));
  const double gap = 1.0 / noise_multiplier;
  // With a = 1/(2s) - epsilon s and b = a - 1/s the densities obey phi(a) = e^epsilon phi(b), so
  // delta = phi(a) (M(-a) - M(-b)), where M is Mills' ratio.
  const double a = 0.5 * gap - epsilon * noise_multiplier;
  const double minus_b = 0.5 * gap + epsilon * noise_multiplier;
  if (noise_multiplier < 1.0 || minus_b < 0.0) {
    const double subtracted =
        minus_b < 0.0 ? std::exp(epsilon) * cumulative(-minus_b) : density(a) * mills(minus_b);
    return std::max(0.0, cumulative(a) - subtracted);
  }
  // Much noise: the two ratios are close. Integrate -M'(x) = 1 - x M(x) > 0 over the gap instead.
  const auto slope = [](double x) {
    if (x < 10.0) return 1.0 - x * mills(x);
    const double excess = inverse_mills_excess(x);
    return excess / (x + excess);
  };
  using Rule = boost::math::quadrature::gauss<double, 15>;
  return density(a) * gap *
         Rule::integrate([&](double part) { return slope(part * gap - a); }, 0.0, 1.0);
}

Result<double> gaussian_noise_multiplier(const EpsilonDelta& target) {
  if (!(target.epsilon >= 0.0 && target.epsilon <= largest_epsilon)) {
    return bad("epsilon", target.epsilon, "a value in [0, 1e6]");
  }
  HIPPOCRYPT_TRY_VOID(check_delta(target.delta));
  const auto is_enough = [&](double noise) {
    return gaussian_delta(noise, target.epsilon) * (1.0 + margin) <= target.delta;
  };
  double high = 1.0;
  while (!is_enough(high)) high *= 2.0;  // ends: delta(s, epsilon) <= 1 / (s sqrt(2 pi))
  double low = 0.5 * high;
  while (is_enough(low)) low *= 0.5;  // ends: delta(s, epsilon) -> 1 for s -> 0
  return first_enough(low, high, is_enough) * (1.0 + margin);
}

Result<double> gaussian_epsilon(double noise_multiplier, double delta) {
  if (!(noise_multiplier >= 0.0 && std::isfinite(noise_multiplier))) {
    return bad("noise multiplier", noise_multiplier, "a finite value of at least 0");
  }
  HIPPOCRYPT_TRY_VOID(check_delta(delta));
  const auto is_enough = [&](double epsilon) {
    return gaussian_delta(noise_multiplier, epsilon) * (1.0 + margin) <= delta;
  };
  if (noise_multiplier < 1e-150) return std::numeric_limits<double>::infinity();
  if (is_enough(0.0)) return 0.0;
  double high = 1.0;
  while (!is_enough(high)) high *= 2.0;
  return first_enough(0.0, high, is_enough) * (1.0 + margin);
}

}  // namespace hippocrypt::privacy
