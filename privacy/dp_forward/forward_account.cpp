#include "privacy/dp_forward/forward_account.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/core.h>

#include "base/check.hpp"
#include "privacy/accounting/analytic_gaussian.hpp"

namespace hippocrypt::privacy {

void ForwardAccount::add(double noise_multiplier, std::uint64_t releases) {
  HIPPOCRYPT_CHECK(noise_multiplier >= 0);
  if (releases == 0) return;
  squares_ += static_cast<double>(releases) / (noise_multiplier * noise_multiplier);
  releases_ += releases;
}

double ForwardAccount::noise_multiplier() const { return 1.0 / std::sqrt(squares_); }

double ForwardAccount::epsilon(double delta) const {
  if (releases_ == 0) return 0;
  const Result<double> epsilon = gaussian_epsilon(noise_multiplier(), delta);
  return epsilon.has_value() ? *epsilon : std::numeric_limits<double>::infinity();
}

bool is_forward(const LedgerEntry& entry) { return entry.mechanism == Mechanism::matrix_gaussian; }

ForwardAccount forward_account(std::span<const LedgerRow> rows, const Hash256& dataset) {
  ForwardAccount account;
  for (const LedgerRow& row : rows) {
    if (!is_forward(row.entry) || row.entry.dataset != dataset) continue;
    account.add(row.entry.noise_multiplier, row.entry.steps);
  }
  return account;
}

Result<ForwardReport> forward_report(std::span<const LedgerRow> rows, const Hash256& dataset,
                                     double delta, double budget) {
  if (!(delta > 0 && delta < 1)) {
    return Error{Errc::out_of_range,
                 fmt::format("delta is {}; allowed is a value inside (0, 1)", delta)};
  }
  if (!(budget > 0)) {
    return Error{Errc::out_of_range,
                 fmt::format("the budget is {}; allowed is a value above 0, or infinity", budget)};
  }
  const ForwardAccount account = forward_account(rows, dataset);
  const double epsilon = account.epsilon(delta);
  return ForwardReport{account.releases(),
                       account.noise_multiplier(),
                       epsilon,
                       delta,
                       budget,
                       std::max(0.0, budget - epsilon)};
}

}  // namespace hippocrypt::privacy
