#include "federation/common/run_settings.hpp"

#include <fmt/format.h>

#include <algorithm>

namespace hippocrypt::federation {
namespace {

/// Collects settings; a double is written so that it reads back as the same number.
class Collector {
 public:
  template <class T>
  void add(const char* key, const T& value) {
    settings_.push_back({key, fmt::format("{}", value)});
  }
  std::vector<Setting> take() && { return std::move(settings_); }

 private:
  std::vector<Setting> settings_;
};

void add_training(Collector& out, const TrainingConfig& training) {
  out.add("training.optimizer", to_string(training.optimizer));
  out.add("training.learning_rate", training.learning_rate);
  out.add("training.schedule", to_string(training.schedule));
  out.add("training.warmup_steps", training.warmup_steps);
  out.add("training.final_learning_rate", training.final_learning_rate);
  out.add("training.beta1", training.beta1);
  out.add("training.beta2", training.beta2);
  out.add("training.epsilon", training.epsilon);
  out.add("training.momentum", training.momentum);
  out.add("training.weight_decay", training.weight_decay);
  out.add("training.loss", to_string(training.loss));
  out.add("training.backprop", to_string(training.backprop));
  out.add("training.accumulate", training.accumulate);
  out.add("training.max_note_tokens", training.max_note_tokens);
  out.add("training.max_patient_tokens", training.max_patient_tokens);
}

void add_privacy(Collector& out, const PrivacyConfig& privacy) {
  out.add("privacy.unit", to_string(privacy.unit));
  out.add("privacy.noise_multiplier", privacy.noise_multiplier);
  out.add("privacy.clip", privacy.clip);
  out.add("privacy.sampling_rate", privacy.sampling_rate);
  out.add("privacy.expected_lot", privacy.expected_lot);
  out.add("privacy.delta", privacy.delta);
  out.add("privacy.clipping", to_string(privacy.clipping));
  out.add("privacy.clip_quantile", privacy.clip_quantile);
  out.add("privacy.clip_learning_rate", privacy.clip_learning_rate);
  out.add("privacy.clip_count_noise", privacy.clip_count_noise);
  out.add("privacy.noise_schedule", to_string(privacy.noise_schedule));
  out.add("privacy.final_noise_multiplier", privacy.final_noise_multiplier);
  out.add("privacy.clip_schedule", to_string(privacy.clip_schedule));
  out.add("privacy.final_clip", privacy.final_clip);
  out.add("privacy.schedule_stages", privacy.schedule_stages);
}

void add_dp_forward(Collector& out, const std::optional<DpForwardConfig>& forward) {
  out.add("privacy.dp_forward", forward ? "used" : "not used");
  if (!forward) return;
  out.add("privacy.dp_forward.epsilon", forward->epsilon);
  out.add("privacy.dp_forward.noise_multiplier", forward->noise_multiplier);
  out.add("privacy.dp_forward.delta", forward->delta);
  out.add("privacy.dp_forward.clip", forward->clip);
  out.add("privacy.dp_forward.tokens", forward->tokens);
}

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const auto& word : words) text += (text.empty() ? "" : ",") + word;
  return text;
}

}  // namespace

std::vector<Setting> run_settings(const FederationConfig& config, std::size_t index) {
  Collector out;
  out.add("run.seed", config.run.seed);
  out.add("run.rounds", config.run.rounds);
  out.add("run.steps_per_round", config.run.steps_per_round);
  out.add("adapter.mode", to_string(config.adapter.mode));
  out.add("adapter.rank", config.adapter.rank);
  out.add("adapter.alpha", config.adapter.alpha);
  out.add("adapter.targets", joined(config.adapter.targets));
  add_training(out, config.training);
  add_privacy(out, config.privacy);
  add_dp_forward(out, config.dp_forward);
  out.add("encryption.oracle", to_string(config.encryption.oracle));
  out.add("encryption.train_tiles", config.encryption.train_tiles);
  out.add("encryption.eval_tiles", config.encryption.eval_tiles);
  out.add("encryption.tile_tokens", config.encryption.tile_tokens);
  out.add("encryption.exact_channels", config.encryption.exact_channels);
  out.add("encryption.blind_head", config.encryption.blind_head);
  out.add("hospital.name", config.hospitals[index].name);
  return std::move(out).take();
}

std::vector<Setting> federation_settings(const FederationConfig& config) {
  std::vector<Setting> settings = run_settings(config, 0);
  settings.pop_back();  // one hospital's name
  Collector out;
  out.add("secagg.enabled", config.secagg.enabled);
  out.add("secagg.threshold", config.secagg.threshold);
  out.add("secagg.colluders", config.secagg.colluders);
  out.add("secagg.min_contributors", config.secagg.min_contributors);
  out.add("secagg.value_bits", config.secagg.value_bits);
  out.add("secagg.range", config.secagg.range);
  const AggregationConfig& aggregation = config.aggregation;
  out.add("aggregation.strategy", to_string(aggregation.strategy));
  out.add("aggregation.learning_rate", aggregation.learning_rate);
  out.add("aggregation.momentum", aggregation.momentum);
  out.add("aggregation.beta1", aggregation.beta1);
  out.add("aggregation.beta2", aggregation.beta2);
  out.add("aggregation.tau", aggregation.tau);
  out.add("aggregation.proximal", aggregation.proximal);
  out.add("aggregation.norm_bound", aggregation.norm_bound);
  out.add("aggregation.trim", aggregation.trim);
  out.add("aggregation.faulty", aggregation.faulty);
  for (const auto& hospital : config.hospitals) {
    out.add("hospital.name", hospital.name);
    out.add("hospital.weight", hospital.weight);
  }
  for (auto& setting : std::move(out).take()) settings.push_back(std::move(setting));
  return settings;
}

std::optional<SettingDifference> first_difference(const std::vector<Setting>& first,
                                                  const std::vector<Setting>& second) {
  constexpr const char* absent = "not set";
  for (std::size_t i = 0; i < std::max(first.size(), second.size()); ++i) {
    if (i >= first.size()) return SettingDifference{second[i].key, absent, second[i].value};
    if (i >= second.size()) return SettingDifference{first[i].key, first[i].value, absent};
    if (first[i] == second[i]) continue;
    if (first[i].key == second[i].key) {
      return SettingDifference{first[i].key, first[i].value, second[i].value};
    }
    return SettingDifference{first[i].key, first[i].value, absent};
  }
  return std::nullopt;
}

Status check_same_settings(const std::vector<Setting>& began, const std::vector<Setting>& now) {
  for (std::size_t i = 0; i < began.size() && i < now.size(); ++i) {
    if (began[i] == now[i]) continue;
    if (began[i].key != now[i].key) break;
    return Error{Errc::mismatch,
                 fmt::format("{} is {} and was {} when the run began; a run goes on only as it "
                             "began: restore it, or start a new run without --resume",
                             now[i].key, now[i].value, began[i].value)};
  }
  if (began.size() == now.size() && began == now) return {};
  return Error{Errc::mismatch,
               "the checkpoint lists other settings than this version of the program; go on with "
               "the version that began the run, or start a new one"};
}

}  // namespace hippocrypt::federation
