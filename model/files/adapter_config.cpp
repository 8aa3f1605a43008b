#include "model/files/adapter_config.hpp"

#include <algorithm>
#include <cmath>

#include "model/files/json.hpp"
#include "model/files/tensor_names.hpp"

namespace hippocrypt::model {
namespace {

/// Phrases for everything that would make the adapter mean something else than (alpha/r)·B·A.
Result<std::vector<std::string>> unsupported_features(const JsonObject& config) {
  std::vector<std::string> reasons;
  HIPPOCRYPT_TRY(const std::string type, config.text("peft_type"));
  if (type != "LORA") reasons.push_back("peft_type " + type + " (only LORA is)");
  HIPPOCRYPT_TRY(const std::string task, config.text_or("task_type", "CAUSAL_LM"));
  if (task != "CAUSAL_LM") reasons.push_back("task_type " + task + " (only CAUSAL_LM is)");
  HIPPOCRYPT_TRY(const std::string bias, config.text_or("bias", "none"));
  if (bias != "none") reasons.push_back("bias " + bias);
  for (const char* key : {"use_rslora", "use_dora", "fan_in_fan_out", "lora_bias", "use_qalora"}) {
    HIPPOCRYPT_TRY(const bool set, config.flag_or(key, false));
    if (set) reasons.emplace_back(key);
  }
  for (const char* key : {"rank_pattern", "alpha_pattern", "modules_to_save"}) {
    const Json* value = config.find(key);
    if (value != nullptr && !value->empty()) reasons.emplace_back(key);
  }
  return reasons;
}

Result<std::vector<std::string>> read_targets(const JsonObject& config) {
  HIPPOCRYPT_TRY(const Json* list, config.require("target_modules"));
  if (!list->is_array()) return config.wrong("target_modules", "a list of names");
  std::vector<std::string> targets;
  for (const Json& item : *list) {
    if (!item.is_string()) return config.wrong("target_modules", "a list of names");
    targets.push_back(item.get<std::string>());
    if (parent_of_module(targets.back()).empty()) {
      return Error{Errc::unsupported, config.source() + ": target_modules has " + targets.back() +
                                          "; only the projections q, k, v, o, gate, up and down "
                                          "are supported"};
    }
  }
  std::sort(targets.begin(), targets.end());
  targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  return targets;
}

/// Whole numbers are written as such: PEFT's own files have "lora_alpha": 16.
Json alpha_json(double alpha) {
  constexpr double exact_limit = 9007199254740992.0;
  if (alpha == std::floor(alpha) && std::abs(alpha) < exact_limit) {
    return Json(static_cast<std::int64_t>(alpha));
  }
  return Json(alpha);
}

}  // namespace

Result<AdapterFileConfig> parse_adapter_config(std::string_view text, const std::string& source) {
  HIPPOCRYPT_TRY(const Json json, parse_json(text, source));
  HIPPOCRYPT_TRY(const JsonObject object, JsonObject::of(json, source));
  HIPPOCRYPT_TRY(const auto reasons, unsupported_features(object));
  if (!reasons.empty()) {
    std::string list;
    for (std::size_t i = 0; i < reasons.size(); ++i) list += (i == 0 ? "" : "; ") + reasons[i];
    return Error{Errc::unsupported, source + ": this adapter is not supported: " + list};
  }
  AdapterFileConfig config;
  HIPPOCRYPT_TRY(config.rank, object.unsigned_value("r"));
  if (config.rank == 0) return object.wrong("r", "at least 1");
  HIPPOCRYPT_TRY(config.alpha, object.number("lora_alpha"));
  HIPPOCRYPT_TRY(config.target_modules, read_targets(object));
  HIPPOCRYPT_TRY(config.base_model, object.text_or("base_model_name_or_path", ""));
  return config;
}

std::string render_adapter_config(const AdapterFileConfig& config) {
  return json_text({
      {"alpha_pattern", Json::object()},
      {"auto_mapping", nullptr},
      {"base_model_name_or_path", config.base_model},
      {"bias", "none"},
      {"fan_in_fan_out", false},
      {"inference_mode", true},
      {"init_lora_weights", true},
      {"layers_pattern", nullptr},
      {"layers_to_transform", nullptr},
      {"lora_alpha", alpha_json(config.alpha)},
      {"lora_dropout", 0.0},
      {"modules_to_save", nullptr},
      {"peft_type", "LORA"},
      {"r", config.rank},
      {"rank_pattern", Json::object()},
      {"revision", nullptr},
      {"target_modules", config.target_modules},
      {"task_type", "CAUSAL_LM"},
      {"use_dora", false},
      {"use_rslora", false},
  });
}

}  // namespace hippocrypt::model
