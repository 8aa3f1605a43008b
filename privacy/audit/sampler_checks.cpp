#include "privacy/audit/sampler_checks.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "base/check.hpp"
#include "privacy/audit/statistics.hpp"

namespace hippocrypt::privacy::audit {
namespace {

/// Sum over lots of (size - N q)^2, against its mean and variance under Binomial(N, q) sizes.
CheckResult check_size_variance(const std::vector<std::vector<std::size_t>>& lots, double units,
                                double q) {
  const double variance = units * q * (1 - q);
  // Fourth central moment of the binomial law.
  const double fourth = variance * (1 + 3 * (units - 2) * q * (1 - q));
  double sum = 0;
  for (const auto& lot : lots) {
    const double off = static_cast<double>(lot.size()) - units * q;
    sum += off * off;
  }
  const auto count = static_cast<double>(lots.size());
  const double spread = std::sqrt(count * (fourth - variance * variance));
  const double z = spread > 0 ? (sum - count * variance) / spread : (sum > 0 ? 1e9 : 0.0);
  // A scaled chi-square with the same two moments has the right skewness, the normal law has none.
  const double freedom = 2 * count * variance * variance / (fourth - variance * variance);
  const double p = spread > 0 ? two_sided_chi_square(sum / (count * variance) * freedom, freedom)
                              : two_sided_normal(z);
  return {
      "lot size variance", p,
      fmt::format("{:.4g} where {:.4g} is claimed, {} lots", sum / count, variance, lots.size())};
}

CheckResult check_units(const std::vector<std::uint64_t>& included, std::uint64_t lots, double q) {
  double smallest = 1;
  std::size_t who = 0;
  for (std::size_t unit = 0; unit < included.size(); ++unit) {
    const double p = two_sided_binomial(lots, q, included[unit]);
    if (p >= smallest) continue;
    smallest = p;
    who = unit;
  }
  return {"unit rates", std::min(1.0, smallest * static_cast<double>(included.size())),
          fmt::format("the oddest of {} units was in {} of {} lots", included.size(), included[who],
                      lots)};
}

/// Of `trials` chances with probability q^2 each; neighbouring ones share a factor.
CheckResult check_joint(std::string name, double seen, double trials, double q, const char* what) {
  const double p = q * q;
  // Var = trials p (1 - p) + 2 (about trials) (q^3 - q^4) for the pairs of chances that share one.
  const double deviation = std::sqrt(trials * (p * (1 - p) + 2 * q * q * q * (1 - q)));
  const double z =
      deviation > 0 ? (seen - trials * p) / deviation : (seen == trials * p ? 0.0 : 1e9);
  return {std::move(name), two_sided_normal(z),
          fmt::format("{:.0f} {} where {:.1f} are expected", seen, what, trials * p)};
}

}  // namespace

std::vector<CheckResult> check_sampler(const std::vector<std::vector<std::size_t>>& lots,
                                       std::size_t units, double sampling_rate) {
  HIPPOCRYPT_CHECK(lots.size() >= 2 && units >= 2);
  std::vector<std::uint64_t> included(units);
  std::uint64_t all = 0, neighbours = 0, repeats = 0;
  std::vector<bool> before(units), now(units);
  for (std::size_t l = 0; l < lots.size(); ++l) {
    std::fill(now.begin(), now.end(), false);
    for (const std::size_t unit : lots[l]) {
      HIPPOCRYPT_CHECK(unit < units && !now[unit]);
      now[unit] = true;
      ++included[unit];
      ++all;
    }
    for (const std::size_t unit : lots[l]) {
      if (unit + 1 < units && now[unit + 1]) ++neighbours;
      if (l > 0 && before[unit]) ++repeats;
    }
    std::swap(before, now);
  }
  const auto n = static_cast<double>(units);
  const auto count = static_cast<double>(lots.size());
  const double rate = static_cast<double>(all) / (n * count);
  return {{"sampling rate", two_sided_binomial(units * lots.size(), sampling_rate, all),
           fmt::format("{:.6g} where {:.6g} is claimed", rate, sampling_rate)},
          check_units(included, lots.size(), sampling_rate),
          check_size_variance(lots, n, sampling_rate),
          check_joint("pairs", static_cast<double>(neighbours), (n - 1) * count, sampling_rate,
                      "neighbours together"),
          check_joint("repeats", static_cast<double>(repeats), n * (count - 1), sampling_rate,
                      "units in two lots running")};
}

}  // namespace hippocrypt::privacy::audit
