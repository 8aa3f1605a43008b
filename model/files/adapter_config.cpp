#include "model/files/adapter_config.hpp"

#include <algorithm>
#include <cmath>
#include <set>

#include "model/files/json.hpp"
#include "model/files/tensor_names.hpp"

namespace hippocrypt::model {
namespace {

/// Initial values that PEFT subtracts from the base's weights ("pissa", "olora", "loftq", …): such
/// an adapter belongs to another base than the one it names. These do not touch the base.
bool keeps_base(const Json& init) {
  if (init.is_boolean()) return true;
  return init.is_string() && (init == "gaussian" || init == "eva" || init == "default");
}

/// Phrases for everything that would make the adapter mean something else than scale·B·A on whole
/// projections.
Result<std::vector<std::string>> unsupported_features(const JsonObject& config) {
  std::vector<std::string> reasons;
  HIPPOCRYPT_TRY(const std::string type, config.text("peft_type"));
  if (type != "LORA") reasons.push_back("peft_type " + shortened(type) + " (only LORA is)");
  HIPPOCRYPT_TRY(const std::string task, config.text_or("task_type", "CAUSAL_LM"));
  if (task != "CAUSAL_LM")
    reasons.push_back("task_type " + shortened(task) + " (only CAUSAL_LM is)");
  HIPPOCRYPT_TRY(const std::string bias, config.text_or("bias", "none"));
  if (bias != "none") reasons.push_back("bias " + shortened(bias));
  for (const char* key : {"use_dora", "fan_in_fan_out", "lora_bias", "use_qalora"}) {
    HIPPOCRYPT_TRY(const bool set, config.flag_or(key, false));
    if (set) reasons.emplace_back(key);
  }
  for (const auto& [key, value] : config.json().items()) {
    // A newer PEFT may have more variants; they are all switched on by a flag of this form.
    const bool known = key == "use_rslora" || key == "use_dora" || key == "use_qalora";
    if (!known && key.compare(0, 4, "use_") == 0 && value == true)
      reasons.push_back(shortened(key));
  }
  for (const char* key :
       {"rank_pattern", "alpha_pattern", "modules_to_save", "target_parameters",
        "trainable_token_indices", "layer_replication", "alora_invocation_tokens"}) {
    const Json* value = config.find(key);
    if (value != nullptr && !value->empty()) reasons.emplace_back(key);
  }
  const Json* init = config.find("init_lora_weights");
  if (init != nullptr && !keeps_base(*init)) {
    reasons.push_back("init_lora_weights " + shortened(json_text(*init, JsonLayout::compact)) +
                      " (it changes the base; save it as a plain LoRA adapter)");
  }
  return reasons;
}

/// The projection that an entry of target_modules names: PEFT compares the end of the module's
/// path, so "q_proj", "self_attn.q_proj" and "model.layers.3.self_attn.q_proj" all name one.
Result<std::vector<std::string>> listed_targets(const JsonObject& config, const Json& list) {
  std::vector<std::string> targets;
  for (const Json& item : list) {
    if (!item.is_string()) return config.wrong("target_modules", "a list of names or a pattern");
    const auto& path = item.get_ref<const std::string&>();
    targets.push_back(path.substr(path.rfind('.') + 1));
    if (parent_of_module(targets.back()).empty()) {
      return Error{Errc::unsupported, config.source() + ": target_modules has " + shortened(path) +
                                          "; only the projections q, k, v, o, gate, up and down "
                                          "are supported"};
    }
  }
  std::sort(targets.begin(), targets.end());
  targets.erase(std::unique(targets.begin(), targets.end()), targets.end());
  return targets;
}

Status read_targets(const JsonObject& config, AdapterFileConfig& out) {
  HIPPOCRYPT_TRY(const Json* value, config.require("target_modules"));
  const Json* excluded = config.find("exclude_modules");
  out.targets_follow_tensors = value->is_string() || (excluded != nullptr && !excluded->empty());
  if (value->is_string()) {
    if (value->get_ref<const std::string&>().empty()) {
      return config.wrong("target_modules", "a list of names or a pattern");
    }
    return {};
  }
  if (!value->is_array() || value->empty()) {
    return config.wrong("target_modules", "a list of names or a pattern");
  }
  HIPPOCRYPT_TRY(out.target_modules, listed_targets(config, *value));
  return {};
}

Status read_blocks(const JsonObject& config, AdapterFileConfig& out) {
  const Json* value = config.find("layers_to_transform");
  if (value == nullptr) return {};
  const Json list = value->is_array() ? *value : Json::array({*value});
  std::set<std::size_t> blocks;
  for (const Json& item : list) {
    if (!item.is_number_unsigned()) {
      return config.wrong("layers_to_transform", "a block's index or a list of them");
    }
    blocks.insert(item.get<std::size_t>());
  }
  out.only_blocks.assign(blocks.begin(), blocks.end());
  return {};
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
  HIPPOCRYPT_TRY(const bool root_scale, object.flag_or("use_rslora", false));
  // rsLoRA (Kalajdzievski 2023) scales by alpha / sqrt(r); ours is alpha / r.
  if (root_scale) config.alpha *= std::sqrt(static_cast<double>(config.rank));
  HIPPOCRYPT_TRY_VOID(read_targets(object, config));
  HIPPOCRYPT_TRY_VOID(read_blocks(object, config));
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
      {"layers_to_transform",
       config.only_blocks.empty() ? Json(nullptr) : Json(config.only_blocks)},
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
