#include "privacy/accounting/rdp_divergence.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <vector>

#include "base/check.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr int largest_summed_order = 4096;  // the binomials still fit a long double
constexpr int usual_largest_summed_order = 128;
constexpr double smallest_quadrature_sigma = 0.1;

/// Sum of exponentials, kept relative to the largest one seen.
class LogSum {
 public:
  void add(double exponent) {
    if (exponent == -infinity) return;
    if (exponent <= largest_) {
      sum_ += std::exp(exponent - largest_);
      return;
    }
    sum_ = sum_ * std::exp(largest_ - exponent) + 1.0;
    largest_ = exponent;
  }
  double log() const { return sum_ > 0.0 ? largest_ + std::log(sum_) : -infinity; }

 private:
  double largest_ = -infinity;
  double sum_ = 0.0;
};

/// log(1 + e^x) without overflow.
double softplus(double x) {
  return x > 0.0 ? x + std::log1p(std::exp(-x)) : std::log1p(std::exp(x));
}

/// log(e^x - 1) for x > 0.
double log_expm1(double x) { return x > 700.0 ? x : std::log(std::expm1(x)); }

/// log A from log(A - 1), divided as rho asks.
double rho_from_excess(double log_excess, double order) {
  return log_excess == infinity ? infinity : softplus(log_excess) / (order - 1.0);
}

/// log((1+y)^alpha - 1 - alpha y) by the binomial series from k = 2, for small y: the direct form
/// loses everything to cancellation there.
double log_excess_series(double alpha, double y) {
  double coefficient = alpha * (alpha - 1.0) / 2.0;
  double power = 1.0;
  double sum = 0.0;
  for (int k = 2; k < 60; ++k) {
    const double term = coefficient * power;
    sum += term;
    if (std::abs(term) < 1e-18 * std::abs(sum)) break;
    coefficient *= (alpha - k) / (k + 1.0);
    power *= y;
  }
  return 2.0 * std::log(std::abs(y)) + std::log(sum);
}

/// log g(z), g = r^alpha - 1 - alpha (r - 1) >= 0, where u = (2z - 1) / (2 sigma^2) and
/// r = 1 - q + q e^u. Three regimes, each where it keeps its digits.
double log_excess(double q, double alpha, double u) {
  double log_ratio = 0.0;
  double y = 0.0;
  if (u > 30.0) {
    log_ratio = std::log(q) + u + std::log1p((1.0 - q) / q * std::exp(-u));
    y = log_ratio < 700.0 ? std::expm1(log_ratio) : infinity;
  } else {
    y = q * std::expm1(u);
    log_ratio = std::log1p(y);
  }
  if (y == 0.0) return -infinity;
  if (alpha * std::abs(y) < 0.3 && std::abs(y) < 0.1) return log_excess_series(alpha, y);
  const double growth = alpha * log_ratio;
  if (growth < 30.0) return std::log(std::expm1(growth) - alpha * y);
  const double subtracted =
      alpha * std::exp(-(alpha - 1.0) * log_ratio) + (1.0 - alpha) * std::exp(-growth);
  return growth + std::log1p(-subtracted);
}

/// An upper bound in closed form: r^alpha <= 1 - q + q L^alpha by convexity, where L is the ratio
/// of the two Gaussians and E[L^alpha] = exp(alpha (alpha - 1) / (2 sigma^2)).
double rho_by_convexity(const SampledStep& step, double order) {
  const double q = step.sampling_rate;
  const double sigma = step.noise_multiplier;
  const double exponent = order * (order - 1.0) / (2.0 * sigma * sigma);
  return exponent == infinity ? infinity
                              : rho_from_excess(std::log(q) + log_expm1(exponent), order);
}

}  // namespace

double rho_by_quadrature(const SampledStep& step, double order) {
  const double q = step.sampling_rate;
  const double sigma = step.noise_multiplier;
  HIPPOCRYPT_CHECK(q > 0.0 && q < 1.0 && sigma > 0.0 && order > 1.0);
  // The integrand is analytic in a strip of half-width pi sigma^2, so the trapezoid rule converges
  // exponentially; both of its humps (at 0 and near alpha) lie inside the range with 12 sigma to
  // spare.
  const double variance = sigma * sigma;
  const double spacing = std::min(sigma, variance) / 8.0;
  const double first = -12.0 * sigma;
  const double range = order + 24.0 * sigma;
  HIPPOCRYPT_CHECK(range / spacing < 1e9, "sigma is too small for the quadrature");
  const auto intervals = static_cast<long>(std::ceil(range / spacing));
  LogSum integral;
  for (long i = 0; i <= intervals; ++i) {
    const double z = first + static_cast<double>(i) * spacing;
    const double u = (2.0 * z - 1.0) / (2.0 * variance);
    integral.add(log_excess(q, order, u) - z * z / (2.0 * variance));
  }
  const double log_density_unit = -std::log(sigma) - 0.5 * std::log(2.0 * std::numbers::pi);
  return rho_from_excess(integral.log() + std::log(spacing) + log_density_unit, order);
}

double rho_by_integer_sum(const SampledStep& step, int order) {
  const double q = step.sampling_rate;
  const double sigma = step.noise_multiplier;
  HIPPOCRYPT_CHECK(q > 0.0 && q < 1.0 && sigma > 0.0);
  HIPPOCRYPT_CHECK(order >= 2 && order <= largest_summed_order);
  const double log_q = std::log(q);
  const double log_rest = std::log1p(-q);
  const double variance = sigma * sigma;
  auto binomial = static_cast<long double>(order);
  LogSum excess;
  for (int k = 2; k <= order; ++k) {
    binomial *= static_cast<long double>(order - k + 1) / static_cast<long double>(k);
    const double exponent = static_cast<double>(k) * (k - 1.0) / (2.0 * variance);
    if (std::isinf(exponent)) return infinity;
    const double log_weight =
        static_cast<double>(std::log(binomial)) + k * log_q + (order - k) * log_rest;
    excess.add(log_weight + log_expm1(exponent));
  }
  return rho_from_excess(excess.log(), order);
}

double rho(const SampledStep& step, double order) {
  const double q = step.sampling_rate;
  const double sigma = step.noise_multiplier;
  HIPPOCRYPT_CHECK(q >= 0.0 && q <= 1.0 && sigma >= 0.0 && order > 1.0 && std::isfinite(order));
  if (q == 0.0) return 0.0;
  if (sigma == 0.0) return infinity;
  if (q == 1.0) return order / (2.0 * sigma * sigma);
  const bool is_integer = order == std::floor(order);
  const bool is_noise_small = sigma < smallest_quadrature_sigma;
  const int summed = is_noise_small ? largest_summed_order : usual_largest_summed_order;
  if (is_integer && order <= summed) return rho_by_integer_sum(step, static_cast<int>(order));
  return is_noise_small ? rho_by_convexity(step, order) : rho_by_quadrature(step, order);
}

}  // namespace hippocrypt::privacy
