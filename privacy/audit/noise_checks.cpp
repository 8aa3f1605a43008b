#include "privacy/audit/noise_checks.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "privacy/audit/statistics.hpp"

namespace hippocrypt::privacy::audit {
namespace {

CheckResult check_variance(std::span<const double> values, double deviation) {
  double sum = 0;
  for (const double x : values) sum += x * x;
  const auto count = static_cast<double>(values.size());
  return {"noise variance", two_sided_chi_square(sum / (deviation * deviation), count),
          fmt::format("deviation {:.6g} where {:.6g} is claimed, {} values", std::sqrt(sum / count),
                      deviation, values.size())};
}

CheckResult check_shape(std::span<const double> values, double deviation) {
  const double p = kolmogorov_smirnov(values, [&](double x) { return normal_cdf(x / deviation); });
  return {"noise shape", p,
          fmt::format("Kolmogorov-Smirnov against the normal law, p = {:.3g}", p)};
}

CheckResult check_mean(std::span<const double> values, double deviation) {
  double sum = 0;
  for (const double x : values) sum += x;
  const double z = sum / (deviation * std::sqrt(static_cast<double>(values.size())));
  return {"noise mean", two_sided_normal(z), fmt::format("{:+.2f} standard errors from 0", z)};
}

/// Correlations of values that are `lag` apart in the flat order; the worst of them.
CheckResult check_independence(std::span<const double> values, std::size_t size) {
  std::vector<std::size_t> lags{1, 2, size / 2, size};
  std::sort(lags.begin(), lags.end());
  lags.erase(std::unique(lags.begin(), lags.end()), lags.end());
  lags.erase(std::remove_if(lags.begin(), lags.end(),
                            [&](std::size_t lag) { return lag == 0 || lag + 2 > values.size(); }),
             lags.end());
  double worst = 0, worst_correlation = 0;
  std::size_t worst_lag = 0;
  for (const std::size_t lag : lags) {
    const std::size_t pairs = values.size() - lag;
    const double r = correlation(values.first(pairs), values.last(pairs));
    const double z = r * std::sqrt(static_cast<double>(pairs));
    if (std::abs(z) < std::abs(worst)) continue;
    worst = z;
    worst_correlation = r;
    worst_lag = lag;
  }
  return {"noise independence",
          std::min(1.0, static_cast<double>(lags.size()) * two_sided_normal(worst)),
          fmt::format("largest correlation {:+.5f}, of values {} apart ({} is a step)",
                      worst_correlation, worst_lag, size)};
}

CheckResult check_reuse(std::span<const double> values, std::size_t steps, std::size_t size) {
  // The cosine of two steps with independent noise is about N(0, 1 / size).
  double worst = 0;
  std::vector<double> norm(steps);
  const auto row = [&](std::size_t step) { return values.subspan(step * size, size); };
  for (std::size_t s = 0; s < steps; ++s) {
    for (const double x : row(s)) norm[s] += x * x;
    norm[s] = std::sqrt(norm[s]);
  }
  for (std::size_t a = 0; a < steps; ++a) {
    for (std::size_t b = a + 1; b < steps; ++b) {
      double dot = 0;
      for (std::size_t i = 0; i < size; ++i) dot += row(a)[i] * row(b)[i];
      if (norm[a] > 0 && norm[b] > 0) worst = std::max(worst, std::abs(dot / (norm[a] * norm[b])));
    }
  }
  const double pairs = 0.5 * static_cast<double>(steps) * static_cast<double>(steps - 1);
  // P(|cosine| >= c) <= 2 exp(-size c^2 / 2) for a uniform direction on the sphere.
  const double p =
      std::min(1.0, 2 * pairs * std::exp(-0.5 * static_cast<double>(size) * worst * worst));
  return {"noise reuse", p,
          fmt::format("largest cosine of two steps {:.4f}, {} steps", worst, steps)};
}

}  // namespace

Result<Matrix> noise_of(const Mechanism& mechanism, const Claim& claim, std::size_t size,
                        std::uint64_t steps) {
  HIPPOCRYPT_TRY(Matrix released,
                 mechanism({1, size, [](std::size_t, std::span<float>) {}}, steps));
  HIPPOCRYPT_CHECK(released.rows() == steps && released.cols() == size);
  for (float& x : released.values()) x *= static_cast<float>(claim.expected_lot);
  return released;
}

std::vector<CheckResult> check_noise(const Matrix& noise, double deviation) {
  HIPPOCRYPT_CHECK(noise.rows() >= 2 && noise.cols() >= 2 && deviation > 0);
  const std::vector<double> values{noise.values().begin(), noise.values().end()};
  return {check_variance(values, deviation), check_shape(values, deviation),
          check_mean(values, deviation), check_independence(values, noise.cols()),
          check_reuse(values, noise.rows(), noise.cols())};
}

}  // namespace hippocrypt::privacy::audit
