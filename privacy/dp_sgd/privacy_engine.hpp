#pragma once
// The one object that owns the sampler, q and the ledger entry. Whoever wants a lot must begin a
// round, which is charged before anything is drawn; whoever wants a lot's sum gets it with noise on
// it. So the mechanism that is accounted is the mechanism that runs.

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/random.hpp"
#include "base/result.hpp"
#include "privacy/accounting/rdp_accountant.hpp"
#include "privacy/dp_sgd/clipping.hpp"
#include "privacy/dp_sgd/dp_sgd_params.hpp"
#include "privacy/dp_sgd/poisson_sampler.hpp"
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

/// A lot's room, for a mechanism that drops units at random (overflow.hpp).
struct LotRoom {
  std::span<const std::uint32_t> unit_tokens;  ///< one length for each unit of the data set
  std::uint64_t capacity_tokens = 0;
};

/// A round that has been paid for: `steps` lots and as many noisy sums, strictly in turn.
/// Move-only; it holds pointers to the engine's sampler and noise sources, which must outlive it
/// (not to the engine).
class PrivateRound {
 public:
  ~PrivateRound();
  PrivateRound(PrivateRound&&) noexcept;
  PrivateRound& operator=(PrivateRound&&) noexcept;

  /// Indices of the units of the next lot, ascending, perhaps none. Ends the process when more than
  /// `steps` lots are asked for, or when the lot before was not privatized (empty lots are noised
  /// too: skipping one would show that it was empty).
  std::vector<std::size_t> next_lot();
  /// The same, with units dropped at random until the lot fits. Ends the process if it must drop
  /// although the parameters state an overflow probability of 0.
  std::vector<std::size_t> next_lot(const LotRoom& room);

  /// out = (sum + discrete Gaussian of (sigma * clip)^2) / expected_lot. The only way to a lot's
  /// sum; once for each lot. out (lot.size()). With adaptive clipping it also moves the clip norm
  /// of the next lot. Ends the process if `lot` was clipped by another rule, or has more units than
  /// were drawn.
  void privatize(LotAccumulator&& lot, std::span<float> out, std::size_t threads = 1);

  /// A fresh accumulator with this step's rule, for gradients of `size` values in one layer, or of
  /// layers of these sizes.
  LotAccumulator accumulator(std::size_t size) const;
  LotAccumulator accumulator(std::vector<std::size_t> layers) const;
  /// The step's clip norm: the configured one, or where adaptive clipping has taken it.
  double clip() const;
  std::uint64_t steps_left() const;
  /// Id of the ledger's row that paid for this round.
  std::uint64_t ledger_row() const;

 private:
  friend class PrivacyEngine;
  struct State;
  explicit PrivateRound(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// What is left. Private: shown in the hospital, reported only if the hospital chooses to.
struct BudgetStatus {
  EpsilonAtOrder spent{0, 0, false};  ///< on this data set, in all runs
  double delta = 0;
  double delta_total = 0;  ///< delta and what the truncation of lots adds
  double budget = 0;
  double remaining = 0;
  std::uint64_t steps = 0;
  std::uint64_t rounds_that_fit = 0;
};

/// See the top. `ledger`, `sampler` and `noise` must outlive the engine. Not thread-safe.
class PrivacyEngine {
 public:
  /// Errors: those of DpSgdParams::check(); out_of_range (no units, a name that is empty or too
  /// long); mismatch (the ledger holds rows of the same data set with another unit).
  static Result<PrivacyEngine> create(const DpSgdParams& params, Ledger& ledger,
                                      const DatasetId& dataset, RunIdentity identity,
                                      UniformSource& sampler, RandomSource& noise, UnixClock clock);

  /// Charges the ledger for `steps` steps, durably, and then hands out the round. Everything that
  /// the ledger holds for this data set counts, whichever run spent it. A round that is begun twice
  /// is charged twice. Errors: budget_exhausted (what is spent, what it would be, the budget;
  /// nothing is charged), out_of_range (steps of 0 or above max_ledger_steps), mismatch, and those
  /// of Ledger::charge.
  Result<PrivateRound> begin_round(std::uint64_t round, std::uint64_t steps);

  /// As of the ledger's last charge or refresh; rounds are counted with `steps_per_round`
  /// steps (1 to max_ledger_steps).
  BudgetStatus status(std::uint64_t steps_per_round);

  const DpSgdParams& params() const { return params_; }

 private:
  PrivacyEngine(const DpSgdParams& params, Ledger& ledger, const DatasetId& dataset,
                RunIdentity identity, UniformSource& sampler, RandomSource& noise, UnixClock clock);
  LedgerEntry entry(std::uint64_t round, std::uint64_t steps) const;
  Status absorb(std::span<const LedgerRow> rows);

  DpSgdParams params_;
  Ledger* ledger_;
  DatasetId dataset_;
  RunIdentity identity_;
  UniformSource* sampler_;
  RandomSource* noise_;
  UnixClock clock_;
  RdpAccountant accountant_;
  std::size_t rows_absorbed_ = 0;
  std::shared_ptr<double> clip_;  ///< shared with the rounds, which move it if it adapts
};

}  // namespace hippocrypt::privacy
