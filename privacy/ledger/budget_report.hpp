#pragma once
// What a ledger says: epsilon after every round, for the `budget` command and the privacy
// statement.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "privacy/accounting/budget_accountant.hpp"
#include "privacy/ledger/ledger_entry.hpp"

namespace hippocrypt::privacy {

/// One round of a run: its lots' rows, as far as they follow each other and have the same
/// constants, and what had been spent on the data set after them.
struct BudgetReportRow {
  std::uint64_t id;  ///< of the last of its rows
  std::string run;
  std::string hospital;
  std::uint64_t round;
  double sampling_rate;
  double noise_multiplier;
  std::uint64_t steps;
  std::int64_t unix_time_s;  ///< of the last of its rows
  /// Of this row and all before it on the same data set, at the report's delta: the smaller of the
  /// two below.
  double epsilon = 0;
  double rdp = 0;
  std::optional<double> pld;  ///< nothing where it was not computed

  SampledGaussian event() const { return {sampling_rate, noise_multiplier, steps}; }
  /// A round is several rows where sigma follows a schedule.
  bool is_of_the_round_of(const BudgetReportRow& other) const {
    return run == other.run && hospital == other.hospital && round == other.round;
  }
};

struct BudgetReport {
  std::vector<BudgetReportRow> rows;
  PrivacyUnit unit = PrivacyUnit::patient;
  SpentEpsilon spent;
  double delta = 0;
  double delta_total = 0;  ///< delta and what the truncation of lots adds (overflow.hpp)
  double budget = 0;
  double remaining = 0;               ///< max(0, budget - spent)
  std::uint64_t steps = 0;            ///< in all rows
  std::uint64_t rounds_that_fit = 0;  ///< more rounds like the last one; 0 without rows

  std::vector<SampledGaussian> events() const;
};

struct BudgetReportOptions {
  /// The tight figure is computed for at most this many rows, evenly spread and with the last.
  std::size_t most_pld_rows = 256;
  /// Shared by reports on accounts that are alike.
  std::shared_ptr<PldWorkspace> workspace = std::make_shared<PldWorkspace>();
};

/// The account of `dataset` from the ledger's rows. Needs delta in (0, 1). Errors: out_of_range
/// (delta, budget), mismatch (rows of both units: epsilons of patients and of notes do not add up).
Result<BudgetReport> budget_report(std::span<const LedgerRow> rows, double delta, double budget,
                                   const Hash256& dataset, const BudgetReportOptions& options = {});

/// delta + sum over the rows that count of steps * (1 + e^epsilon) * overflow_probability, at most
/// 1.
double delta_with_overflow(std::span<const LedgerRow> rows,
                           const std::function<bool(const LedgerEntry&)>& counts, double delta,
                           double epsilon);

}  // namespace hippocrypt::privacy
