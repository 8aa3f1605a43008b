#pragma once
// LoRA adapters for llama.cpp: one GGUF file with blk.N.attn_q.weight.lora_a (r, in) and lora_b
// (out, r), scaled by adapter.lora.alpha / r. Layout: llama.cpp's src/llama-adapter.cpp and
// convert_lora_to_gguf.py.

#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "model/config.hpp"
#include "model/files/safetensors.hpp"
#include "model/lora_adapter.hpp"

namespace hippocrypt::model {

struct AdapterGgufOptions {
  /// general.architecture of the base's GGUF: "llama" (Llama, Mistral) or "qwen2". It must be the
  /// same, and says whether rotary pairs are interleaved in it.
  std::string architecture;
  std::string name = {};  ///< general.name; left out when empty
  TensorDtype dtype = TensorDtype::f32;
};

/// Writes the adapter of a model of this shape. For "llama" the rows of q's and k's B are permuted
/// as those of the base are in its GGUF; otherwise llama.cpp would rotate the wrong pairs. Errors:
/// unsupported (another architecture, or a dtype that is not f32 or f16), not_finite and
/// out_of_range (names the tensor), io.
Status write_adapter_gguf(const LoraAdapter& adapter, const ModelConfig& model,
                          const AdapterGgufOptions& options, const std::filesystem::path& path);

}  // namespace hippocrypt::model
