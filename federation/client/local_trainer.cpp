#include "federation/client/local_trainer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

namespace hippocrypt::federation {
namespace {

/// Appends sequences to a batch and says where they lie.
std::vector<model::SequenceSpan> append(model::Batch& batch,
                                        const std::vector<TokenSequence>& sequences, float weight) {
  const std::size_t first = batch.sequences.size();
  for (const auto& sequence : sequences) model::append_sequence(batch, sequence, weight);
  return {batch.sequences.begin() + static_cast<std::ptrdiff_t>(first), batch.sequences.end()};
}

std::size_t predicted_tokens(const std::vector<TokenSequence>& sequences) {
  std::size_t count = 0;
  for (const auto& sequence : sequences) count += sequence.size() - 1;
  return count;
}

Result<LocalOptimizer> make_optimizer(OptimizerKind kind, std::size_t size) {
  if (kind == OptimizerKind::sgd) {
    HIPPOCRYPT_TRY(auto sgd, model::Sgd::create({}, size));
    return LocalOptimizer{std::move(sgd)};
  }
  HIPPOCRYPT_TRY(auto adamw, model::AdamW::create({}, size));
  return LocalOptimizer{std::move(adamw)};
}

}  // namespace

Result<std::unique_ptr<LocalTrainer>> LocalTrainer::create(LocalTrainerParts parts) {
  const std::size_t size =
      model::trainable_count(parts.config, parts.adapter.config(), parts.options.trainable);
  HIPPOCRYPT_TRY(auto optimizer, make_optimizer(parts.options.training.optimizer, size));
  return std::unique_ptr<LocalTrainer>{new LocalTrainer{std::move(parts), std::move(optimizer)}};
}

LocalTrainer::LocalTrainer(LocalTrainerParts parts, LocalOptimizer optimizer)
    : options_{std::move(parts.options)},
      transformer_{parts.config, parts.weights, parts.oracle},
      adapter_{std::move(parts.adapter)},
      units_{std::move(parts.units)},
      engine_{parts.engine},
      unit_tokens_{token_counts(units_)},
      optimizer_{std::move(optimizer)} {}

LocalTrainer::Lot LocalTrainer::pack(const std::vector<std::size_t>& members) const {
  Lot lot;
  for (const std::size_t member : members) {
    const DataUnit& unit = units_[member];
    const auto predicted = static_cast<float>(predicted_tokens(unit.sequences));
    lot.unit_spans.push_back(append(lot.batch, unit.sequences, 1.0F / predicted));
  }
  if (lot.batch.tokens
          .empty()) {  // an empty lot takes the same steps: one token, nothing predicted
    append(lot.batch, {TokenSequence{0}}, 0);
  }
  return lot;
}

Result<double> LocalTrainer::step(privacy::PrivateRound& round, std::vector<float>& values) {
  const Lot lot = pack(round.next_lot({unit_tokens_, options_.capacity_tokens}));
  model::scatter<float>(values, options_.trainable, adapter_);
  HIPPOCRYPT_TRY(const auto step,
                 transformer_.forward_backward(lot.batch, adapter_, options_.trainable));
  auto accumulator = round.accumulator(values.size());
  std::vector<float> gradient(values.size());
  for (const auto& spans : lot.unit_spans) {
    model::unit_gradient<float>(step.tape, spans, gradient);
    accumulator.add(gradient);
  }
  round.privatize(std::move(accumulator), gradient);
  std::visit(
      [&](auto& optimizer) { optimizer.step(values, gradient, options_.training.learning_rate); },
      optimizer_);
  ++steps_done_;
  if (lot.unit_spans.empty()) return std::numeric_limits<double>::quiet_NaN();
  return step.report.weighted_nll / static_cast<double>(lot.unit_spans.size());
}

Result<std::vector<float>> LocalTrainer::train_round(std::uint32_t round,
                                                     const std::vector<float>& global,
                                                     const std::atomic<bool>& stop,
                                                     const StepCallback& on_step) {
  HIPPOCRYPT_TRY(auto permit, engine_.begin_round(round, options_.steps_per_round));
  std::vector<float> values = global;
  for (std::uint32_t k = 1; k <= options_.steps_per_round; ++k) {
    if (stop) return Error{Errc::cancelled, "stopped by the user"};
    HIPPOCRYPT_TRY(const double loss, step(permit, values));
    on_step(k, loss);
  }
  for (std::size_t i = 0; i < values.size(); ++i) values[i] -= global[i];
  // The aggregator would refuse such an update; here the cause is known.
  if (!std::all_of(values.begin(), values.end(), [](float x) { return std::isfinite(x); })) {
    return Error{Errc::not_finite,
                 "training diverged: the adapter's update holds NaN or infinity; lower "
                 "training.learning_rate"};
  }
  return values;
}

Result<double> LocalTrainer::evaluate(const std::vector<float>& global,
                                      const std::vector<TokenSequence>& sequences) {
  model::Batch batch;
  append(batch, sequences, 1);
  model::scatter<float>(global, options_.trainable, adapter_);
  HIPPOCRYPT_TRY(const auto loss, transformer_.evaluate(batch, &adapter_));
  return loss.weighted_nll / static_cast<double>(predicted_tokens(sequences));
}

}  // namespace hippocrypt::federation
