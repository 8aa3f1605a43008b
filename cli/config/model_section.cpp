#include <algorithm>
#include <array>
#include <system_error>

#include "cli/config/section_reader.hpp"
#include "cli/config/sections.hpp"
#include "cli/config/suggest.hpp"

namespace hippocrypt::cli {
namespace {

constexpr std::array adapter_modes{federation::AdapterMode::ffa, federation::AdapterMode::lora};
constexpr std::array optimizers{federation::OptimizerKind::sgd, federation::OptimizerKind::adamw};

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

}  // namespace

Result<federation::ModelSource> read_model(const Document& document) {
  federation::ModelSource config;
  SectionReader reader{document, "model"};
  constexpr const char* meaning =
      "the folder that holds config.json, model.safetensors and tokenizer.json";
  reader.path("path", config.path);
  reader.require("path", meaning);
  std::error_code error;
  if (reader.has("path") && !std::filesystem::is_directory(config.path, error))
    reader.complain("path", "there is no folder " + config.path.string() + "; give " + meaning);
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
  reader.choice("optimizer", config.optimizer, optimizers);
  reader.real("learning_rate", config.learning_rate, zero_or_more);
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
