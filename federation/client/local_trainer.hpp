#pragma once
// One hospital's DP-SGD on its adapter, through a LinearOracle. Each step draws a Poisson lot,
// packs it into a constant number of passes of a constant number of tiles, cuts out and clips every
// unit's own gradient, adds noise and lets the optimizer move the adapter.

#include <atomic>
#include <functional>
#include <memory>
#include <span>
#include <vector>

#include "federation/client/drift_correction.hpp"
#include "federation/client/forward_inputs.hpp"
#include "federation/client/hospital_data.hpp"
#include "federation/client/local_optimizer.hpp"
#include "federation/client/lot_packing.hpp"
#include "federation/common/federation_config.hpp"
#include "model/lora_adapter.hpp"
#include "model/schedule.hpp"
#include "model/transformer.hpp"
#include "privacy/dp_sgd/privacy_engine.hpp"

namespace hippocrypt::federation {

/// What one step did. Private: it stays at the hospital.
struct StepReport {
  std::uint64_t step = 0;  ///< within its stretch, from 1
  double loss = 0;         ///< mean of the lot's units; NaN for an empty lot
  double learning_rate = 0;
  std::size_t tokens = 0;      ///< of the lot, without dummies
  std::uint64_t rejected = 0;  ///< units whose gradient was not finite: they added nothing
  std::uint64_t clipped = 0;   ///< units whose gradient was scaled down
  double clip = 0;             ///< the norm to which they were
};
using StepCallback = std::function<void(const StepReport& report)>;

/// Steps that are taken together: the budget is looked at for all of them before the first.
struct Stretch {
  std::uint64_t round = 0;       ///< stamped into the ledger
  std::uint64_t first_step = 0;  ///< where they start in the whole training, from 0
  std::uint64_t count = 0;
};

struct LocalTrainerOptions {
  TrainingConfig training;
  AggregationConfig aggregation;  ///< for its part in a federation's rounds
  StepRoom room;
  /// Fill every pass with dummy sequences, worked on like the units' and then thrown away, so that
  /// the time between a step's messages does not follow its lot.
  bool fill_passes = false;
  std::size_t dummy_tokens = 1;   ///< of one dummy; the last of a pass may be shorter
  std::uint64_t total_steps = 1;  ///< of the whole training, for the schedule
  model::Trainable trainable = model::Trainable::b_only;
  /// RoLoRA, where `trainable` is both: B alone is trained for as many steps, then A alone, and so
  /// on; the optimizer starts anew every time. 0: what is trainable is trained in every step.
  std::uint64_t alternate_every = 0;
  std::size_t threads = 1;
  model::HeadPlace head = model::HeadPlace::local;
  /// Called before the lot of a step (from 0, of the whole training) is drawn, for randomness that
  /// depends on the step; may be empty.
  std::function<void(std::uint64_t step)> before_lot;
  const ForwardInputs* inputs = nullptr;  ///< outlives the trainer; null: the embeddings themselves
};

/// What a trainer is made of; the references must outlive it.
struct LocalTrainerParts {
  LocalTrainerOptions options;
  const model::ModelConfig& config;
  const model::ClientWeights& weights;
  model::LinearOracle& oracle;
  model::LoraAdapter adapter;
  std::vector<DataUnit> units;
  privacy::PrivacyEngine& engine;
};

/// Not thread-safe: one worker thread owns it. The optimizer's state stays from round to round.
class LocalTrainer {
 public:
  /// Errors: those of the optimizer's options and of the schedule.
  static Result<std::unique_ptr<LocalTrainer>> create(LocalTrainerParts parts);

  /// Looks whether the budget allows the whole stretch, then moves `values` step by step, each paid
  /// for before its lot is drawn. After an error `values` and the optimizer are as the last whole
  /// step left them, and steps_done() counts it. Errors: budget_exhausted (before the first step,
  /// unless another process spent meanwhile), cancelled, those of the oracle and ledger.
  Status take_steps(const Stretch& stretch, std::vector<float>& values,
                    const std::atomic<bool>& stop, const StepCallback& on_step);

  /// Takes the first steps of a round again with updates that were kept, by replay(), and says how
  /// many.
  using KeptSteps = std::function<Result<std::uint64_t>(std::vector<float>& values)>;

