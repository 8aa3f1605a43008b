#pragma once
// A model as its user names it, with all that is needed to turn text into losses and tokens.

#include <optional>
#include <string>

#include "base/result.hpp"
#include "model/files/hf_model.hpp"
#include "model/files/hospital_part.hpp"
#include "model/tokenizer/tokenizer.hpp"
#include "model/weights.hpp"

namespace hippocrypt::model {

/// Everything about one model.
struct ModelBundle {
  std::string name;  ///< as the user gave it; goes into the adapters' files
  Model model;
  Tokenizer tokenizer;
  SpecialTokenIds special;
  std::string chat_template;              ///< as the file has it, in Jinja; empty without one
  std::optional<HospitalPart> part = {};  ///< where the model's base weights are not there
};

/// `spec` is a Hugging Face folder with config.json, safetensors and tokenizer.json, a GGUF file,
/// or "ollama:NAME[:TAG]". Errors: those of open_weights, read_tokenizer_json, read_gguf_vocabulary
/// and tokenizer_from_gguf; mismatch when the tokenizer has ids that the model has no embedding
/// for.
Result<ModelBundle> open_model(const std::string& spec);

/// The same, or the folder of a hospital's part, for those who need no frozen matrices. Errors:
/// also those of load_hospital_part.
Result<ModelBundle> open_hospital_model(const std::string& spec);

}  // namespace hippocrypt::model
