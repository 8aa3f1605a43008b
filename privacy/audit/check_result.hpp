#pragma once
// What one check found. An audit can refute a claim, and never confirm one.

#include <span>
#include <string>
#include <vector>

namespace hippocrypt::privacy::audit {

/// Probability of a false alarm of a whole audit, divided among its checks (Bonferroni).
inline constexpr double default_significance = 1e-3;

struct CheckResult {
  std::string name;  ///< stable, lower case, for programs
  /// Of what was seen or something more extreme, were the mechanism as claimed; of a check without
  /// chance 1 (as it must be) or 0.
  double p_value = 1;
  std::string finding;  ///< the figures, one line

  bool passes(double significance) const { return p_value >= significance; }
};

/// The significance of each of `checks` checks.
inline double bonferroni(double significance, std::size_t checks) {
  return checks == 0 ? significance : significance / static_cast<double>(checks);
}

/// Whether every check passes at `significance` for all of them together.
inline bool all_pass(std::span<const CheckResult> results, double significance) {
  const double each = bonferroni(significance, results.size());
  for (const CheckResult& result : results) {
    if (!result.passes(each)) return false;
  }
  return true;
}

}  // namespace hippocrypt::privacy::audit
