#include "model/files/adapter_file.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <optional>
#include <set>

#include "base/file.hpp"
#include "model/files/adapter_config.hpp"
#include "model/files/tensor_names.hpp"

namespace hippocrypt::model {
namespace {

constexpr std::string_view name_prefix = "base_model.model.model.layers.";
constexpr std::string_view a_suffix = ".lora_A.weight";
constexpr std::string_view b_suffix = ".lora_B.weight";

std::string tensor_stem(std::size_t block, std::string_view module) {
  return std::string{name_prefix} + std::to_string(block) + "." +
         std::string{parent_of_module(module)} + "." + std::string{module};
}

/// Where a tensor belongs, from its name.
struct Place {
  std::size_t block = 0;
  std::string module;
  friend auto operator<=>(const Place&, const Place&) = default;
};

/// The place if `name` is exactly the name that we would write for it.
std::optional<Place> parse_name(std::string_view name, std::string_view suffix) {
  if (name.size() < name_prefix.size() + suffix.size()) return {};
  if (name.substr(0, name_prefix.size()) != name_prefix) return {};
  if (name.substr(name.size() - suffix.size()) != suffix) return {};
  Place place;
  const char* begin = name.data() + name_prefix.size();
  const auto [end, failure] = std::from_chars(begin, name.data() + name.size(), place.block);
  if (failure != std::errc{}) return {};
  const std::string_view stem = name.substr(0, name.size() - suffix.size());
  place.module = stem.substr(stem.rfind('.') + 1);
  if (tensor_stem(place.block, place.module) != stem) return {};
  return place;
}

Error shape_error(const std::string& source, const std::string& name, const Matrix& m,
                  std::size_t rank) {
  return Error{Errc::mismatch, source + ": " + name + " is (" + std::to_string(m.rows()) + ", " +
                                   std::to_string(m.cols()) + "), which is not of rank " +
                                   std::to_string(rank)};
}

/// Both halves of one place. Errors: malformed (no other half), mismatch, not_finite, …
Result<AdapterTensor> read_pair(SafetensorsFile& file, const Place& place, std::size_t rank) {
  const std::string stem = tensor_stem(place.block, place.module);
  const std::string a_name = stem + std::string{a_suffix};
  const std::string b_name = stem + std::string{b_suffix};
  for (const std::string& name : {a_name, b_name}) {
    if (!file.contains(name)) {
      return Error{Errc::malformed,
                   file.source() + ": " + name + " is missing, its other half is there"};
    }
  }
  HIPPOCRYPT_TRY(Matrix a, file.read_matrix(a_name));
  HIPPOCRYPT_TRY(Matrix b, file.read_matrix(b_name));
  if (a.rows() != rank) return shape_error(file.source(), a_name, a, rank);
  if (b.cols() != rank) return shape_error(file.source(), b_name, b, rank);
  return AdapterTensor{place.block, place.module, std::move(a), std::move(b)};
}

/// The modules that have matrices, ordered.
std::vector<std::string> present_modules(const std::vector<AdapterTensor>& tensors) {
  std::set<std::string> present;
  for (const AdapterTensor& tensor : tensors) present.insert(tensor.module);
  return {present.begin(), present.end()};
}

/// Every block that has matrices must be among config.only_blocks, if that says anything.
Status check_blocks(const AdapterFolder& adapter, const std::string& source) {
  const auto& only = adapter.config.only_blocks;
  for (const AdapterTensor& tensor : adapter.tensors) {
    if (only.empty() || std::binary_search(only.begin(), only.end(), tensor.block)) continue;
    return Error{Errc::malformed, source + ": there are tensors for block " +
                                      std::to_string(tensor.block) +
                                      ", which layers_to_transform leaves out"};
  }
  return {};
}

/// config.target_modules and the modules that have tensors must be the same.
Status check_targets(const AdapterFolder& adapter, const std::string& source) {
  const std::vector<std::string> present = present_modules(adapter.tensors);
  const auto& targets = adapter.config.target_modules;
  for (const std::string& module : targets) {
    if (!std::binary_search(present.begin(), present.end(), module)) {
      return Error{Errc::malformed,
                   source + ": adapter_config.json targets " + module + " but it has no tensors"};
    }
  }
  for (const std::string& module : present) {
    if (!std::binary_search(targets.begin(), targets.end(), module)) {
      return Error{Errc::malformed, source + ": there are tensors for " + module +
                                        ", which adapter_config.json does not target"};
    }
  }
  return {};
}

}  // namespace

Status write_adapter_folder(const AdapterFolder& adapter, const std::filesystem::path& folder) {
  std::vector<NamedTensor> tensors;
  for (const AdapterTensor& tensor : adapter.tensors) {
    HIPPOCRYPT_CHECK(!parent_of_module(tensor.module).empty(), tensor.module);
    HIPPOCRYPT_CHECK(tensor.a.rows() == adapter.config.rank);
    HIPPOCRYPT_CHECK(tensor.b.cols() == adapter.config.rank);
    const std::string stem = tensor_stem(tensor.block, tensor.module);
    tensors.push_back(
        {stem + std::string{a_suffix}, {tensor.a.rows(), tensor.a.cols()}, tensor.a.values()});
    tensors.push_back(
        {stem + std::string{b_suffix}, {tensor.b.rows(), tensor.b.cols()}, tensor.b.values()});
  }
  const Status targets = check_targets(adapter, "the adapter to write");
  HIPPOCRYPT_CHECK(targets.has_value(), targets.error().detail);
  HIPPOCRYPT_TRY_VOID(write_safetensors(folder / "adapter_model.safetensors", std::move(tensors)));
  const std::string config = render_adapter_config(adapter.config);
  return write_file_atomically(folder / "adapter_config.json", as_bytes(config));
}

Result<std::vector<AdapterTensor>> read_adapter_tensors(const std::filesystem::path& path,
                                                        std::size_t rank,
                                                        std::uint64_t limit_bytes) {
  HIPPOCRYPT_TRY(SafetensorsFile file, SafetensorsFile::open(path, limit_bytes));
  std::set<Place> places;
  for (const auto& [name, info] : file.tensors()) {
    auto place = parse_name(name, a_suffix);
    if (!place) place = parse_name(name, b_suffix);
    if (!place) {
      return Error{Errc::unsupported,
                   file.source() + ": tensor " + name + " is not a LoRA matrix of a projection"};
    }
    places.insert(std::move(*place));
  }
  if (places.empty()) return Error{Errc::malformed, file.source() + ": has no tensors"};
  std::vector<AdapterTensor> tensors;
  for (const Place& place : places) {
    HIPPOCRYPT_TRY(AdapterTensor tensor, read_pair(file, place, rank));
    tensors.push_back(std::move(tensor));
  }
  return tensors;
}

Result<AdapterFolder> read_adapter_folder(const std::filesystem::path& folder,
                                          std::uint64_t limit_bytes) {
  const auto config_path = folder / "adapter_config.json";
  HIPPOCRYPT_TRY(const std::string text, read_text_file(config_path, max_adapter_config_bytes));
  AdapterFolder adapter;
  HIPPOCRYPT_TRY(adapter.config, parse_adapter_config(text, config_path.string()));
  HIPPOCRYPT_TRY(adapter.tensors, read_adapter_tensors(folder / "adapter_model.safetensors",
                                                       adapter.config.rank, limit_bytes));
  if (adapter.config.targets_follow_tensors) {
    adapter.config.target_modules = present_modules(adapter.tensors);
  }
  HIPPOCRYPT_TRY_VOID(check_targets(adapter, folder.string()));
  HIPPOCRYPT_TRY_VOID(check_blocks(adapter, folder.string()));
  return adapter;
}

Status check_adapter_fits(const AdapterFolder& adapter, const ModelConfig& config) {
  const auto parts = linear_parts(config);
  for (const AdapterTensor& tensor : adapter.tensors) {
    const auto part = std::find_if(parts.begin(), parts.end(), [&tensor](const LinearPart& p) {
      return p.module == tensor.module;
    });
    HIPPOCRYPT_CHECK(part != parts.end(), tensor.module);
    const std::string stem = tensor_stem(tensor.block, tensor.module);
    if (tensor.block >= config->blocks) {
      return Error{Errc::mismatch,
                   stem + ": the model has only " + std::to_string(config->blocks) + " blocks"};
    }
    const std::size_t rank = adapter.config.rank;
    if (tensor.a.rows() != rank || tensor.b.cols() != rank) {
      return Error{Errc::mismatch, stem + ": is not of rank " + std::to_string(rank)};
    }
    if (tensor.a.cols() != part->cols || tensor.b.rows() != part->rows) {
      return Error{Errc::mismatch, stem + ": the adapter maps " + std::to_string(tensor.a.cols()) +
                                       " to " + std::to_string(tensor.b.rows()) +
                                       " features but the model " + std::to_string(part->cols) +
                                       " to " + std::to_string(part->rows)};
    }
  }
  return {};
}

}  // namespace hippocrypt::model
