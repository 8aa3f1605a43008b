#include "federation/client/local_plan.hpp"

#include <fmt/format.h>

#include <algorithm>

#include "federation/adapter/adapter_factory.hpp"
#include "federation/client/dealt_notes.hpp"
#include "federation/client/lot_packing.hpp"
#include "privacy/accounting/overflow.hpp"

namespace hippocrypt::federation {
namespace {

/// The most that dropping units from full lots may add to delta, as a share of it: the figures that
/// are shown at delta would mean little otherwise.
constexpr double max_overflow_share = 0.01;

privacy::Clipping clipping_of(ClippingMode mode) {
  switch (mode) {
    case ClippingMode::flat:
      return privacy::Clipping::flat;
    case ClippingMode::per_layer:
      return privacy::Clipping::per_layer;
    case ClippingMode::adaptive:
      return privacy::Clipping::adaptive;
  }
  return privacy::Clipping::flat;
}

privacy::StepScheduleKind kind_of(PrivacySchedule schedule) {
  switch (schedule) {
    case PrivacySchedule::constant:
      return privacy::StepScheduleKind::constant;
    case PrivacySchedule::linear:
      return privacy::StepScheduleKind::linear;
    case PrivacySchedule::exponential:
      return privacy::StepScheduleKind::exponential;
    case PrivacySchedule::step:
      return privacy::StepScheduleKind::step;
  }
  return privacy::StepScheduleKind::constant;
}

/// Errors: invalid_config when the planned steps would add more.
Status check_overflow(const privacy::DpSgdParams& params, std::uint64_t steps) {
  if (!(params.noise_multiplier > 0)) return {};  // without noise no delta is claimed
  const privacy::SampledGaussian planned{params.sampling_rate, params.smallest_multiplier(0, steps),
                                         steps};
  const double epsilon =
      std::min(params.budget, privacy::rdp_epsilon({&planned, 1}, params.delta).epsilon);
  const double added = privacy::overflow_delta(params.overflow_probability, steps, epsilon);
  if (added <= max_overflow_share * params.delta) return {};
  return Error{
      Errc::invalid_config,
      fmt::format("lots are too large for their tiles: units would be dropped often enough "
                  "to add {:.2g} to delta = {:g}; raise encryption.train_tiles or "
                  "training.accumulate, or lower privacy.sampling_rate or "
                  "training.max_patient_tokens",
                  added, params.delta)};
}

/// The configured constants and this hospital's overflow bound.
Result<privacy::DpSgdParams> dp_params(const FederationConfig& config, std::size_t index,
                                       const std::vector<DataUnit>& units) {
  const auto& privacy = config.privacy;
  privacy::DpSgdParams params;
  params.sampling_rate = privacy.sampling_rate;
  params.noise_multiplier = privacy.noise_multiplier;
  params.clip = privacy.clip;
  params.expected_lot = privacy.expected_lot;
  params.delta = privacy.delta;
  params.budget = config.budget_of(config.hospitals[index]);
  const std::uint64_t steps = std::uint64_t{config.run.rounds} * config.run.steps_per_round;
  params.clipping = clipping_of(privacy.clipping);
  params.adaptive = {privacy.clip_quantile, privacy.clip_learning_rate, privacy.clip_count_noise};
  params.noise_schedule = {kind_of(privacy.noise_schedule), privacy.final_noise_multiplier, steps,
                           privacy.schedule_stages};
  params.clip_schedule = {kind_of(privacy.clip_schedule), privacy.final_clip, steps,
                          privacy.schedule_stages};
  const auto tokens = token_counts(units);
  const privacy::LotLimits limits{step_room(config.training, config.encryption).lot_capacity(),
                                  config.training.max_patient_tokens};
  HIPPOCRYPT_TRY(const auto bound,
                 privacy::overflow_probability(tokens, params.sampling_rate, limits));
  params.overflow_probability = bound.probability;
  HIPPOCRYPT_TRY_VOID(check_overflow(params, steps));
  return params;
}

}  // namespace

TextCodec text_codec(const model::ModelBundle& bundle) {
  return {bundle.tokenizer, bundle.special, model::detect_chat_style(bundle.chat_template)};
}

std::size_t eval_capacity(const EncryptionConfig& encryption) {
  return std::size_t{encryption.eval_tiles} * encryption.tile_tokens;
}

Result<LocalPlan> make_local_plan(const FederationConfig& config, std::size_t index,
                                  TextCodec codec, const model::ModelConfig& model_config,
                                  const notes::NoteFile* dealt) {
  codec.deidentify = config.privacy.deidentify;
  HIPPOCRYPT_TRY(auto notes,
                 dealt != nullptr ? Result<notes::NoteFile>{*dealt} : notes_of(config, index));
  HIPPOCRYPT_TRY(auto data,
                 make_hospital_data(std::move(notes), config.hospitals[index].notes.string(), codec,
                                    config.training, config.privacy.unit, model_config->max_context,
                                    eval_capacity(config.encryption)));
  HIPPOCRYPT_TRY(const auto params, dp_params(config, index, data.train));
  HIPPOCRYPT_TRY(auto adapter, make_initial_adapter(config, model_config));
  return LocalPlan{std::move(data), params, std::move(adapter)};
}

}  // namespace hippocrypt::federation
