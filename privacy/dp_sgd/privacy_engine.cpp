#include "privacy/dp_sgd/privacy_engine.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/core.h>

#include "base/check.hpp"
#include "privacy/accounting/overflow.hpp"
#include "privacy/dp_sgd/discrete_gaussian.hpp"
#include "privacy/dp_sgd/lot_capacity.hpp"
#include "privacy/dp_sgd/noise.hpp"
#include "privacy/ledger/budget_report.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr double smallest_clip = 1e-30;  // of an adaptive one

}  // namespace

struct PrivateRound::State {
  DpSgdParams params;
  PoissonSampler sampler;
  UniformSource* uniforms;
  RandomSource* noise;
  std::shared_ptr<double> clip;
  std::uint64_t steps_left;
  std::uint64_t ledger_row;
  std::size_t lot_size = 0;
  bool is_lot_open = false;  // drawn, and its noisy sum not yet released

  std::vector<std::size_t> draw() {
    HIPPOCRYPT_CHECK(!is_lot_open, "the lot before was not privatized; empty lots are noised too");
    HIPPOCRYPT_CHECK(steps_left > 0, "more lots than the ledger was charged for");
    --steps_left;
    is_lot_open = true;
    std::vector<std::size_t> lot = sampler.draw(*uniforms);
    lot_size = lot.size();
    return lot;
  }

  ClipRule rule() const { return params.rule(params.noise_multiplier, *clip); }

  /// `noisy_counter` in grid units, of the whole lot.
  void adapt_clip(const ClipRule& rule, std::int64_t noisy_counter) {
    const double units = static_cast<double>(noisy_counter) / static_cast<double>(2 * rule.counter);
    const double share = 0.5 + units / params.expected_lot;
    const double factor =
        std::exp(params.adaptive.learning_rate * (params.adaptive.quantile - share));
    *clip = std::clamp(*clip * factor, smallest_clip, max_clip);
  }
};

PrivateRound::PrivateRound(std::unique_ptr<State> state) : state_{std::move(state)} {}
PrivateRound::~PrivateRound() = default;
PrivateRound::PrivateRound(PrivateRound&&) noexcept = default;
PrivateRound& PrivateRound::operator=(PrivateRound&&) noexcept = default;

std::vector<std::size_t> PrivateRound::next_lot() {
  HIPPOCRYPT_CHECK(state_ != nullptr, "a round that was moved away");
  return state_->draw();
}

std::vector<std::size_t> PrivateRound::next_lot(const LotRoom& room) {
  std::vector<std::size_t> lot = next_lot();
  const std::size_t dropped =
      drop_to_capacity(lot, room.unit_tokens, room.capacity_tokens, *state_->uniforms);
  HIPPOCRYPT_CHECK(dropped == 0 || state_->params.overflow_probability > 0.0,
                   "a lot overflowed although the parameters say that none can");
  state_->lot_size = lot.size();
  return lot;
}

void PrivateRound::privatize(LotAccumulator&& lot, std::span<float> out, std::size_t threads) {
  HIPPOCRYPT_CHECK(state_ != nullptr, "a round that was moved away");
  HIPPOCRYPT_CHECK(state_->is_lot_open, "no lot was drawn for this sum");
  const ClipRule rule = state_->rule();
  HIPPOCRYPT_CHECK(lot.rule() == rule, "the sum was clipped to another norm");
  HIPPOCRYPT_CHECK(lot.units() <= state_->lot_size, "more units than were drawn");
  HIPPOCRYPT_CHECK(lot.size() == out.size());
  state_->is_lot_open = false;
  LotAccumulator taken = std::move(lot);  // wiped on return
  const std::span<std::int64_t> sum = taken.sum_.reveal();
  std::int64_t& counter = taken.below_clip_;
  if (rule.grid.has_noise) {
    const DiscreteGaussian noise{*state_->noise, rule.grid.log2_sigma};
    noise.add_to(sum, threads);
    if (rule.counter != 0) noise.add_to({&counter, 1});
  }
  const double unit = rule.unit() / state_->params.expected_lot;
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<float>(static_cast<double>(sum[i]) * unit);
  }
  if (rule.counter != 0) state_->adapt_clip(rule, counter);
}

LotAccumulator PrivateRound::accumulator(std::size_t size) const {
  return accumulator(std::vector<std::size_t>{size});
}

LotAccumulator PrivateRound::accumulator(std::vector<std::size_t> layers) const {
  HIPPOCRYPT_CHECK(state_ != nullptr, "a round that was moved away");
  return LotAccumulator{std::move(layers), state_->rule()};
}

double PrivateRound::clip() const {
  HIPPOCRYPT_CHECK(state_ != nullptr, "a round that was moved away");
  return *state_->clip;
}

std::uint64_t PrivateRound::steps_left() const {
  return state_ == nullptr ? 0 : state_->steps_left;
}

std::uint64_t PrivateRound::ledger_row() const {
  HIPPOCRYPT_CHECK(state_ != nullptr, "a round that was moved away");
  return state_->ledger_row;
}

