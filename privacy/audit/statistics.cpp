#include "privacy/audit/statistics.hpp"

#include <algorithm>
#include <boost/math/special_functions/beta.hpp>
#include <boost/math/special_functions/gamma.hpp>
#include <cmath>
#include <numeric>
#include <vector>

#include "base/check.hpp"

namespace hippocrypt::privacy::audit {

namespace {

/// Where the tail is 0 for all purposes, and out of the incomplete gamma function's reach: by the
/// Wilson-Hilferty normal law for the cube root.
bool is_far(double sum, double freedom) {
  if (!std::isfinite(sum) || sum <= 0) return true;
  const double part = 2 / (9 * freedom);
  return std::abs((std::cbrt(sum / freedom) - (1 - part)) / std::sqrt(part)) > 25;
}

}  // namespace

double normal_cdf(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

double two_sided_normal(double z) { return std::erfc(std::abs(z) / std::sqrt(2.0)); }

double lower_chi_square(double sum, double freedom) {
  if (is_far(sum, freedom)) return sum < freedom ? 0 : 1;
  return boost::math::gamma_p(0.5 * freedom, 0.5 * sum);
}

double upper_chi_square(double sum, double freedom) {
  if (is_far(sum, freedom)) return sum < freedom ? 1 : 0;
  return boost::math::gamma_q(0.5 * freedom, 0.5 * sum);
}

double two_sided_chi_square(double sum, double freedom) {
  return std::min(1.0,
                  2 * std::min(lower_chi_square(sum, freedom), upper_chi_square(sum, freedom)));
}

double binomial_at_least(std::uint64_t n, double p, std::uint64_t k) {
  HIPPOCRYPT_CHECK(p >= 0 && p <= 1);
  if (k == 0) return 1;
  if (k > n || p == 0) return 0;
  if (p == 1) return 1;
  return boost::math::ibeta(static_cast<double>(k), static_cast<double>(n - k) + 1, p);
}

double two_sided_binomial(std::uint64_t n, double p, std::uint64_t k) {
  const double above = binomial_at_least(n, p, k);
  const double below = 1 - binomial_at_least(n, p, k + 1);
  return std::min(1.0, 2 * std::min(above, below));
}

double clopper_pearson_lower(std::uint64_t n, std::uint64_t k, double significance) {
  HIPPOCRYPT_CHECK(k <= n);
  if (k == 0) return 0;
  return boost::math::ibeta_inv(static_cast<double>(k), static_cast<double>(n - k) + 1,
                                significance);
}

double clopper_pearson_upper(std::uint64_t n, std::uint64_t k, double significance) {
  HIPPOCRYPT_CHECK(k <= n);
  if (k == n) return 1;
  return boost::math::ibetac_inv(static_cast<double>(k) + 1, static_cast<double>(n - k),
                                 significance);
}

double kolmogorov_smirnov(std::span<const double> values,
                          const std::function<double(double)>& distribution) {
  HIPPOCRYPT_CHECK(!values.empty());
  std::vector<double> sorted{values.begin(), values.end()};
  for (const double x : sorted) {
    if (std::isnan(x)) return 0;
  }
  std::sort(sorted.begin(), sorted.end());
  const auto n = static_cast<double>(sorted.size());
  double largest = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    const double expected = distribution(sorted[i]);
    largest = std::max({largest, expected - static_cast<double>(i) / n,
                        static_cast<double>(i + 1) / n - expected});
  }
  const double scaled = (std::sqrt(n) + 0.12 + 0.11 / std::sqrt(n)) * largest;
  if (scaled < 0.2) return 1;  // the series below converges slowly there, and the sum is 1
  double sum = 0;
  for (int k = 1; k <= 100; ++k) {
    const double term = std::exp(-2 * k * k * scaled * scaled);
    sum += k % 2 == 1 ? term : -term;
    if (term < 1e-18) break;
  }
  return std::clamp(2 * sum, 0.0, 1.0);
}

double correlation(std::span<const double> x, std::span<const double> y) {
  HIPPOCRYPT_CHECK(x.size() == y.size());
  if (x.empty()) return 0;
  const auto n = static_cast<double>(x.size());
  const double mean_x = std::accumulate(x.begin(), x.end(), 0.0) / n;
  const double mean_y = std::accumulate(y.begin(), y.end(), 0.0) / n;
  double xx = 0, yy = 0, xy = 0;
  for (std::size_t i = 0; i < x.size(); ++i) {
    xx += (x[i] - mean_x) * (x[i] - mean_x);
    yy += (y[i] - mean_y) * (y[i] - mean_y);
    xy += (x[i] - mean_x) * (y[i] - mean_y);
  }
  return xx > 0 && yy > 0 ? xy / std::sqrt(xx * yy) : 0;
}

std::vector<double> ranks(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::sort(order.begin(), order.end(),
            [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t begin = 0; begin < order.size();) {
    std::size_t end = begin + 1;
    while (end < order.size() && values[order[end]] == values[order[begin]]) ++end;
    const double rank = 0.5 * static_cast<double>(begin + 1 + end);
    for (std::size_t i = begin; i < end; ++i) ranks[order[i]] = rank;
    begin = end;
  }
  return ranks;
}

}  // namespace hippocrypt::privacy::audit
