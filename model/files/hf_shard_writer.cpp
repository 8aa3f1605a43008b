#include "model/files/hf_shard_writer.hpp"

#include <fmt/format.h>

#include "base/file.hpp"
#include "model/files/json.hpp"

namespace hippocrypt::model {
namespace {

using Shard = std::vector<NamedTensor>;

std::uint64_t bytes_of(const NamedTensor& tensor, TensorDtype dtype) {
  return tensor.values.size() * value_bytes(dtype);
}

/// In the order given, each with as much as fits.
std::vector<Shard> divide(std::vector<NamedTensor> tensors, const SaveModelOptions& options) {
  std::vector<Shard> shards(1);
  std::uint64_t held = 0;
  for (NamedTensor& tensor : tensors) {
    const std::uint64_t bytes = bytes_of(tensor, options.dtype);
    if (!shards.back().empty() && held + bytes > options.shard_bytes) {
      shards.emplace_back();
      held = 0;
    }
    held += bytes;
    shards.back().push_back(std::move(tensor));
  }
  return shards;
}

constexpr const char* single_name = "model.safetensors";
constexpr const char* index_name = "model.safetensors.index.json";

Status remove_file(const std::filesystem::path& path) {
  std::error_code failure;
  std::filesystem::remove(path, failure);
  if (failure) return Error{Errc::io, path.string() + ": cannot remove: " + failure.message()};
  return {};
}

}  // namespace

Status write_shards(const std::filesystem::path& folder, std::vector<NamedTensor> tensors,
                    const SaveModelOptions& options) {
  std::vector<Shard> shards = divide(std::move(tensors), options);
  if (shards.size() == 1) {
    HIPPOCRYPT_TRY_VOID(
        write_safetensors(folder / single_name, std::move(shards.front()), options.dtype));
    return remove_file(folder / index_name);
  }
  Json map = Json::object();
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    const std::string name = fmt::format("model-{:05}-of-{:05}.safetensors", i + 1, shards.size());
    for (const NamedTensor& tensor : shards[i]) {
      map[tensor.name] = name;
      total += bytes_of(tensor, options.dtype);
    }
    HIPPOCRYPT_TRY_VOID(write_safetensors(folder / name, std::move(shards[i]), options.dtype));
  }
  const Json index = {{"metadata", {{"total_size", total}}}, {"weight_map", map}};
  HIPPOCRYPT_TRY_VOID(write_file_atomically(folder / index_name, as_bytes(json_text(index))));
  return remove_file(folder / single_name);
}

}  // namespace hippocrypt::model
