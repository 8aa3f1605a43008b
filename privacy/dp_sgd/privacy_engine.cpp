#include "privacy/dp_sgd/privacy_engine.hpp"

#include <algorithm>
#include <cmath>
#include <utility>

#include <fmt/core.h>

#include "base/check.hpp"
#include "privacy/dp_sgd/discrete_gaussian.hpp"
#include "privacy/dp_sgd/lot_capacity.hpp"
#include "privacy/dp_sgd/random_source_name.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr double smallest_clip = 1e-30;  // of an adaptive one

}  // namespace

struct PrivateRound::State {
  std::shared_ptr<DpAccount> account;
  RoundPermit permit;
  PoissonSampler sampler;
  UniformSource* uniforms;
  RandomSource* noise;
  std::shared_ptr<double> clip;
  LotStageHook on_stage;
  std::uint64_t steps_left;
  std::uint64_t ledger_row = 0;
  std::size_t lot_size = 0;
  bool is_lot_open = false;  // drawn, and its noisy sum not yet released

  const DpSgdParams& params() const { return account->params(); }
  void reach(LotStage stage) const {
    if (on_stage) on_stage(stage);
  }

  Result<std::vector<std::size_t>> draw() {
    HIPPOCRYPT_CHECK(!is_lot_open, "the lot before was not privatized; empty lots are noised too");
    HIPPOCRYPT_CHECK(steps_left > 0, "more lots than the round has");
    reach(LotStage::planned);
    HIPPOCRYPT_TRY(ledger_row, account->charge_lot(permit, clip_norm(permit.next_step)));
    reach(LotStage::charged);
    --steps_left;
    is_lot_open = true;
    std::vector<std::size_t> lot = sampler.draw(*uniforms);
    lot_size = lot.size();
    reach(LotStage::drawn);
    return lot;
  }

  /// Of the lot that is open, or else of the next one.
  ClipRule rule() const {
    const std::uint64_t step = is_lot_open ? permit.next_step - 1 : permit.next_step;
    return params().rule(params().multiplier_at(step), clip_norm(step));
  }
  double clip_norm(std::uint64_t step) const {
    return params().clipping == Clipping::adaptive ? *clip : params().clip_at(step);
  }

  /// `noisy_counter` in grid units, of the whole lot.
  void adapt_clip(const ClipRule& rule, std::int64_t noisy_counter) {
    const double units = static_cast<double>(noisy_counter) / static_cast<double>(2 * rule.counter);
    const double share = 0.5 + units / params().expected_lot;
    const AdaptiveClipParams& adaptive = params().adaptive;
    const double factor = std::exp(adaptive.learning_rate * (adaptive.quantile - share));
    *clip = std::clamp(*clip * factor, smallest_clip, max_clip);
  }
};

PrivateRound::PrivateRound(std::unique_ptr<State> state) : state_{std::move(state)} {}
PrivateRound::~PrivateRound() = default;
PrivateRound::PrivateRound(PrivateRound&&) noexcept = default;
PrivateRound& PrivateRound::operator=(PrivateRound&&) noexcept = default;

Result<std::vector<std::size_t>> PrivateRound::next_lot() {
  HIPPOCRYPT_CHECK(state_ != nullptr, "a round that was moved away");
  return state_->draw();
}

Result<std::vector<std::size_t>> PrivateRound::next_lot(const LotRoom& room) {
  HIPPOCRYPT_TRY(std::vector<std::size_t> lot, next_lot());
  const std::size_t dropped =
      drop_to_capacity(lot, room.unit_tokens, room.capacity_tokens, *state_->uniforms);
  HIPPOCRYPT_CHECK(dropped == 0 || state_->params().overflow_probability > 0.0,
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
  state_->reach(LotStage::summed);
  if (rule.grid.has_noise) {
    const DiscreteGaussian noise{*state_->noise, rule.grid.log2_sigma};
    noise.add_to(sum, threads);
    if (rule.counter != 0) noise.add_to({&counter, 1});
  }
  const double unit = rule.unit() / state_->params().expected_lot;
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<float>(static_cast<double>(sum[i]) * unit);
  }
  if (rule.counter != 0) state_->adapt_clip(rule, counter);
  state_->reach(LotStage::noised);
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
  return state_->rule().clip;
}

std::uint64_t PrivateRound::steps_left() const {
  return state_ == nullptr ? 0 : state_->steps_left;
}

std::uint64_t PrivateRound::ledger_row() const {
  HIPPOCRYPT_CHECK(state_ != nullptr, "a round that was moved away");
  return state_->ledger_row;
}

PrivacyEngine::PrivacyEngine(std::shared_ptr<DpAccount> account, UniformSource& sampler,
                             RandomSource& noise)
    : account_{std::move(account)},
      sampler_{&sampler},
      noise_{&noise},
      clip_{std::make_shared<double>(account_->params().clip)} {}

Result<PrivacyEngine> PrivacyEngine::create(const DpSgdParams& params, Ledger& ledger,
                                            const DatasetId& dataset, RunIdentity identity,
                                            UniformSource& sampler, RandomSource& noise,
                                            UnixClock clock,
                                            std::shared_ptr<PldWorkspace> workspace) {
  HIPPOCRYPT_CHECK(clock != nullptr);
  HIPPOCRYPT_TRY_VOID(params.check());
  if (dataset.units == 0) {
    return Error{Errc::out_of_range,
                 fmt::format("the data set holds no {}; there is nothing to train on",
                             to_string(dataset.unit))};
  }
  LedgerEntry entry;  // what is the same in every row
  entry.run = std::move(identity.run);
  entry.hospital = std::move(identity.hospital);
  entry.software_version = std::move(identity.software_version);
  entry.sampler = sampler.name();
  entry.noise_source = random_source_name(noise);
  entry.clipping = params.clipping;
  entry.noise = NoiseKind::discrete_gaussian;
  auto account = std::make_shared<DpAccount>(params, ledger, dataset, std::move(entry),
                                             std::move(clock), std::move(workspace));
  HIPPOCRYPT_TRY_VOID(account->entry(0, 0, 1, params.clip).check());
  HIPPOCRYPT_TRY_VOID(account->absorb());
  return PrivacyEngine{std::move(account), sampler, noise};
}

Result<PrivateRound> PrivacyEngine::begin_round(std::uint64_t round, std::uint64_t steps,
                                                std::uint64_t first_step) {
  const bool adapts = params().clipping == Clipping::adaptive;
  const double clip = adapts ? *clip_ : params().clip_at(first_step);
  HIPPOCRYPT_TRY(const RoundPermit permit, account_->permit(round, first_step, steps, clip));
  return PrivateRound{std::make_unique<PrivateRound::State>(PrivateRound::State{
      account_, permit, PoissonSampler{account_->units(), params().sampling_rate}, sampler_, noise_,
      clip_, on_stage_, steps})};
}

void PrivacyEngine::restore_clip(double clip) {
  if (clip >= smallest_clip && clip <= max_clip) *clip_ = clip;
}

SpentEpsilon PrivacyEngine::spent() { return account_->spent(); }

double PrivacyEngine::delta_total() { return account_->delta_total(); }

BudgetStatus PrivacyEngine::status(std::uint64_t steps_per_round) {
  return account_->status(steps_per_round);
}

}  // namespace hippocrypt::privacy
