#include "model/files/open_weights.hpp"

#include <filesystem>

#include "model/files/gguf/gguf_model.hpp"
#include "model/files/hf_model.hpp"

namespace hippocrypt::model {

Result<Model> open_weights(const std::string& spec) {
  const std::filesystem::path path{spec};
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) return load_model_folder(path);
  if (is_gguf_file(path)) return load_gguf_model(path);
  return Error{Errc::unsupported,
               spec + ": is no GGUF file; give one, or a folder with config.json and safetensors"};
}

}  // namespace hippocrypt::model
