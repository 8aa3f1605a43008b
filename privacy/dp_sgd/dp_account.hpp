#pragma once
// What a data set has spent on DP-SGD, whether more fits, and the row that pays for a lot. An
// engine and its rounds share one.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/result.hpp"
#include "privacy/accounting/budget_accountant.hpp"
#include "privacy/dp_sgd/dp_sgd_params.hpp"
#include "privacy/ledger/ledger.hpp"

namespace hippocrypt::privacy {

/// Who runs; stamped into every row.
struct RunIdentity {
  std::string run;
  std::string hospital;
  std::string software_version;
};

/// Seconds since 1970, for the ledger's rows.
using UnixClock = std::function<std::int64_t()>;

/// What is left. Private: shown in the hospital, reported only if the hospital chooses to.
struct BudgetStatus {
  SpentEpsilon spent;  ///< on this data set, in all runs
  double delta = 0;
  double delta_total = 0;  ///< delta and what the truncation of lots adds
  double budget = 0;
  double remaining = 0;
  std::uint64_t steps = 0;
  std::uint64_t rounds_that_fit = 0;
};

/// A round that fits if nobody else charges this data set meanwhile.
struct RoundPermit {
  std::uint64_t round = 0;
  std::uint64_t rows_counted = 0;  ///< when it was given, and its own since
  std::uint64_t next_step = 0;     ///< of the whole training, of the next lot: for schedules
};

/// `ledger` must outlive it. Not thread-safe.
class DpAccount {
 public:
  DpAccount(const DpSgdParams& params, Ledger& ledger, const DatasetId& dataset,
            LedgerEntry entry_template, UnixClock clock,
            std::shared_ptr<PldWorkspace> workspace = std::make_shared<PldWorkspace>());

  const DpSgdParams& params() const { return params_; }
  std::size_t units() const { return dataset_.units; }

  /// Counts the rows that the ledger has read. Errors: mismatch (a row of another unit).
  Status absorb() { return absorb(ledger_->rows()); }
  /// The row of the `steps` steps from `first_step` of the training on, at clip norm `clip`; of
  /// several the smallest multiplier counts.
  LedgerEntry entry(std::uint64_t round, std::uint64_t first_step, std::uint64_t steps,
                    double clip) const;

  /// Reads the ledger and looks whether `steps` more steps fit; charges nothing. Errors:
  /// budget_exhausted (what is spent, what it would be, the budget), out_of_range (steps),
  /// limit_exceeded (the ledger cannot hold that many rows more), mismatch, those of
  /// Ledger::refresh.
  Result<RoundPermit> permit(std::uint64_t round, std::uint64_t first_step, std::uint64_t steps,
                             double clip);

  /// Charges one lot of a permitted round; durable when it returns its row's id. Looks at the
  /// budget again if others have charged this data set since. Errors: budget_exhausted (only
  /// then; nothing is charged), mismatch, those of Ledger::charge.
  Result<std::uint64_t> charge_lot(RoundPermit& permit, double clip);

  /// As of the ledger's last charge or refresh.
  SpentEpsilon spent();
  /// BudgetStatus::delta_total, without counting rounds.
  double delta_total();
  BudgetStatus status(std::uint64_t steps_per_round);

 private:
  Status absorb(std::span<const LedgerRow> rows);
  /// Errors: those of the scope.
  Status look_at_scope();
  /// Whether the row is DP-SGD's, on this data set or one with the same patients.
  bool counts(const LedgerEntry& entry) const;
  /// Errors: budget_exhausted.
  Status check_fits(const LedgerEntry& planned, const std::string& what);

  DpSgdParams params_;
  Ledger* ledger_;
  DatasetId dataset_;
  LedgerEntry template_;
  UnixClock clock_;
  std::shared_ptr<PldWorkspace> workspace_;
  BudgetAccountant accountant_;
  std::size_t rows_absorbed_ = 0;   // looked at
  std::uint64_t rows_counted_ = 0;  // of them, of this data set
};

}  // namespace hippocrypt::privacy
