#pragma once
// One hospital's work in a round: K local DP-SGD steps on its adapter, through a LinearOracle. Each
// step draws a Poisson lot, packs it into a constant number of tiles, cuts out and clips every
// unit's own gradient, adds noise and lets the optimizer move the adapter.

#include <atomic>
#include <functional>
#include <memory>
#include <variant>
#include <vector>

#include "federation/client/hospital_data.hpp"
#include "federation/common/federation_config.hpp"
#include "model/lora_adapter.hpp"
#include "model/optimizer.hpp"
#include "model/transformer.hpp"
#include "privacy/privacy_engine.hpp"

namespace hippocrypt::federation {

/// Called after every step: step (from 1), mean loss of the lot's units (NaN for an empty lot).
using StepCallback = std::function<void(std::uint32_t step, double loss)>;

struct LocalTrainerOptions {
  TrainingConfig training;
  std::uint32_t steps_per_round = 1;
  std::size_t capacity_tokens = 0;  ///< tiles × tile tokens: what every step sends
  model::Trainable trainable = model::Trainable::b_only;
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

/// The optimizer's state stays at the hospital from round to round.
using LocalOptimizer = std::variant<model::AdamW, model::Sgd>;

/// Not thread-safe: one worker thread owns it.
class LocalTrainer {
 public:
  /// Errors: those of the optimizer's options.
  static Result<std::unique_ptr<LocalTrainer>> create(LocalTrainerParts parts);

  /// Charges the ledger, then trains from `global` and returns new minus old values. Errors:
  /// budget_exhausted (the hospital sits this round out), cancelled, not_finite (training
  /// diverged), those of the oracle and ledger.
  Result<std::vector<float>> train_round(std::uint32_t round, const std::vector<float>& global,
                                         const std::atomic<bool>& stop,
                                         const StepCallback& on_step);

  /// Mean negative log-likelihood a predicted token over `sequences`, with adapter values `global`.
  Result<double> evaluate(const std::vector<float>& global,
                          const std::vector<TokenSequence>& sequences);

  std::uint64_t steps_done() const { return steps_done_; }

 private:
  LocalTrainer(LocalTrainerParts parts, LocalOptimizer optimizer);
  struct Lot {
    model::Batch batch;
    std::vector<std::vector<model::SequenceSpan>> unit_spans;
  };
  Lot pack(const std::vector<std::size_t>& members) const;
  Result<double> step(privacy::PrivateRound& round, std::vector<float>& values);

  LocalTrainerOptions options_;
  model::Transformer transformer_;
  model::LoraAdapter adapter_;
  std::vector<DataUnit> units_;
  privacy::PrivacyEngine& engine_;
  std::vector<std::uint32_t> unit_tokens_;  ///< length of each unit, for the lots' capacity
  LocalOptimizer optimizer_;
  std::uint64_t steps_done_ = 0;
};

}  // namespace hippocrypt::federation
