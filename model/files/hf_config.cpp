#include "model/files/hf_config.hpp"

#include <algorithm>
#include <array>

#include "model/files/hf_rope.hpp"
#include "model/files/json.hpp"

namespace hippocrypt::model {
namespace {

using Reasons = std::vector<std::string>;

/// A family's model_type and the values that transformers gives to absent keys.
struct Family {
  std::string_view model_type;
  std::uint64_t kv_heads;  ///< 0: as many as heads
  std::uint64_t max_context;
  bool qkv_bias;
  bool has_window;               ///< sliding_window counts, unless it is switched off
  std::uint64_t sliding_window;  ///< 0: none
  const char* window_switch;     ///< key that must be true for the window to count; or null
};

constexpr std::array<Family, 3> families{{
    {"llama", 0, 2048, false, false, 0, nullptr},
    {"mistral", 8, 131072, false, true, 4096, nullptr},
    {"qwen2", 32, 32768, true, true, 4096, "use_sliding_window"},
}};

const Family* find_family(std::string_view model_type) {
  const auto found = std::find_if(families.begin(), families.end(), [&](const Family& family) {
    return family.model_type == model_type;
  });
  return found == families.end() ? nullptr : &*found;
}

Status list_unsupported(const JsonObject& config, Reasons& unsupported) {
  HIPPOCRYPT_TRY(const std::string type, config.text("model_type"));
  if (find_family(type) == nullptr) {
    unsupported.push_back("model_type " + shortened(type) + " (llama, mistral and qwen2 are)");
  }
  HIPPOCRYPT_TRY(const std::string activation, config.text_or("hidden_act", "silu"));
  if (activation != "silu")
    unsupported.push_back("hidden_act " + shortened(activation) + " (only silu is)");
  for (const char* key : {"attention_bias", "mlp_bias"}) {
    HIPPOCRYPT_TRY(const bool has_bias, config.flag_or(key, false));
    if (has_bias) unsupported.push_back(std::string{"biases ("} + key + ")");
  }
  if (config.find("quantization_config") != nullptr) {
    unsupported.push_back("quantised weights (quantization_config)");
  }
  return {};
}

/// Cuts the context to the sliding window: inside it every token sees all before it, and the model
/// is the same as one without a window. Errors: malformed.
Status apply_window(const JsonObject& config, const Family& family, ModelLiteral& literal) {
  if (!family.has_window) return {};
  if (family.window_switch != nullptr) {
    HIPPOCRYPT_TRY(const bool is_on, config.flag_or(family.window_switch, false));
    if (!is_on) return {};
  }
  constexpr const char* key = "sliding_window";
  // Here null means no window, and an absent key the default.
  if (config.json().contains(key) && config.find(key) == nullptr) return {};
  HIPPOCRYPT_TRY(const auto window, config.unsigned_or(key, family.sliding_window));
  if (window == 0) return config.wrong(key, "null or above 0");
  literal.max_context = std::min<std::size_t>(literal.max_context, window);
  return {};
}

/// eos_token_id may be one id, a list of which we take the first, or nothing; bos_token_id alike.
Result<std::optional<std::uint64_t>> token_id(const JsonObject& config, const std::string& key) {
  const Json* value = config.find(key);
  if (value != nullptr && value->is_array() && !value->empty()) value = &value->front();
  if (value == nullptr) return std::optional<std::uint64_t>{};
  if (!value->is_number_unsigned()) return config.wrong(key, "a token id or a list of them");
  return std::optional<std::uint64_t>{value->get<std::uint64_t>()};
}

Status read_shape(const JsonObject& config, const Family& family, ModelLiteral& out) {
  HIPPOCRYPT_TRY(out.vocab, config.unsigned_value("vocab_size"));
  HIPPOCRYPT_TRY(out.hidden, config.unsigned_value("hidden_size"));
  HIPPOCRYPT_TRY(out.blocks, config.unsigned_value("num_hidden_layers"));
  HIPPOCRYPT_TRY(out.heads, config.unsigned_value("num_attention_heads"));
  HIPPOCRYPT_TRY(out.kv_heads,
                 config.unsigned_or("num_key_value_heads",
                                    family.kv_heads == 0 ? out.heads : family.kv_heads));
  HIPPOCRYPT_TRY(out.head_dim, config.unsigned_or("head_dim", 0));
  HIPPOCRYPT_TRY(out.ffn, config.unsigned_value("intermediate_size"));
  HIPPOCRYPT_TRY(out.max_context,
                 config.unsigned_or("max_position_embeddings", family.max_context));
  HIPPOCRYPT_TRY(out.rms_epsilon, config.number_or("rms_norm_eps", 1e-6));
  HIPPOCRYPT_TRY(out.tied_head, config.flag_or("tie_word_embeddings", false));
  out.qkv_bias = family.qkv_bias;
  return apply_window(config, family, out);
}

Json id_or_null(std::optional<std::uint64_t> id) { return id ? Json(*id) : Json(nullptr); }

const char* torch_dtype(TensorDtype dtype) {
  switch (dtype) {
    case TensorDtype::f32:
      return "float32";
    case TensorDtype::f16:
      return "float16";
    case TensorDtype::bf16:
      return "bfloat16";
    case TensorDtype::other:
      break;
  }
  check_failed(__FILE__, __LINE__, "a model is written as floats");
}

}  // namespace

Result<HfConfig> parse_hf_config(std::string_view text, const std::string& source) {
  HIPPOCRYPT_TRY(const Json json, parse_json(text, source));
  HIPPOCRYPT_TRY(const JsonObject config, JsonObject::of(json, source));
  HfConfig out;
  HIPPOCRYPT_TRY_VOID(list_unsupported(config, out.unsupported));
  HIPPOCRYPT_TRY_VOID(read_hf_rope(config, out.literal, out.unsupported));
  // Another kind of model names its sizes differently, so do not complain about those as well.
  if (!out.unsupported.empty()) return out;
  HIPPOCRYPT_TRY(const std::string type, config.text("model_type"));
  HIPPOCRYPT_TRY_VOID(read_shape(config, *find_family(type), out.literal));
  HIPPOCRYPT_TRY(out.bos_token, token_id(config, "bos_token_id"));
  HIPPOCRYPT_TRY(out.eos_token, token_id(config, "eos_token_id"));
  return out;
}

std::string render_hf_config(const ModelConfig& config, const SpecialTokenIds& tokens,
                             TensorDtype dtype) {
  Json out{
      {"architectures", Json::array({"LlamaForCausalLM"})},
      {"attention_dropout", 0.0},
      {"bos_token_id", id_or_null(tokens.bos)},
      {"eos_token_id", id_or_null(tokens.eos)},
      {"head_dim", config->head_dim},
      {"hidden_act", "silu"},
      {"hidden_size", config->hidden},
      {"intermediate_size", config->ffn},
      {"max_position_embeddings", config->max_context},
      {"model_type", "llama"},
      {"num_attention_heads", config->heads},
      {"num_hidden_layers", config->blocks},
      {"num_key_value_heads", config->kv_heads},
      {"rms_norm_eps", config->rms_epsilon},
      {"rope_scaling", render_hf_rope(config->rope_scaling)},
      {"rope_theta", config->rope_theta},
      {"tie_word_embeddings", config->tied_head},
      {"torch_dtype", torch_dtype(dtype)},
      {"use_cache", true},
      {"vocab_size", config->vocab},
  };
  if (config->qkv_bias) {
    out["architectures"] = Json::array({"Qwen2ForCausalLM"});
    out["model_type"] = "qwen2";
    out["use_sliding_window"] = false;
  } else {
    out["attention_bias"] = false;
    out["mlp_bias"] = false;
  }
  return json_text(out);
}

}  // namespace hippocrypt::model