PrivacyEngine::PrivacyEngine(const DpSgdParams& params, Ledger& ledger, const DatasetId& dataset,
                             RunIdentity identity, UniformSource& sampler, RandomSource& noise,
                             UnixClock clock)
    : params_{params},
      ledger_{&ledger},
      dataset_{dataset},
      identity_{std::move(identity)},
      sampler_{&sampler},
      noise_{&noise},
      clock_{std::move(clock)},
      clip_{std::make_shared<double>(params.clip)} {}

Result<PrivacyEngine> PrivacyEngine::create(const DpSgdParams& params, Ledger& ledger,
                                            const DatasetId& dataset, RunIdentity identity,
                                            UniformSource& sampler, RandomSource& noise,
                                            UnixClock clock) {
  HIPPOCRYPT_CHECK(clock != nullptr);
  HIPPOCRYPT_TRY_VOID(params.check());
  if (dataset.units == 0) {
    return Error{Errc::out_of_range,
                 fmt::format("the data set holds no {}; there is nothing to train on",
                             to_string(dataset.unit))};
  }
  PrivacyEngine engine{params,  ledger, dataset,         std::move(identity),
                       sampler, noise,  std::move(clock)};
  HIPPOCRYPT_TRY_VOID(engine.entry(0, 1).check());
  HIPPOCRYPT_TRY_VOID(engine.absorb(ledger.rows()));
  return engine;
}

LedgerEntry PrivacyEngine::entry(std::uint64_t round, std::uint64_t steps) const {
  LedgerEntry entry;
  entry.run = identity_.run;
  entry.hospital = identity_.hospital;
  entry.round = round;
  entry.dataset = dataset_.fingerprint;
  entry.unit = dataset_.unit;
  entry.sampler = sampler_->name();
  entry.sampling_rate = params_.sampling_rate;
  entry.noise_multiplier = params_.noise_multiplier;
  entry.clip = *clip_;
  entry.steps = steps;
  entry.delta = params_.delta;
  entry.overflow_probability = params_.overflow_probability;
  entry.clipping = params_.clipping;
  entry.noise = NoiseKind::discrete_gaussian;
  entry.noise_source = random_source_name(*noise_);
  entry.unix_time_s = clock_();
  entry.software_version = identity_.software_version;
  return entry;
}

Status PrivacyEngine::absorb(std::span<const LedgerRow> rows) {
  for (; rows_absorbed_ < rows.size(); ++rows_absorbed_) {
    const LedgerRow& row = rows[rows_absorbed_];
    if (row.entry.dataset != dataset_.fingerprint) continue;
    if (row.entry.mechanism != Mechanism::poisson_sampled_gaussian) continue;  // another claim
    if (row.entry.unit != dataset_.unit) {
      return Error{Errc::mismatch,
                   fmt::format("row {} of the ledger protects each {} of this data set and this "
                               "run each {}; their epsilons do not add up, so keep to one unit",
                               row.id, to_string(row.entry.unit), to_string(dataset_.unit))};
    }
    accountant_.add(row.entry.event());
  }
  return {};
}

Result<PrivateRound> PrivacyEngine::begin_round(std::uint64_t round, std::uint64_t steps) {
  const LedgerEntry planned = entry(round, steps);
  const auto admit = [&](std::span<const LedgerRow> rows) -> Status {
    HIPPOCRYPT_TRY_VOID(absorb(rows));
    const double spent = accountant_.epsilon(params_.delta).epsilon;
    const double after = accountant_.epsilon_with(planned.event(), 1, params_.delta).epsilon;
    if (after <= params_.budget) return {};
    return Error{
        Errc::budget_exhausted,
        fmt::format("round {} would bring epsilon to {:.6g} at delta {:g}; {:.6g} is spent on this "
                    "data set and the budget is {:.6g}: take fewer steps, more noise or a larger "
                    "budget, or stop here",
                    round, after, params_.delta, spent, params_.budget)};
  };
  HIPPOCRYPT_TRY(const LedgerRow row, ledger_->charge_if(planned, admit));
  return PrivateRound{std::make_unique<PrivateRound::State>(
      PrivateRound::State{params_, PoissonSampler{dataset_.units, params_.sampling_rate}, sampler_,
                          noise_, clip_, steps, row.id})};
}

BudgetStatus PrivacyEngine::status(std::uint64_t steps_per_round) {
  HIPPOCRYPT_CHECK(steps_per_round > 0 && steps_per_round <= max_ledger_steps);
  // The unit of every row was checked when the row was absorbed or will be by begin_round, which is
  // the one that refuses; what is shown until then counts only what agrees.
  static_cast<void>(absorb(ledger_->rows()));
  const SampledGaussian round{params_.sampling_rate, params_.noise_multiplier, steps_per_round};
  BudgetStatus status;
  status.spent = accountant_.epsilon(params_.delta);
  status.delta = params_.delta;
  status.delta_total = delta_with_overflow(ledger_->rows(), dataset_.fingerprint, params_.delta,
                                           status.spent.epsilon);
  status.budget = params_.budget;
  status.remaining = std::max(0.0, params_.budget - status.spent.epsilon);
  status.steps = accountant_.steps();
  status.rounds_that_fit = accountant_.rounds_that_fit(round, params_.delta, params_.budget);
  return status;
}

}  // namespace hippocrypt::privacy
