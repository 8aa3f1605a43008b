#pragma once
// A model's weights as its user names it, without its text side: what the blind server opens.

#include <string>
#include <string_view>

#include "base/result.hpp"
#include "model/weights.hpp"

namespace hippocrypt::model {

/// Before the name of a model in an Ollama store; everything else is a path.
inline constexpr std::string_view ollama_prefix = "ollama:";

/// `spec` is a Hugging Face folder or a GGUF file, told apart by looking. Errors: those of
/// load_model_folder and load_gguf_model; unsupported (a file of another kind).
Result<Model> open_weights(const std::string& spec);

}  // namespace hippocrypt::model
