#pragma once
// The one object that owns the sampler, q and the ledger entry. Whoever wants a lot must begin a
// round, which says whether all of it fits; every lot is charged, durably, before it is drawn;
// whoever wants a lot's sum gets it with noise on it. So the mechanism that is accounted is the
// mechanism that runs, and a crash wastes at most the lot that it hit.

#include <cstdint>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/random.hpp"
#include "base/result.hpp"
#include "privacy/dp_sgd/clipping.hpp"
#include "privacy/dp_sgd/dp_account.hpp"
#include "privacy/dp_sgd/dp_sgd_params.hpp"
#include "privacy/dp_sgd/lot_stage.hpp"
#include "privacy/dp_sgd/poisson_sampler.hpp"
#include "privacy/ledger/ledger.hpp"

namespace hippocrypt::privacy {

/// A lot's room, for a mechanism that drops units at random (overflow.hpp).
struct LotRoom {
  std::span<const std::uint32_t> unit_tokens;  ///< one length for each unit of the data set
  std::uint64_t capacity_tokens = 0;
};

/// A round that was found to fit: `steps` lots, each paid for when it is asked for, and as many
/// noisy sums, strictly in turn. Move-only; it holds pointers to the engine's ledger, sampler and
/// noise sources, which must outlive it (not to the engine).
class PrivateRound {
 public:
  ~PrivateRound();
  PrivateRound(PrivateRound&&) noexcept;
  PrivateRound& operator=(PrivateRound&&) noexcept;

  /// Charges one lot, durably, and then draws it: indices of its units, ascending, perhaps none.
  /// After an error nothing was drawn and the lot may be asked for again; at most the one row may
  /// have been written. Errors: budget_exhausted (only if others have charged this data set since
  /// the round began), mismatch, those of Ledger::charge. Ends the process when more than `steps`
  /// lots are asked for, or when the lot before was not privatized (empty lots are noised too:
  /// skipping one would show that it was empty).
  Result<std::vector<std::size_t>> next_lot();
  /// The same, with units dropped at random until the lot fits. Ends the process if it must drop
  /// although the parameters state an overflow probability of 0.
  Result<std::vector<std::size_t>> next_lot(const LotRoom& room);

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
  /// Id of the ledger's row that paid for the last lot; 0 before the first.
  std::uint64_t ledger_row() const;

 private:
  friend class PrivacyEngine;
  struct State;
  explicit PrivateRound(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// See the top. `ledger`, `sampler` and `noise` must outlive the engine. Not thread-safe.
class PrivacyEngine {
 public:
  /// Errors: those of DpSgdParams::check(); out_of_range (no units, a name that is empty or too
  /// long); mismatch (the ledger holds rows of the same data set with another unit). Hospitals of
  /// one process share `workspace`: they ask the same questions.
  static Result<PrivacyEngine> create(
      const DpSgdParams& params, Ledger& ledger, const DatasetId& dataset, RunIdentity identity,
      UniformSource& sampler, RandomSource& noise, UnixClock clock,
      std::shared_ptr<PldWorkspace> workspace = std::make_shared<PldWorkspace>());

  /// Looks whether `steps` more steps fit, so that a hospital sits a round out rather than stops in
  /// the middle of it, and hands out the round; nothing is charged yet. Everything that the ledger
  /// holds for this data set counts, whichever run spent it. Errors: budget_exhausted (what is
  /// spent, what it would be, the budget), out_of_range (steps of 0 or above max_ledger_steps),
  /// limit_exceeded, mismatch, and those of Ledger::refresh. `first_step` is where the round starts
  /// in the whole training: schedules follow it, and each lot is charged with its own multiplier.
  Result<PrivateRound> begin_round(std::uint64_t round, std::uint64_t steps,
                                   std::uint64_t first_step = 0);

  /// As of the ledger's last charge or refresh; rounds are counted with `steps_per_round`
  /// steps (1 to max_ledger_steps).
  BudgetStatus status(std::uint64_t steps_per_round);
  /// status().spent, without counting rounds.
  SpentEpsilon spent();
  /// status().delta_total, without counting rounds.
  double delta_total();

  /// Has every stage of a step told to `hook`, in rounds begun from now on; for tests of crashes.
  void watch(LotStageHook hook) { on_stage_ = std::move(hook); }

  /// The clip norm that training began with, or where adaptive clipping has taken it.
  double clip() const { return *clip_; }
  /// Goes on from the clip norm of an earlier run; it was released, so nothing is charged. A value
  /// that no clip norm may have is passed over.
  void restore_clip(double clip);

  const DpSgdParams& params() const { return account_->params(); }

 private:
  PrivacyEngine(std::shared_ptr<DpAccount> account, UniformSource& sampler, RandomSource& noise);

  std::shared_ptr<DpAccount> account_;  ///< shared with the rounds, which charge their lots
  UniformSource* sampler_;
  RandomSource* noise_;
  std::shared_ptr<double> clip_;  ///< shared with the rounds, which move it if it adapts
  LotStageHook on_stage_;
};

}  // namespace hippocrypt::privacy
