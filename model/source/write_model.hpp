#pragma once
// A model as a Hugging Face folder, text side included, wherever it was opened from.

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/files/hf_model.hpp"
#include "model/source/open_model.hpp"

namespace hippocrypt::model {

/// Writes weights, config.json and the tokenizer: the text files of the folder that it was opened
/// from as they are, or else a tokenizer.json made from the vocabulary. `out` must not be the
/// folder that it was opened from. Returns the names of the text files that were written. Errors:
/// those of save_model_folder (options.tokens is taken from the bundle); io and limit_exceeded (a
/// text file), invalid_config (`out` is the source).
Result<std::vector<std::string>> write_model(const ModelBundle& bundle,
                                             const std::filesystem::path& out,
                                             SaveModelOptions options = {});

/// Writes what a hospital needs of the model beside a blind server, with the text files; `part` was
/// made from its base weights. Returns and errors: as above, and those of save_hospital_part.
Result<std::vector<std::string>> write_hospital_part(const ModelBundle& bundle,
                                                     const HospitalPart& part,
                                                     const std::filesystem::path& out);

}  // namespace hippocrypt::model
