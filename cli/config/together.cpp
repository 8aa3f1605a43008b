#include <array>
#include <cmath>

#include "cli/config/sections.hpp"
#include "federation/secagg/common/configured.hpp"

namespace hippocrypt::cli {
namespace {

Status check_noise(const Document& document, const federation::FederationConfig& config) {
  if (config.privacy.noise_multiplier > 0) return {};
  std::vector<std::string> keys{"privacy.noise_multiplier"};
  bool finite = std::isfinite(config.privacy.budget);
  if (finite) keys.emplace_back("privacy.budget");
  for (std::size_t i = 0; i < config.hospitals.size(); ++i) {
    if (!std::isfinite(config.hospitals[i].budget)) continue;  // NaN: privacy.budget
    finite = true;
    keys.push_back(hospital_section(document, config, i) + ".budget");
  }
  if (!finite) return {};
  return document.problem_at_first(
      keys,
      "without noise the privacy loss is infinite, so no finite budget (here " + keys.back() +
          ") allows even one step; raise privacy.noise_multiplier above 0, or set every budget to "
          "inf");
}

Status check_train_tiles(const Document& document, const federation::FederationConfig& config) {
  const std::uint64_t room =
      std::uint64_t{config.encryption.train_tiles} * std::uint64_t{config.encryption.tile_tokens};
  if (room >= config.training.max_patient_tokens) return {};
  return document.problem_at_first(
      std::array<std::string, 3>{"encryption.train_tiles", "encryption.tile_tokens",
                                 "training.max_patient_tokens"},
      "train_tiles (" + std::to_string(config.encryption.train_tiles) + ") times tile_tokens (" +
          std::to_string(config.encryption.tile_tokens) +
          ") must be at least training.max_patient_tokens (" +
          std::to_string(config.training.max_patient_tokens) +
          "), or a patient would not fit a step");
}

Status check_eval_tiles(const Document& document, const federation::FederationConfig& config) {
  const std::uint64_t room =
      std::uint64_t{config.encryption.eval_tiles} * std::uint64_t{config.encryption.tile_tokens};
  if (room >= config.training.max_note_tokens) return {};
  return document.problem_at_first(
      std::array<std::string, 3>{"encryption.eval_tiles", "encryption.tile_tokens",
                                 "training.max_note_tokens"},
      "eval_tiles (" + std::to_string(config.encryption.eval_tiles) + ") times tile_tokens (" +
          std::to_string(config.encryption.tile_tokens) +
          ") must be at least training.max_note_tokens (" +
          std::to_string(config.training.max_note_tokens) +
          "), or a held-out note would not fit an evaluation");
}

Status check_warmup(const Document& document, const federation::FederationConfig& config) {
  const std::uint64_t steps =
      std::uint64_t{config.run.rounds} * std::uint64_t{config.run.steps_per_round};
  if (config.training.warmup_steps <= steps) return {};
  return document.problem_at_first(
      std::array<std::string, 3>{"training.warmup_steps", "run.rounds", "run.steps_per_round"},
      "the warm-up (" + std::to_string(config.training.warmup_steps) +
          " steps) is longer than the training, which has rounds (" +
          std::to_string(config.run.rounds) + ") times steps_per_round (" +
          std::to_string(config.run.steps_per_round) + ")");
}

/// What has no gradient would get nothing but the noise of differential privacy.
Status check_backprop(const Document& document, const federation::FederationConfig& config) {
  if (config.training.backprop == federation::Backprop::exact) return {};
  for (const std::string& target : config.adapter.targets) {
    if (target == "o" || target == "down") continue;
    return document.problem_at_first(
        std::array<std::string, 2>{"adapter.targets", "training.backprop"},
        "'" + target +
            "' has no gradient where training.backprop is top_gradient; set adapter.targets to "
            "[\"o\", \"down\"] or one of them, or training.backprop to exact");
  }
  return {};
}

Status check_dp_forward(const Document& document, const federation::FederationConfig& config) {
  if (!config.dp_forward || config.dp_forward->tokens == 0) return {};
  if (config.dp_forward->tokens >= config.training.max_note_tokens) return {};
  return document.problem_at_first(
      std::array<std::string, 2>{"privacy.dp_forward.tokens", "training.max_note_tokens"},
      "every sequence is padded to tokens (" + std::to_string(config.dp_forward->tokens) +
          "), which must be at least training.max_note_tokens (" +
          std::to_string(config.training.max_note_tokens) + ")");
}

Status check_secagg(const Document& document, const federation::FederationConfig& config) {
  if (!config.masks_sums()) return {};
  const auto params = federation::secagg::params_of(config);
  if (params) return {};
  return document.problem_at_first(
      std::array<std::string, 8>{"secagg.min_contributors", "secagg.threshold", "secagg.colluders",
                                 "secagg.value_bits", "secagg.range", "hospital.0.weight", "secagg",
                                 "hospital"},
      params.error().detail);
}

}  // namespace

Status check_together(const Document& document, const federation::FederationConfig& config) {
  HIPPOCRYPT_TRY_VOID(check_groups(document, config));
  HIPPOCRYPT_TRY_VOID(check_noise(document, config));
  HIPPOCRYPT_TRY_VOID(check_warmup(document, config));
  HIPPOCRYPT_TRY_VOID(check_backprop(document, config));
  HIPPOCRYPT_TRY_VOID(check_dp_forward(document, config));
  HIPPOCRYPT_TRY_VOID(check_aggregation(document, config));
  HIPPOCRYPT_TRY_VOID(check_train_tiles(document, config));
  HIPPOCRYPT_TRY_VOID(check_eval_tiles(document, config));
  return check_secagg(document, config);
}

}  // namespace hippocrypt::cli
