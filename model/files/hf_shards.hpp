#pragma once
// The tensors of a model folder, whether in one safetensors file or in several with an index. Used
// by hf_model.cpp alone.

#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "model/files/safetensors.hpp"

namespace hippocrypt::model {

/// Whether biases of q, k and v belong to the model.
enum class QkvBiases : bool { foreign, expected };

class HfShards {
 public:
  /// Opens model.safetensors, or else the files that model.safetensors.index.json names. Errors:
  /// those of SafetensorsFile::open, and malformed (an index that names paths, too many files, or
  /// tensors that are elsewhere).
  static Result<HfShards> open(const std::filesystem::path& folder,
                               std::uint64_t shard_limit_bytes);

  /// As SafetensorsFile::expect and read_into.
  Status expect(const std::string& name, std::span<const std::uint64_t> shape) const;
  Status read_into(const std::string& name, std::span<float> out);

  /// A phrase for each kind of tensor that the model does not have: leaving it out would
  /// silently give another model.
  std::vector<std::string> unsupported_tensors(QkvBiases biases) const;

 private:
  HfShards() = default;
  Status add_shard(const std::filesystem::path& path, std::uint64_t limit_bytes);
  Status read_index(const std::filesystem::path& folder, std::uint64_t limit_bytes);

  std::string folder_;
  std::vector<SafetensorsFile> files_;
  std::map<std::string, std::size_t> file_of_tensor_;
};

}  // namespace hippocrypt::model
