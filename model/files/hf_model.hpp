#pragma once
// A Hugging Face model folder (config.json and safetensors) as a Model, and back.

#include <cstdint>
#include <filesystem>
#include <optional>

#include "base/result.hpp"
#include "model/block_weights.hpp"
#include "model/files/safetensors.hpp"
#include "model/weights.hpp"

namespace hippocrypt::model {

inline constexpr std::size_t max_config_json_bytes = std::size_t{1} << 20;
inline constexpr std::size_t max_index_json_bytes = std::size_t{3} << 19;
inline constexpr std::size_t max_shards = 1024;

/// What the shape of a model does not say but generation needs.
struct SpecialTokenIds {
  std::optional<std::uint64_t> bos, eos;
};

/// Reads config.json and model.safetensors, or the shards named by model.safetensors.index.json.
/// Weights may be F32, F16 or BF16. All names and shapes are checked before a value is read; memory
/// is the model in float, less what `sink` takes out of it, plus small buffers. Errors: not_found
/// (a file or tensor), io, malformed, unsupported (everything about the model that we lack, in one
/// sentence; a hospital's part), out_of_range (a shape that ModelConfig refuses), mismatch (a
/// tensor's shape against config.json), limit_exceeded (a file larger than `shard_limit_bytes` or
/// the limits above), not_finite (names the tensor).
Result<Model> load_model_folder(const std::filesystem::path& folder,
                                std::uint64_t shard_limit_bytes = default_safetensors_limit_bytes,
                                const BlockSink& sink = {});

/// What config.json alone says of the shape, for who needs no weights. Errors: not_found, io,
/// malformed, limit_exceeded, unsupported, out_of_range.
Result<ModelConfig> load_folder_config(const std::filesystem::path& folder);

/// The token ids in the folder's config.json. Errors: not_found, io, malformed, limit_exceeded,
/// unsupported.
Result<SpecialTokenIds> load_special_token_ids(const std::filesystem::path& folder);

struct SaveModelOptions {
  SpecialTokenIds tokens = {};
  TensorDtype dtype = TensorDtype::f32;  ///< not other
  /// Tensors above this together go into several files with an index, as Hugging Face's do (a
  /// single larger tensor has a file of its own).
  std::uint64_t shard_bytes = std::uint64_t{5} << 30;
};

/// Writes config.json and the weights with the standard names, each file atomically; creates the
/// folder, and removes what would make a reader find weights that were there before. The weights
/// must have the shapes of model.config. Errors: not_finite and out_of_range (a value that F16
/// cannot hold; both name the tensor), io, unsupported (rope divisors that no rope scaling of
/// config.json gives).
Status save_model_folder(const Model& model, const std::filesystem::path& folder,
                         const SaveModelOptions& options = {});

}  // namespace hippocrypt::model