  /// A federation's round (from 1) of `steps` steps from `global`, the first of them `kept`:
  /// returns new minus old values, and SCAFFOLD's part behind both (DriftCorrection). Errors: those
  /// of take_steps (budget_exhausted: the hospital sits this round out) and `kept`, mismatch
  /// (`global` is no vector of round_size()), not_finite (training diverged).
  Result<std::vector<float>> train_round(std::uint32_t round, std::uint32_t steps,
                                         const std::vector<float>& global,
                                         const std::atomic<bool>& stop, const StepCallback& on_step,
                                         const KeptSteps& kept = {});

  /// Mean negative log-likelihood a learned token over `sequences`, with adapter values `global`.
  Result<double> evaluate(const std::vector<float>& global,
                          const std::vector<TokenSequence>& sequences);

  /// Gets every step's update, with noise on it, and the clip norm after it before the adapter
  /// moves; an error ends the step there, and its lot is lost.
  using UpdateKeeper =
      std::function<Status(std::uint64_t step, std::span<const float> update, double clip)>;
  void keep_updates(UpdateKeeper keeper) { keep_update_ = std::move(keeper); }
  /// Takes a step (from 0, of the whole training) with an update that was kept: no lot, no charge.
  /// Errors: mismatch (another number of values).
  Status replay(std::uint64_t step, std::span<const float> update, std::vector<float>& values);

  /// Length of what a federation's round starts from, and of its update.
  std::size_t round_size() const { return drift_.round_size(); }
  /// Whether the last round's update is in its round; without a word it is taken to be.
  void settle_round(bool counted) { drift_.settle(counted); }
  /// What it must not forget between rounds besides values, optimizer and clip norm; may be empty.
  Bytes local_state() const { return drift_.save(); }
  /// Errors: those of DriftCorrection::restore.
  Status restore_local_state(ByteView state) { return drift_.restore(state); }

  std::uint64_t steps_done() const { return steps_done_; }
  OptimizerState optimizer_state() const { return optimizer_.state(); }
  /// Goes on from a checkpoint of the same configuration: `steps_done` steps were taken, the last
  /// of them just before `next_step` of the whole training (more, where rounds were missed).
  /// Errors: those of LocalOptimizer::restore.
  Status restore(OptimizerState state, std::uint64_t steps_done, std::uint64_t next_step);
  Status restore(OptimizerState state, std::uint64_t steps_done) {
    return restore(std::move(state), steps_done, steps_done);
  }
  /// `values` in the adapter's shapes.
  model::LoraAdapter adapter_of(const std::vector<float>& values) const;

 private:
  LocalTrainer(LocalTrainerParts parts, LocalOptimizer optimizer, model::Schedule schedule);
  struct Lot {
    model::Batch batch;
    std::vector<std::vector<model::SequenceSpan>> unit_spans, dummy_spans;
  };
  Lot pack(const std::vector<std::size_t>& members) const;
  void add_dummies(Lot& lot) const;
  /// What a step trains.
  model::Trainable active_at(std::uint64_t step) const;
  /// An optimizer for what the step trains, a new one where another factor's turn begins.
  Status turn_to(std::uint64_t step);
  /// The adapter's values of a round's start. Errors: those of DriftCorrection::begin_round.
  Result<std::vector<float>> begin_round(std::uint32_t round, const std::vector<float>& global,
                                         std::uint64_t step);
  /// One step of the optimizer on what is being trained; `values`, which the adapter holds, follow.
  void move(std::vector<float>& values, std::span<const float> gradient, double learning_rate);
  /// Forward and backward of one pass; adds its units' gradients. Returns the sum of their losses.
  Result<double> pass(const std::vector<std::size_t>& members, model::Trainable active,
                      privacy::LotAccumulator& accumulator, privacy::LotAccumulator& discarded);
  Result<StepReport> step(privacy::PrivateRound& round, std::uint64_t index,
                          std::vector<float>& values);

  LocalTrainerOptions options_;
  model::Transformer transformer_;
  model::LoraAdapter adapter_;
  std::vector<DataUnit> units_;
  privacy::PrivacyEngine& engine_;
  std::vector<std::uint32_t> unit_tokens_;  ///< length of each unit, for the lots' capacity
  LocalOptimizer optimizer_;
  DriftCorrection drift_;
  model::Schedule schedule_;
  model::Trainable optimized_;  ///< what the optimizer's values are
  std::uint64_t steps_done_ = 0;
  UpdateKeeper keep_update_;
};

/// Errors: not_finite, which says that training diverged.
Status check_converging(const std::vector<float>& values);

}  // namespace hippocrypt::federation
