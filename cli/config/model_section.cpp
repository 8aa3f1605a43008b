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

void check_model_path(SectionReader& reader, const std::filesystem::path& path,
                      const std::string& meaning) {
  std::error_code error;
  if (std::filesystem::is_directory(path, error) || model::is_gguf_file(path)) return;
  const bool is_file = std::filesystem::is_regular_file(path, error);
  reader.complain("path", (is_file ? path.string() + " is no GGUF file"
                                   : "there is no folder or file " + path.string()) +
                              "; give " + meaning);
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
