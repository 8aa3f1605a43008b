#include "privacy/audit/membership.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "base/check.hpp"
#include "privacy/audit/statistics.hpp"

namespace hippocrypt::privacy::audit {
namespace {

constexpr double rates[] = {0.1, 0.01, 0.001};

double mean_of(std::span<const double> values) {
  double sum = 0;
  for (const double x : values) sum += x;
  return sum / static_cast<double>(values.size());
}

double variance_of(std::span<const double> values) {
  const double mean = mean_of(values);
  double sum = 0;
  for (const double x : values) sum += (x - mean) * (x - mean);
  return sum / static_cast<double>(values.size() - 1);
}

/// For each value the share of `others` that it exceeds, ties by half (DeLong's placements).
std::vector<double> placements(std::span<const double> values, std::span<const double> others) {
  std::vector<double> sorted{others.begin(), others.end()};
  std::sort(sorted.begin(), sorted.end());
  std::vector<double> shares;
  for (const double x : values) {
    const auto [low, high] = std::equal_range(sorted.begin(), sorted.end(), x);
    shares.push_back(0.5 * static_cast<double>((low - sorted.begin()) + (high - sorted.begin())) /
                     static_cast<double>(sorted.size()));
  }
  return shares;
}

std::uint64_t above(std::span<const double> values, double threshold) {
  return static_cast<std::uint64_t>(
      std::count_if(values.begin(), values.end(), [&](double x) { return x > threshold; }));
}

/// Largest chance of as many members above `threshold`, over mechanisms that are as private as
/// claimed: significance at which the limits of both rates meet the claim, by bisection.
double p_value_at(std::span<const double> members, std::span<const double> others, double threshold,
                  double epsilon, double delta) {
  const std::uint64_t in = above(members, threshold), out = above(others, threshold);
  const auto refutes = [&](double significance) {
    const double found = clopper_pearson_lower(members.size(), in, 0.5 * significance);
    const double wrong = clopper_pearson_upper(others.size(), out, 0.5 * significance);
    return found > std::exp(epsilon) * wrong + delta;
  };
  if (!refutes(1.0)) return 1;
  double low = -60, high = 0;  // log of the significance
  while (high - low > 1e-3) {
    const double middle = 0.5 * (low + high);
    (refutes(std::exp(middle)) ? high : low) = middle;
  }
  return std::exp(high);
}

}  // namespace

MembershipReport membership_inference(std::span<const double> members,
                                      std::span<const double> others, double epsilon,
                                      double delta) {
  HIPPOCRYPT_CHECK(members.size() >= 2 && others.size() >= 2);
  MembershipReport report;
  const auto of_members = placements(members, others);
  const auto of_others = placements(others, members);
  report.auc = mean_of(of_members);
  const double deviation = std::sqrt(variance_of(of_members) / static_cast<double>(members.size()) +
                                     variance_of(of_others) / static_cast<double>(others.size()));
  report.lower = std::max(0.0, report.auc - 1.96 * deviation);
  report.upper = std::min(1.0, report.auc + 1.96 * deviation);

  std::vector<double> falling{others.begin(), others.end()};
  std::sort(falling.begin(), falling.end(), std::greater<>{});
  double p = 1;
  std::string text;
  for (const double rate : rates) {
    // The lowest threshold that at most this share of the others exceeds.
    const auto allowed =
        static_cast<std::size_t>(std::floor(rate * static_cast<double>(others.size())));
    const double threshold =
        allowed < falling.size() ? falling[allowed] : -std::numeric_limits<double>::infinity();
    const std::uint64_t found = above(members, threshold);
    TruePositives positives{rate, static_cast<double>(found) / static_cast<double>(members.size()),
                            clopper_pearson_lower(members.size(), found, 0.025)};
    p = std::min(p, p_value_at(members, others, threshold, epsilon, delta));
    text += fmt::format(", {:.1f} % found at {:g} %", 100 * positives.rate, 100 * rate);
    report.low.push_back(positives);
  }
  report.result.name = "membership inference";
  report.result.p_value = std::min(1.0, p * static_cast<double>(std::size(rates)));
  report.result.finding =
      fmt::format("AUC {:.3f} ({:.3f} to {:.3f}){}; {} trained on, {} held out", report.auc,
                  report.lower, report.upper, text, members.size(), others.size());
  return report;
}

}  // namespace hippocrypt::privacy::audit
