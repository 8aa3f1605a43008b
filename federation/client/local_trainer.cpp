#include "federation/client/local_trainer.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>

#include "federation/client/lot_gradients.hpp"
#include "model/unit_gradient.hpp"

namespace hippocrypt::federation {
namespace {

model::ScheduleKind kind_of(ScheduleKind kind) {
  switch (kind) {
    case ScheduleKind::constant:
      return model::ScheduleKind::constant;
    case ScheduleKind::linear:
      return model::ScheduleKind::linear;
    case ScheduleKind::cosine:
      return model::ScheduleKind::cosine;
  }
  return model::ScheduleKind::constant;
}

/// In the order in which they are packed.
std::vector<const TokenSequence*> sequences_of(const std::vector<DataUnit>& units,
                                               const std::vector<std::size_t>& members) {
  std::vector<const TokenSequence*> out;
  for (const std::size_t member : members) {
    for (const TokenSequence& sequence : units[member].sequences) out.push_back(&sequence);
  }
  return out;
}

std::size_t size_of(const model::LoraAdapter& adapter, model::Trainable trainable) {
  const auto sizes = model::layer_sizes(adapter, trainable);
  return std::accumulate(sizes.begin(), sizes.end(), std::size_t{0});
}

model::Backprop backprop_of(Backprop backprop) {
  return backprop == Backprop::exact ? model::Backprop::exact : model::Backprop::top_gradient;
}

/// Sum of weight times loss over the units' tokens.
double loss_of(const model::Batch& batch, const model::LossReport& report,
               const std::vector<std::vector<model::SequenceSpan>>& units) {
  double sum = 0;
  for (const auto& spans : units) {
    for (const model::SequenceSpan& span : spans) {
      for (std::size_t t = span.begin; t < span.begin + span.count; ++t) {
        sum += static_cast<double>(batch.loss_weight[t]) * static_cast<double>(report.nll[t]);
      }
    }
  }
  return sum;
}

}  // namespace

Status check_converging(const std::vector<float>& values) {
  if (std::all_of(values.begin(), values.end(), [](float x) { return std::isfinite(x); })) {
    return {};
  }
  return Error{Errc::not_finite,
               "training diverged: the adapter's update holds NaN or infinity; lower "
               "training.learning_rate"};
}

Result<std::unique_ptr<LocalTrainer>> LocalTrainer::create(LocalTrainerParts parts) {
  const TrainingConfig& training = parts.options.training;
  const bool alternates = parts.options.alternate_every > 0;
  const std::size_t size =
      size_of(parts.adapter, alternates ? model::Trainable::b_only : parts.options.trainable);
  HIPPOCRYPT_TRY(auto optimizer, LocalOptimizer::create(training, size));
  HIPPOCRYPT_TRY(auto schedule,
                 model::Schedule::create({kind_of(training.schedule), training.learning_rate,
                                          training.final_learning_rate, training.warmup_steps,
                                          parts.options.total_steps}));
  return std::unique_ptr<LocalTrainer>{
      new LocalTrainer{std::move(parts), std::move(optimizer), schedule}};
}

LocalTrainer::LocalTrainer(LocalTrainerParts parts, LocalOptimizer optimizer,
                           model::Schedule schedule)
    : options_{std::move(parts.options)},
      transformer_{
          parts.config, parts.weights, parts.oracle, {options_.threads, nullptr, options_.head}},
      adapter_{std::move(parts.adapter)},
      units_{std::move(parts.units)},
      engine_{parts.engine},
      unit_tokens_{token_counts(units_)},
      optimizer_{std::move(optimizer)},
      drift_{options_.aggregation, size_of(adapter_, options_.trainable)},
      schedule_{schedule},
      optimized_{active_at(0)} {}

model::Trainable LocalTrainer::active_at(std::uint64_t step) const {
  if (options_.alternate_every == 0) return options_.trainable;
  const bool odd = step / options_.alternate_every % 2 == 1;
  return odd ? model::Trainable::a_only : model::Trainable::b_only;
}

Status LocalTrainer::turn_to(std::uint64_t step) {
  const model::Trainable active = active_at(step);
  if (active == optimized_) return {};
  HIPPOCRYPT_TRY(optimizer_, LocalOptimizer::create(options_.training, size_of(adapter_, active)));
  optimized_ = active;
  return {};
}

LocalTrainer::Lot LocalTrainer::pack(const std::vector<std::size_t>& members) const {
  Lot lot;
  for (const std::size_t member : members) {
    const DataUnit& unit = units_[member];
    const auto predicted = static_cast<float>(predicted_tokens(unit.sequences));
    lot.unit_spans.push_back(append_sequences(lot.batch, unit.sequences, 1.0F / predicted));
  }
  if (options_.fill_passes) add_dummies(lot);
  // An empty pass takes the same steps: one token, nothing predicted.
  if (lot.batch.tokens.empty()) model::append_sequence(lot.batch, {0}, 0);
  if (options_.inputs != nullptr) options_.inputs->fill(lot.batch, sequences_of(units_, members));
  return lot;
}

void LocalTrainer::add_dummies(Lot& lot) const {
  while (lot.batch.tokens.size() < options_.room.pass_tokens) {
    const std::size_t room = options_.room.pass_tokens - lot.batch.tokens.size();
    const std::vector<std::uint32_t> tokens(std::min(options_.dummy_tokens, room), 0);
    // Weights like a unit's: a token of weight 0 would cost less.
    model::append_sequence(lot.batch, tokens, 1.0F / static_cast<float>(tokens.size()));
    lot.dummy_spans.push_back({lot.batch.sequences.back()});
  }
}

Result<double> LocalTrainer::pass(const std::vector<std::size_t>& members, model::Trainable active,
                                  privacy::LotAccumulator& accumulator,
                                  privacy::LotAccumulator& discarded) {
  const Lot lot = pack(members);
  HIPPOCRYPT_TRY(const auto step,
                 transformer_.forward_backward(lot.batch, adapter_, active,
                                               backprop_of(options_.training.backprop)));
  add_units(step.tape, lot.unit_spans, accumulator, options_.threads);
  add_units(step.tape, lot.dummy_spans, discarded, options_.threads);
  return loss_of(lot.batch, step.report, lot.unit_spans);
}

void LocalTrainer::move(std::vector<float>& values, std::span<const float> gradient,
                        double learning_rate) {
  std::vector<float> moved(gradient.size());
  model::gather<float>(adapter_, optimized_, moved);
  std::vector<float> corrected(gradient.begin(), gradient.end());
  drift_.correct(moved, corrected, learning_rate);
  optimizer_.step(moved, corrected, learning_rate);
  model::scatter<float>(moved, optimized_, adapter_);
  model::gather<float>(adapter_, options_.trainable, values);
}

Result<StepReport> LocalTrainer::step(privacy::PrivateRound& round, std::uint64_t index,
                                      std::vector<float>& values) {
  HIPPOCRYPT_TRY_VOID(turn_to(index));
  if (options_.before_lot) options_.before_lot(index);
  HIPPOCRYPT_TRY(const auto lot, round.next_lot({unit_tokens_, options_.room.lot_capacity()}));
  model::scatter<float>(values, options_.trainable, adapter_);
  auto accumulator = round.accumulator(model::layer_sizes(adapter_, optimized_));
  auto discarded = round.accumulator(accumulator.layers());  // of dummies; never read
  StepReport report;
  report.learning_rate = schedule_.at(index);
  for (const auto& members : split_lot(lot, unit_tokens_, options_.room)) {
    HIPPOCRYPT_TRY(const double loss, pass(members, optimized_, accumulator, discarded));
    report.loss += loss;
  }
  report.rejected = accumulator.rejected();
  report.clipped = accumulator.clipped();
  report.clip = accumulator.rule().clip;
  std::vector<float> gradient(accumulator.size());
  round.privatize(std::move(accumulator), gradient, options_.threads);
  if (keep_update_) HIPPOCRYPT_TRY_VOID(keep_update_(index, gradient, round.clip()));
  move(values, gradient, report.learning_rate);
  ++steps_done_;
  for (const std::size_t unit : lot) report.tokens += unit_tokens_[unit];
  report.loss = lot.empty() ? std::numeric_limits<double>::quiet_NaN()
                            : report.loss / static_cast<double>(lot.size());
  return report;
}

Status LocalTrainer::take_steps(const Stretch& stretch, std::vector<float>& values,
                                const std::atomic<bool>& stop, const StepCallback& on_step) {
  HIPPOCRYPT_TRY(auto permit,
                 engine_.begin_round(stretch.round, stretch.count, stretch.first_step));
  for (std::uint64_t k = 0; k < stretch.count; ++k) {
    if (stop) return Error{Errc::cancelled, "stopped by the user"};
    HIPPOCRYPT_TRY(StepReport report, step(permit, stretch.first_step + k, values));
    report.step = k + 1;
    on_step(report);
  }
  return {};
}

Result<std::vector<float>> LocalTrainer::train_round(std::uint32_t round, std::uint32_t steps,
                                                     const std::vector<float>& global,
                                                     const std::atomic<bool>& stop,
                                                     const StepCallback& on_step,
                                                     const KeptSteps& kept) {
  const std::uint64_t first_step = (std::uint64_t{std::max(round, 1U)} - 1) * steps;
  HIPPOCRYPT_TRY(std::vector<float> values, begin_round(round, global, first_step));
  std::uint64_t done = 0;
  if (kept) {
    HIPPOCRYPT_TRY(done, kept(values));
  }
  if (done < steps) {
    HIPPOCRYPT_TRY_VOID(
        take_steps({round, first_step + done, steps - done}, values, stop, [&](StepReport report) {
          report.step += done;
          on_step(report);
        }));
  }
  // The aggregator would refuse such an update; here the cause is known.
  HIPPOCRYPT_TRY_VOID(check_converging(values));
  return drift_.finish_round(values);
}

Result<std::vector<float>> LocalTrainer::begin_round(std::uint32_t round,
                                                     const std::vector<float>& global,
                                                     std::uint64_t step) {
  HIPPOCRYPT_TRY(auto values, drift_.begin_round(round, global));
  if (!drift_.wants_anchor()) return values;
  HIPPOCRYPT_TRY_VOID(turn_to(step));
  model::scatter<float>(values, options_.trainable, adapter_);
  std::vector<float> anchor(optimizer_.size());
  model::gather<float>(adapter_, optimized_, anchor);
  drift_.set_anchor(std::move(anchor));
  return values;
}

Result<double> LocalTrainer::evaluate(const std::vector<float>& global,
                                      const std::vector<TokenSequence>& sequences) {
  model::Batch batch;
  append_sequences(batch, sequences, 1);
  if (options_.inputs != nullptr) {
    std::vector<const TokenSequence*> all;
    for (const TokenSequence& sequence : sequences) all.push_back(&sequence);
    options_.inputs->fill(batch, all);
  }
  model::scatter<float>(global, options_.trainable, adapter_);
  HIPPOCRYPT_TRY(const auto loss, transformer_.evaluate(batch, &adapter_));
  return loss.weighted_nll / static_cast<double>(predicted_tokens(sequences));
}

Status LocalTrainer::replay(std::uint64_t step, std::span<const float> update,
                            std::vector<float>& values) {
  HIPPOCRYPT_TRY_VOID(turn_to(step));
  if (update.size() != optimizer_.size()) {
    return Error{Errc::mismatch, "the journal's update has another size than the adapter"};
  }
  model::scatter<float>(values, options_.trainable, adapter_);
  move(values, update, schedule_.at(step));
  ++steps_done_;
  return {};
}

Status LocalTrainer::restore(OptimizerState state, std::uint64_t steps_done,
                             std::uint64_t next_step) {
  // It was saved after the last step that was taken, and is of what that step trained.
  const model::Trainable active = active_at(next_step > 0 ? next_step - 1 : 0);
  HIPPOCRYPT_TRY(optimizer_, LocalOptimizer::restore(options_.training, size_of(adapter_, active),
                                                     std::move(state)));
  optimized_ = active;
  steps_done_ = steps_done;
  return {};
}

model::LoraAdapter LocalTrainer::adapter_of(const std::vector<float>& values) const {
  model::LoraAdapter adapter = adapter_;
  model::scatter<float>(values, options_.trainable, adapter);
  return adapter;
}

}  // namespace hippocrypt::federation
