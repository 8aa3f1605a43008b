#pragma once
// How Hugging Face checkpoints name the parts of a Llama model, and where each part lies in our
// stacked matrices.

#include <array>
#include <cstddef>
#include <string>
#include <string_view>

#include "model/config.hpp"
#include "model/lora_config.hpp"

namespace hippocrypt::model {

/// One projection: rows [row_begin, row_begin + rows) of the stacked matrix of `group`.
struct LinearPart {
  std::string_view parent;  ///< "self_attn" or "mlp"
  std::string_view module;  ///< "q_proj"
  LinearGroup group;
  std::size_t row_begin;
  std::size_t rows;
  std::size_t cols;
};

/// The seven projections of a block, in the order of LoraTarget.
std::array<LinearPart, lora_target_count> linear_parts(const ModelConfig& config);

/// "self_attn" for the attention's projections, "mlp" for the others; empty for other names.
std::string_view parent_of_module(std::string_view module);

/// "model.layers.<block>.<rest>"
std::string block_tensor_name(std::size_t block, std::string_view rest);

inline constexpr std::string_view embedding_name = "model.embed_tokens.weight";
inline constexpr std::string_view final_norm_name = "model.norm.weight";
inline constexpr std::string_view head_name = "lm_head.weight";
inline constexpr std::string_view attention_norm_part = "input_layernorm.weight";
inline constexpr std::string_view ffn_norm_part = "post_attention_layernorm.weight";

/// "self_attn.q_proj.weight"
std::string part_weight_name(const LinearPart& part);
/// "self_attn.q_proj.bias"
std::string part_bias_name(const LinearPart& part);

}  // namespace hippocrypt::model
