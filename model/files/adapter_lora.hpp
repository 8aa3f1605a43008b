#pragma once
// The model's LoRA adapters in PEFT's folder layout.

#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "model/files/adapter_file.hpp"
#include "model/lora_adapter.hpp"

namespace hippocrypt::model {

/// A copy of the adapter's matrices under their names in files.
AdapterFolder to_adapter_folder(const LoraAdapter& adapter, std::string base_model);

/// The reverse. Where a block has no matrices for a target, both are zero, which changes nothing:
/// as PEFT leaves a module that its file does not cover. Errors: mismatch (a tensor that does not
/// fit the model or comes twice), out_of_range or not_finite (a rank or alpha that LoraConfig
/// refuses).
Result<LoraAdapter> to_lora_adapter(const AdapterFolder& folder, const ModelConfig& model);

/// Writes the adapter for use with PEFT. `base_model` names the model that it belongs to. Errors:
/// not_finite (names the tensor), io.
Status save_lora_adapter(const LoraAdapter& adapter, std::string base_model,
                         const std::filesystem::path& folder);

/// Reads it back. Errors: those of read_adapter_folder and to_lora_adapter.
Result<LoraAdapter> load_lora_adapter(const std::filesystem::path& folder,
                                      const ModelConfig& model);

}  // namespace hippocrypt::model
