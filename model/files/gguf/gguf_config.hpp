#pragma once
// The shape of the model in a GGUF file, from its metadata and its tensors' names. Used by
// gguf_model.cpp alone.

#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/config.hpp"
#include "model/files/gguf/gguf_file.hpp"

namespace hippocrypt::model {

struct GgufConfig {
  /// Meaningful only when `unsupported` is empty; not yet checked by ModelConfig.
  ModelLiteral literal;
  /// Rows of q and k are in the order of interleaved rotary pairs (llama.cpp's "llama"), not of two
  /// halves a head.
  bool interleaved = false;
  /// What this model needs that we do not have, one phrase each; empty when there is nothing.
  std::vector<std::string> unsupported;
};

/// Errors: malformed (metadata that is absent or of a wrong type), not_found, mismatch, unsupported
/// and not_finite (the tensors token_embd.weight and rope_freqs.weight), out_of_range (heads that
/// do not divide the width).
Result<GgufConfig> read_gguf_config(const GgufFile& file);

}  // namespace hippocrypt::model
