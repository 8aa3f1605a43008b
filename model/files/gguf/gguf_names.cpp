#include "model/files/gguf/gguf_names.hpp"

#include "base/check.hpp"

namespace hippocrypt::model {

const char* gguf_module(LoraTarget target) {
  switch (target) {
    case LoraTarget::q:
      return "attn_q";
    case LoraTarget::k:
      return "attn_k";
    case LoraTarget::v:
      return "attn_v";
    case LoraTarget::o:
      return "attn_output";
    case LoraTarget::gate:
      return "ffn_gate";
    case LoraTarget::up:
      return "ffn_up";
    case LoraTarget::down:
      return "ffn_down";
  }
  check_failed(__FILE__, __LINE__, "LoRA target");
}

std::string gguf_block_tensor(std::size_t block, std::string_view rest) {
  return "blk." + std::to_string(block) + "." + std::string{rest};
}

}  // namespace hippocrypt::model
