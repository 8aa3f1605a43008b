#include "model/files/hf_config.hpp"

#include "model/files/json.hpp"

namespace hippocrypt::model {
namespace {

using Reasons = std::vector<std::string>;

/// Rotary settings, wherever this generation of checkpoints keeps them.
struct Rope {
  double theta = 10000.0;
};

Status read_partial_factor(const JsonObject& object, Reasons& unsupported) {
  HIPPOCRYPT_TRY(const double factor, object.number_or("partial_rotary_factor", 1.0));
  if (factor != 1.0) unsupported.push_back("rotary embedding of a part of each head");
  return {};
}

/// A rope_parameters or rope_scaling object: only the plain rotation is supported.
Status read_rope_kind(const JsonObject& object, Reasons& unsupported) {
  for (const auto& [key, value] : object.json().items()) {
    if (value.is_object()) {
      unsupported.push_back("rope settings per kind of layer (" + key + ")");
      return {};
    }
  }
  HIPPOCRYPT_TRY(const std::string older, object.text_or("type", "default"));
  HIPPOCRYPT_TRY(const std::string kind, object.text_or("rope_type", older));
  if (kind != "default") unsupported.push_back("rope scaling of type " + kind);
  return read_partial_factor(object, unsupported);
}

Result<Rope> read_rope(const JsonObject& config, Reasons& unsupported) {
  Rope rope;
  HIPPOCRYPT_TRY(rope.theta, config.number_or("rope_theta", rope.theta));
  HIPPOCRYPT_TRY_VOID(read_partial_factor(config, unsupported));
  if (config.find("rope_scaling") != nullptr) {
    HIPPOCRYPT_TRY(const JsonObject scaling, config.object("rope_scaling"));
    HIPPOCRYPT_TRY_VOID(read_rope_kind(scaling, unsupported));
  }
  if (config.find("rope_parameters") != nullptr) {
    HIPPOCRYPT_TRY(const JsonObject parameters, config.object("rope_parameters"));
    HIPPOCRYPT_TRY_VOID(read_rope_kind(parameters, unsupported));
    HIPPOCRYPT_TRY(rope.theta, parameters.number_or("rope_theta", rope.theta));
  }
  return rope;
}

Status list_unsupported(const JsonObject& config, Reasons& unsupported) {
  HIPPOCRYPT_TRY(const std::string type, config.text("model_type"));
  if (type != "llama") unsupported.push_back("model_type " + type + " (only llama is)");
  HIPPOCRYPT_TRY(const std::string activation, config.text_or("hidden_act", "silu"));
  if (activation != "silu") unsupported.push_back("hidden_act " + activation + " (only silu is)");
  for (const char* key : {"attention_bias", "mlp_bias"}) {
    HIPPOCRYPT_TRY(const bool has_bias, config.flag_or(key, false));
    if (has_bias) unsupported.push_back(std::string{"biases ("} + key + ")");
  }
  if (config.find("quantization_config") != nullptr) {
    unsupported.push_back("quantised weights (quantization_config)");
  }
  HIPPOCRYPT_TRY(const bool sliding,
                 config.flag_or("use_sliding_window", config.find("sliding_window") != nullptr));
  if (sliding) unsupported.push_back("sliding-window attention");
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

Result<ModelLiteral> read_shape(const JsonObject& config, const Rope& rope) {
  ModelLiteral out;
  HIPPOCRYPT_TRY(out.vocab, config.unsigned_value("vocab_size"));
  HIPPOCRYPT_TRY(out.hidden, config.unsigned_value("hidden_size"));
  HIPPOCRYPT_TRY(out.blocks, config.unsigned_value("num_hidden_layers"));
  HIPPOCRYPT_TRY(out.heads, config.unsigned_value("num_attention_heads"));
  HIPPOCRYPT_TRY(out.kv_heads, config.unsigned_or("num_key_value_heads", out.heads));
  HIPPOCRYPT_TRY(out.head_dim, config.unsigned_or("head_dim", 0));
  HIPPOCRYPT_TRY(out.ffn, config.unsigned_value("intermediate_size"));
  HIPPOCRYPT_TRY(out.max_context, config.unsigned_or("max_position_embeddings", 2048));
  HIPPOCRYPT_TRY(out.rms_epsilon, config.number_or("rms_norm_eps", 1e-6));
  HIPPOCRYPT_TRY(out.tied_head, config.flag_or("tie_word_embeddings", false));
  out.rope_theta = rope.theta;
  return out;
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
  HIPPOCRYPT_TRY(const Rope rope, read_rope(config, out.unsupported));
  // Another kind of model names its sizes differently, so do not complain about those as well.
  if (!out.unsupported.empty()) return out;
  HIPPOCRYPT_TRY(out.literal, read_shape(config, rope));
  HIPPOCRYPT_TRY(out.bos_token, token_id(config, "bos_token_id"));
  HIPPOCRYPT_TRY(out.eos_token, token_id(config, "eos_token_id"));
  return out;
}

std::string render_hf_config(const ModelConfig& config, const SpecialTokenIds& tokens,
                             TensorDtype dtype) {
  return json_text({
      {"architectures", Json::array({"LlamaForCausalLM"})},
      {"attention_bias", false},
      {"attention_dropout", 0.0},
      {"bos_token_id", id_or_null(tokens.bos)},
      {"eos_token_id", id_or_null(tokens.eos)},
      {"head_dim", config->head_dim},
      {"hidden_act", "silu"},
      {"hidden_size", config->hidden},
      {"intermediate_size", config->ffn},
      {"max_position_embeddings", config->max_context},
      {"mlp_bias", false},
      {"model_type", "llama"},
      {"num_attention_heads", config->heads},
      {"num_hidden_layers", config->blocks},
      {"num_key_value_heads", config->kv_heads},
      {"rms_norm_eps", config->rms_epsilon},
      {"rope_scaling", nullptr},
      {"rope_theta", config->rope_theta},
      {"tie_word_embeddings", config->tied_head},
      {"torch_dtype", torch_dtype(dtype)},
      {"use_cache", true},
      {"vocab_size", config->vocab},
  });
}

}  // namespace hippocrypt::model
