#pragma once
// How llama.cpp names the tensors of a Llama-family model.

#include <cstddef>
#include <string>
#include <string_view>

#include "model/lora_config.hpp"

namespace hippocrypt::model {

/// "attn_q" for q_proj.
const char* gguf_module(LoraTarget target);

/// "blk.3.attn_q.weight"
std::string gguf_block_tensor(std::size_t block, std::string_view rest);

}  // namespace hippocrypt::model
