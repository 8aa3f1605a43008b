#pragma once
// config.json of a Hugging Face model folder, in the keys of published checkpoints (rope_theta,
// rope_scaling, torch_dtype) and of newer ones (rope_parameters, dtype).

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "model/config.hpp"
#include "model/files/hf_model.hpp"

namespace hippocrypt::model {

/// What we take from a config.json.
struct HfConfig {
  /// Meaningful only when `unsupported` is empty; not yet checked by ModelConfig.
  ModelLiteral literal;
  std::optional<std::uint64_t> bos_token, eos_token;
  /// What this model needs that we do not have, one phrase each; empty when there is nothing.
  std::vector<std::string> unsupported;
};

/// Reads the text of a config.json; `source` names it in errors. Absent keys take the values that
/// transformers gives them in that family (llama, mistral, qwen2). A sliding window shortens
/// max_context to where it changes nothing. Errors: malformed, limit_exceeded (JSON too deep). What
/// is well formed but unsupported is listed in the result, so that a caller can report everything
/// at once.
Result<HfConfig> parse_hf_config(std::string_view text, const std::string& source);

/// The config.json of a LlamaForCausalLM, or with biases a Qwen2ForCausalLM, of this shape and
/// weights of type `dtype`. There must be no rope divisors (rope_without_divisors).
std::string render_hf_config(const ModelConfig& config, const SpecialTokenIds& tokens,
                             TensorDtype dtype);

}  // namespace hippocrypt::model
