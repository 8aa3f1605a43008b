#pragma once
// A model's weights as its user names it, without its text side: what the blind server opens.

#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "model/block_weights.hpp"
#include "model/weights.hpp"

namespace hippocrypt::model {

/// The folder or file that `spec` means: for "ollama:NAME[:TAG]" the GGUF file in the default
/// store, else `spec` itself. Errors: those of find_ollama_model.
Result<std::filesystem::path> locate_model(const std::string& spec);

/// `spec` is a Hugging Face folder, a GGUF file (told apart by looking) or the name of a model of
/// Ollama. `sink` may take blocks away as they are read. Errors: those of locate_model,
/// load_model_folder and load_gguf_model; unsupported (a file of another kind).
Result<Model> open_weights(const std::string& spec, const BlockSink& sink = {});

/// The name of its frozen weights (model_fingerprint), with or without the output head among them.
/// They are read block by block, and never in memory together. Errors: those of open_weights.
Result<Hash256> open_fingerprint(const std::string& spec, bool with_head);

/// The shape of the same model, without its weights. Errors: those of locate_model,
/// load_folder_config and load_gguf_config.
Result<ModelConfig> open_config(const std::string& spec);

}  // namespace hippocrypt::model
