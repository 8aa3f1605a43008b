#pragma once
// A model's tensors as one safetensors file or as several with an index. Used by hf_model.cpp
// alone.

#include <filesystem>
#include <vector>

#include "base/result.hpp"
#include "model/files/hf_model.hpp"
#include "model/files/safetensors.hpp"

namespace hippocrypt::model {

/// Writes model.safetensors, or model-00001-of-0000N.safetensors and their index, and removes the
/// other kind, so that no reader takes an old model for the new one. Errors: those of
/// write_safetensors.
Status write_shards(const std::filesystem::path& folder, std::vector<NamedTensor> tensors,
                    const SaveModelOptions& options);

}  // namespace hippocrypt::model
