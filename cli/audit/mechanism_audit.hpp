#pragma once
// The mechanism of a run, repeated on an auditor's data with the constants of its ledger.

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "privacy/audit/canaries.hpp"
#include "privacy/dp_sgd/dp_sgd_params.hpp"
#include "privacy/ledger/ledger_entry.hpp"

namespace hippocrypt::cli {

struct MechanismAuditOptions {
  std::vector<privacy::LedgerRow> rows;  ///< of one hospital and run; DP-SGD only, at least one
  double expected_lot = 1;               ///< divisor of the run's sums
  double delta = 0;
  bool quick = false;
  std::function<void(const std::string& what)> on_stage = {};
};

struct MechanismAudit {
  std::vector<privacy::audit::CheckResult> results;  ///< "one-run epsilon" is the last
  double claimed_rdp = 0;                            ///< of these rows alone, by Renyi accounting
  std::optional<double> claimed_pld;   ///< by privacy loss distributions, where these can be had
  privacy::audit::EpsilonBound bound;  ///< at 95 % confidence
  privacy::audit::EpsilonBound without_noise;  ///< what the same canaries say of no noise at all
  std::size_t canaries = 0;
  std::uint64_t steps = 0;
  std::size_t kinds_of_steps = 0, checked_kinds = 0;  ///< of different constants

  /// The smaller bound: what budgets are decided by.
  double claimed_epsilon() const {
    return claimed_pld ? std::min(*claimed_pld, claimed_rdp) : claimed_rdp;
  }
};

/// Noise, sampler, sensitivity and canaries of the real engine. Rows of one set of constants are
/// taken together; noise, sampler and sensitivity are checked for the three of the least noise, the
/// canaries go through all. With adaptive clipping the norm is held where the row has it. Errors:
/// those of the engine; out_of_range (no rows; rows without noise, of which nothing is claimed).
Result<MechanismAudit> audit_mechanism(const MechanismAuditOptions& options);

}  // namespace hippocrypt::cli
