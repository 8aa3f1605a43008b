#include "model/files/hf_shards.hpp"

#include <algorithm>
#include <set>

#include "base/file.hpp"
#include "model/files/hf_model.hpp"
#include "model/files/json.hpp"
#include "model/files/tensor_names.hpp"

namespace hippocrypt::model {
namespace {

bool is_plain_file_name(const std::string& name) {
  return !name.empty() && name != "." && name != ".." &&
         name.find_first_of(std::string_view{"/\\\0", 3}) == std::string::npos;
}

/// The name without "model.layers.N.", so that the blocks of a model give one phrase together.
std::string_view without_block(std::string_view name) {
  constexpr std::string_view prefix = "model.layers.";
  if (name.substr(0, prefix.size()) != prefix) return name;
  const std::size_t digits_end = name.find_first_not_of("0123456789", prefix.size());
  if (digits_end == std::string_view::npos || name[digits_end] != '.') return name;
  return name.substr(digits_end + 1);
}

bool is_known_tensor(std::string_view name, QkvBiases biases) {
  if (name == embedding_name || name == final_norm_name || name == head_name) return true;
  const std::string_view rest = without_block(name);
  if (rest.size() == name.size()) return false;
  if (rest == attention_norm_part || rest == ffn_norm_part) return true;
  // Old checkpoints store the rotary frequencies, which follow from rope_theta.
  if (rest == "self_attn.rotary_emb.inv_freq") return true;
  const std::size_t dot = rest.find('.');
  if (dot == std::string_view::npos) return false;
  const std::string_view module = rest.substr(dot + 1);
  const std::size_t end = module.find('.');
  if (end == std::string_view::npos) return false;
  const std::string_view name_of_module = module.substr(0, end);
  if (parent_of_module(name_of_module) != rest.substr(0, dot)) return false;
  const bool may_have_bias = biases == QkvBiases::expected && rest.substr(0, dot) == "self_attn" &&
                             name_of_module != "o_proj";
  return module.substr(end) == ".weight" || (may_have_bias && module.substr(end) == ".bias");
}

}  // namespace

Status HfShards::add_shard(const std::filesystem::path& path, std::uint64_t limit_bytes) {
  HIPPOCRYPT_TRY(SafetensorsFile file, SafetensorsFile::open(path, limit_bytes));
  for (const auto& [name, info] : file.tensors()) {
    if (!file_of_tensor_.emplace(name, files_.size()).second) {
      return Error{Errc::malformed, path.string() + ": tensor " + name + " is in two files"};
    }
  }
  files_.push_back(std::move(file));
  return {};
}

Status HfShards::read_index(const std::filesystem::path& folder, std::uint64_t limit_bytes) {
  const auto path = folder / "model.safetensors.index.json";
  HIPPOCRYPT_TRY(const std::string text, read_text_file(path, max_index_json_bytes));
  HIPPOCRYPT_TRY(const Json json, parse_json(text, path.string()));
  HIPPOCRYPT_TRY(const JsonObject index, JsonObject::of(json, path.string()));
  HIPPOCRYPT_TRY(const JsonObject map, index.object("weight_map"));
  std::set<std::string> names;
  for (const auto& [tensor, file] : map.json().items()) {
    if (!file.is_string() || !is_plain_file_name(file.get<std::string>())) {
      return map.wrong(tensor, "the name of a file in the same folder");
    }
    names.insert(file.get<std::string>());
  }
  if (names.size() > max_shards) {
    return Error{Errc::limit_exceeded,
                 path.string() + ": names more than " + std::to_string(max_shards) + " files"};
  }
  std::map<std::string, std::size_t> index_of_file;
  for (const std::string& name : names) {
    index_of_file[name] = files_.size();
    HIPPOCRYPT_TRY_VOID(add_shard(folder / name, limit_bytes));
  }
  for (const auto& [tensor, file] : map.json().items()) {
    const auto found = file_of_tensor_.find(tensor);
    const auto& named = file.get_ref<const std::string&>();
    if (found == file_of_tensor_.end() || found->second != index_of_file[named]) {
      return Error{Errc::malformed, path.string() + ": tensor " + shortened(tensor) +
                                        " is not in " + shortened(named)};
    }
  }
  return {};
}

Result<HfShards> HfShards::open(const std::filesystem::path& folder,
                                std::uint64_t shard_limit_bytes) {
  HfShards out;
  out.folder_ = folder.string();
  std::error_code failure;
  const bool one_file = std::filesystem::exists(folder / "model.safetensors", failure);
  const bool has_index = std::filesystem::exists(folder / "model.safetensors.index.json", failure);
  if (!one_file && !has_index) {
    return Error{Errc::not_found, out.folder_ +
                                      ": has neither model.safetensors nor "
                                      "model.safetensors.index.json"};
  }
  HIPPOCRYPT_TRY_VOID(one_file ? out.add_shard(folder / "model.safetensors", shard_limit_bytes)
                               : out.read_index(folder, shard_limit_bytes));
  return out;
}

Status HfShards::expect(const std::string& name, std::span<const std::uint64_t> shape) const {
  const auto found = file_of_tensor_.find(name);
  if (found == file_of_tensor_.end()) {
    return Error{Errc::not_found,
                 folder_ + ": there is no tensor " + name + ", which config.json makes necessary"};
  }
  return files_[found->second].expect(name, shape);
}

Status HfShards::read_into(const std::string& name, std::span<float> out) {
  const auto found = file_of_tensor_.find(name);
  if (found == file_of_tensor_.end()) {
    return Error{Errc::not_found, folder_ + ": there is no tensor " + name};
  }
  return files_[found->second].read_into(name, out);
}

std::vector<std::string> HfShards::unsupported_tensors(QkvBiases biases) const {
  std::set<std::string> kinds;
  for (const auto& [name, file] : file_of_tensor_) {
    if (!is_known_tensor(name, biases)) kinds.emplace(without_block(name));
  }
  std::vector<std::string> phrases;
  for (const std::string& kind : kinds) {
    const std::string_view suffix = ".bias";
    const bool bias = kind.size() > suffix.size() &&
                      kind.compare(kind.size() - suffix.size(), suffix.size(), suffix) == 0;
    phrases.push_back((bias ? "biases (tensor " : "tensors of another architecture (") + kind +
                      ")");
    // A foreign file may have a thousand kinds; a few say enough.
    if (phrases.size() == 8) break;
  }
  return phrases;
}

}  // namespace hippocrypt::model
