#include <algorithm>
#include <array>
#include <system_error>

#include "cli/config/section_reader.hpp"
#include "cli/config/sections.hpp"
#include "cli/config/suggest.hpp"
#include "model/files/gguf/gguf_file.hpp"
#include "model/files/ollama_store.hpp"

namespace hippocrypt::cli {
namespace {

constexpr std::array adapter_modes{federation::AdapterMode::ffa, federation::AdapterMode::lora,
                                   federation::AdapterMode::rolora,
                                   federation::AdapterMode::fed_sb};
constexpr std::array optimizers{federation::OptimizerKind::sgd, federation::OptimizerKind::adamw};
constexpr std::array schedules{federation::ScheduleKind::constant, federation::ScheduleKind::linear,
                               federation::ScheduleKind::cosine};
constexpr std::array losses{federation::LossTokens::all, federation::LossTokens::completion};
constexpr std::array backprops{federation::Backprop::exact, federation::Backprop::top_gradient};
constexpr RealRule decay_rule{"of 0 or more, and below 1",
                              [](double value) { return value >= 0 && value < 1; }};
constexpr RealRule share_rule{"from 0 to 1", [](double value) { return value >= 0 && value <= 1; }};

void check_targets(SectionReader& reader, const std::vector<std::string>& targets) {
  const std::vector<std::string> known = federation::AdapterConfig{}.targets;  // all there are
  if (targets.empty())
    return reader.complain("targets", "must name at least one of " + word_list(known, "and"));
  for (std::size_t i = 0; i < targets.size(); ++i) {
    const auto here = targets.begin() + static_cast<std::ptrdiff_t>(i);
    if (std::find(known.begin(), known.end(), targets[i]) == known.end())
      return reader.complain("targets", "unknown target '" + targets[i] + "'; the targets are " +
                                            word_list(known, "and"));
    if (std::find(targets.begin(), here, targets[i]) != here)
      return reader.complain("targets", "'" + targets[i] + "' is named twice; name it once");
  }
}

void check_model_path(SectionReader& reader, const std::filesystem::path& path,
                      const std::string& meaning) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error) || model::is_gguf_file(path)) return;
  const bool is_file = std::filesystem::is_regular_file(path, error);
  reader.complain("path", (is_file ? path.string() + " is no GGUF file"
                                   : "there is no folder or file " + path.string()) +
                              "; give " + meaning);
}

void read_optimizer(SectionReader& reader, federation::TrainingConfig& config) {
  reader.choice("optimizer", config.optimizer, optimizers);
  reader.real("weight_decay", config.weight_decay, zero_or_more);
  reader.real("beta1", config.beta1, decay_rule);
  reader.real("beta2", config.beta2, decay_rule);
  reader.real("epsilon", config.epsilon, above_zero);
  reader.real("momentum", config.momentum, decay_rule);
  const bool sgd = config.optimizer == federation::OptimizerKind::sgd;
  const std::string other = std::string{"is not a setting of "} + to_string(config.optimizer) +
                            "; leave it out or choose another training.optimizer";
  for (const char* key : {"beta1", "beta2", "epsilon"}) {
    if (sgd && reader.has(key)) reader.complain(key, other);
  }
  if (!sgd && reader.has("momentum")) reader.complain("momentum", other);
}

void read_schedule(SectionReader& reader, federation::TrainingConfig& config) {
  reader.real("learning_rate", config.learning_rate, zero_or_more);
  reader.choice("schedule", config.schedule, schedules);
  reader.integer("warmup_steps", config.warmup_steps, {0, 1'000'000'000});
  reader.real("final_learning_rate", config.final_learning_rate, share_rule);
  const bool falls = config.schedule != federation::ScheduleKind::constant;
  if (!falls && reader.has("final_learning_rate")) {
    reader.complain("final_learning_rate",
                    "is not a setting of a constant schedule; leave it out or set "
                    "training.schedule to linear or cosine");
  }
}

}  // namespace

Result<federation::ModelSource> read_model(const Document& document) {
  federation::ModelSource config;
  SectionReader reader{document, "model"};
  constexpr const char* meaning =
      "the folder that holds config.json, model.safetensors and tokenizer.json, a GGUF file, or "
      "ollama:NAME";
  std::string spec;
  reader.text("path", spec);
  reader.require("path", meaning);
  if (model::ollama_name(spec).has_value()) {
    config.path = spec;  // a name, not a path
  } else if (reader.has("path")) {
    reader.path("path", config.path);
    check_model_path(reader, config.path, meaning);
  }
  HIPPOCRYPT_TRY_VOID(reader.finish());
  return config;
}

Result<federation::AdapterConfig> read_adapter(const Document& document) {
  federation::AdapterConfig config;
  SectionReader reader{document, "adapter"};
  reader.choice("mode", config.mode, adapter_modes);
  reader.integer("rank", config.rank, {1, 1024});
  reader.real("alpha", config.alpha, above_zero);
  reader.words("targets", config.targets);
  check_targets(reader, config.targets);
  HIPPOCRYPT_TRY_VOID(reader.finish());
  return config;
}

Result<federation::TrainingConfig> read_training(const Document& document) {
  federation::TrainingConfig config;
  SectionReader reader{document, "training"};
  read_optimizer(reader, config);
  read_schedule(reader, config);
  reader.choice("loss", config.loss, losses);
  reader.choice("backprop", config.backprop, backprops);
  reader.integer("accumulate", config.accumulate, {1, 1024});
  reader.integer("log_every", config.log_every, {1, 1'000'000});
  reader.integer("checkpoint_every", config.checkpoint_every, {1, 1'000'000});
  reader.integer("checkpoints_kept", config.checkpoints_kept, {1, 1000});
  reader.integer("max_note_tokens", config.max_note_tokens, {8, 1'000'000});
  reader.integer("max_patient_tokens", config.max_patient_tokens, {8, 1'000'000});
  HIPPOCRYPT_TRY_VOID(reader.finish());
  if (config.max_patient_tokens < config.max_note_tokens) {
    return document.problem_at_first(
        std::array<std::string, 2>{"training.max_patient_tokens", "training.max_note_tokens"},
        "max_patient_tokens (" + std::to_string(config.max_patient_tokens) +
            ") must be at least max_note_tokens (" + std::to_string(config.max_note_tokens) +
            "), or no patient could show a whole note");
  }
  return config;
}

}  // namespace hippocrypt::cli
