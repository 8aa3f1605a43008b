#include "model/files/open_weights.hpp"

#include <optional>

#include "model/files/gguf/gguf_model.hpp"
#include "model/files/hf_model.hpp"
#include "model/files/ollama_store.hpp"
#include "model/model_fingerprint.hpp"

namespace hippocrypt::model {

Result<std::filesystem::path> locate_model(const std::string& spec) {
  if (const auto name = ollama_name(spec); name.has_value()) {
    return find_ollama_model(*name, default_ollama_store());
  }
  return std::filesystem::path{spec};
}

Result<Model> open_weights(const std::string& spec, const BlockSink& sink) {
  HIPPOCRYPT_TRY(const std::filesystem::path path, locate_model(spec));
  std::error_code ignored;
  if (!std::filesystem::is_regular_file(path, ignored)) {
    return load_model_folder(path, default_safetensors_limit_bytes, sink);
  }
  if (is_gguf_file(path)) return load_gguf_model(path, default_gguf_limit_bytes, 2, sink);
  return Error{Errc::unsupported,
               spec + ": is no GGUF file; give one, or a folder with config.json and safetensors"};
}

Result<Hash256> open_fingerprint(const std::string& spec, bool with_head) {
  std::optional<ModelFingerprint> hash;
  const auto sink = [&](const ModelConfig& config, std::uint32_t, BlockWeights& weights) {
    if (!hash) hash.emplace(config, config->blocks);
    hash->add(weights);
    weights = {};
  };
  HIPPOCRYPT_TRY(const Model rest, open_weights(spec, sink));
  HIPPOCRYPT_CHECK(hash.has_value());  // a model has a block
  return hash->finish(with_head ? rest.client.output_head() : Matrix{});
}

Result<ModelConfig> open_config(const std::string& spec) {
  HIPPOCRYPT_TRY(const std::filesystem::path path, locate_model(spec));
  return is_gguf_file(path) ? load_gguf_config(path) : load_folder_config(path);
}

}  // namespace hippocrypt::model
