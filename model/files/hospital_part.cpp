#include "model/files/hospital_part.hpp"

#include <algorithm>
#include <array>

#include "base/file.hpp"
#include "base/format_version.hpp"
#include "model/files/hf_config.hpp"
#include "model/files/json.hpp"
#include "model/files/safetensors.hpp"

namespace hippocrypt::model {
namespace {

constexpr const char* facts_name = "hospital_part.json";
constexpr const char* tensors_name = "hospital_part.safetensors";
constexpr std::size_t max_facts_bytes = std::size_t{64} << 10;
constexpr std::array groups{LinearGroup::qkv, LinearGroup::attention_out, LinearGroup::gate_up,
                            LinearGroup::down};
static_assert(groups.size() == linear_group_count);

std::string block_name(std::size_t block, const std::string& what) {
  return "blocks." + std::to_string(block) + '.' + what;
}

std::string residual_name(std::size_t block, LinearGroup group, const char* what) {
  return block_name(block, std::string{to_string(group)} + '.' + what);
}

/// Calls `visit` with name, values and shape of every tensor of a hospital's in turn.
template <class Client, class Visit>
Status for_each_client_tensor(const ModelConfig& config, Client& client, const Visit& visit) {
  using Shape = std::vector<std::uint64_t>;
  const Shape vocab_shape{config->vocab, config->hidden}, norm_shape{config->hidden};
  HIPPOCRYPT_TRY_VOID(visit("embedding", client.embedding.values(), vocab_shape));
  for (std::size_t block = 0; block < config->blocks; ++block) {
    HIPPOCRYPT_TRY_VOID(visit(block_name(block, "attention_norm"),
                              std::span{client.attention_norm.at(block)}, norm_shape));
    HIPPOCRYPT_TRY_VOID(
        visit(block_name(block, "ffn_norm"), std::span{client.ffn_norm.at(block)}, norm_shape));
    if (!config->qkv_bias) continue;
    HIPPOCRYPT_TRY_VOID(visit(block_name(block, "qkv_bias"), std::span{client.qkv_bias.at(block)},
                              Shape{config.out_features(LinearGroup::qkv)}));
  }
  HIPPOCRYPT_TRY_VOID(visit("final_norm", std::span{client.final_norm}, norm_shape));
  if (config->tied_head) return Ok{};
  return visit("head", client.head.values(), vocab_shape);
}

Result<Hash256> hash_value(const JsonObject& facts, const char* key) {
  HIPPOCRYPT_TRY(const std::string text, facts.text(key));
  const auto bytes = from_hex(text);
  Hash256 hash{};
  if (!bytes || bytes->size() != hash.size()) return facts.wrong(key, "64 hexadecimal digits");
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}

/// All but the residuals.
Result<HospitalPart> read_facts(const std::filesystem::path& path) {
  HIPPOCRYPT_TRY(const std::string text, read_text_file(path, max_facts_bytes));
  HIPPOCRYPT_TRY(const Json json, parse_json(text, path.string()));
  HIPPOCRYPT_TRY(const JsonObject facts, JsonObject::of(json, path.string()));
  HIPPOCRYPT_TRY(const std::uint64_t version, facts.unsigned_value("version"));
  HIPPOCRYPT_TRY_VOID(check_version(path.string(), version, hospital_part_version));
  HospitalPart part;
  HIPPOCRYPT_TRY(part.exact_channels, facts.unsigned_value("exact_channels"));
  HIPPOCRYPT_TRY(part.weights, hash_value(facts, "weights"));
  HIPPOCRYPT_TRY(part.weights_with_head, hash_value(facts, "weights_with_head"));
  return part;
}

/// Ascending channels of `inputs`, as numbers of a file.
Result<std::vector<std::uint32_t>> channels_of(const Matrix& values, std::size_t inputs,
                                               const std::string& name) {
  std::vector<std::uint32_t> channels;
  for (const float value : values.values()) {
    const bool fits = value >= 0 && value < static_cast<float>(inputs);
    const auto channel = fits ? static_cast<std::uint32_t>(value) : 0;
    if (!fits || static_cast<float>(channel) != value ||
        (!channels.empty() && channel <= channels.back())) {
      return Error{Errc::malformed, name +
                                        " holds what are no channels of this model; write the "
                                        "hospital's part again"};
    }
    channels.push_back(channel);
  }
  return channels;
}

Result<ChannelResidual> read_residual(SafetensorsFile& file, const ModelConfig& config,
                                      std::size_t block, LinearGroup group) {
  const std::size_t outputs = config.out_features(group), inputs = config.in_features(group);
  const std::string channels = residual_name(block, group, "channels"),
                    values = residual_name(block, group, "residual");
  ChannelResidual residual{{}, Matrix{outputs, 0}};
  if (!file.contains(channels)) return residual;  // a matrix of few inputs has none
  HIPPOCRYPT_TRY(const Matrix numbers, file.read_matrix(channels));
  HIPPOCRYPT_TRY(residual.channels, channels_of(numbers, inputs, channels));
  const std::array<std::uint64_t, 2> shape{outputs, residual.channels.size()};
  HIPPOCRYPT_TRY_VOID(file.expect(values, shape));
  HIPPOCRYPT_TRY(residual.values, file.read_matrix(values));
  return residual;
}

Result<ChannelResiduals> read_residuals(SafetensorsFile& file, const ModelConfig& config) {
  ChannelResiduals residuals(config->blocks);
  for (std::size_t block = 0; block < residuals.size(); ++block) {
    for (std::size_t g = 0; g < groups.size(); ++g) {
      HIPPOCRYPT_TRY(residuals[block][g], read_residual(file, config, block, groups[g]));
    }
  }
  return residuals;
}

}  // namespace

bool is_hospital_part(const std::filesystem::path& folder) {
  std::error_code failure;
  return std::filesystem::is_regular_file(folder / facts_name, failure);
}

Status save_hospital_part(const ModelConfig& config, const ClientWeights& client,
                          const HospitalPart& part, const SpecialTokenIds& tokens,
                          const std::filesystem::path& folder) {
  if (config->rope_scaling.kind == RopeScalingKind::factors) {
    return Error{Errc::unsupported,
                 "this model's rope divisors cannot be said exactly in a config.json: write the "
                 "model as a folder (hippocrypt model smooth --strength 0), serve that, and take "
                 "the hospital's part of it"};
  }
  std::error_code failure;
  for (const char* weights : {"model.safetensors", "model.safetensors.index.json"}) {
    if (!std::filesystem::exists(folder / weights, failure)) continue;
    return Error{Errc::invalid_config, folder.string() +
                                           ": holds a whole model; write to another "
                                           "folder"};
  }
  std::vector<NamedTensor> tensors;
  HIPPOCRYPT_TRY_VOID(for_each_client_tensor(
      config, client,
      [&](std::string name, std::span<const float> values, const auto& shape) -> Status {
        tensors.push_back({std::move(name), shape, values});
        return Ok{};
      }));
  std::vector<std::vector<float>> numbers;
  numbers.reserve(part.residuals.size() * groups.size());  // tensors look into them
  for (std::size_t block = 0; block < part.residuals.size(); ++block) {
    for (std::size_t g = 0; g < groups.size(); ++g) {
      const ChannelResidual& residual = part.residuals[block][g];
      const std::uint64_t count = residual.channels.size();
      if (count == 0) continue;
      numbers.emplace_back(residual.channels.begin(), residual.channels.end());
      tensors.push_back({residual_name(block, groups[g], "channels"), {1, count}, numbers.back()});
      tensors.push_back({residual_name(block, groups[g], "residual"),
                         {residual.values.rows(), count},
                         residual.values.values()});
    }
  }
  HIPPOCRYPT_TRY_VOID(write_safetensors(folder / tensors_name, std::move(tensors)));
  const std::string text = render_hf_config(config, tokens, TensorDtype::f32);
  HIPPOCRYPT_TRY_VOID(write_file_atomically(folder / "config.json", as_bytes(text)));
  const std::string facts = json_text({{"version", hospital_part_version},
                                       {"exact_channels", part.exact_channels},
                                       {"weights", to_hex(part.weights)},
                                       {"weights_with_head", to_hex(part.weights_with_head)}});
  return write_file_atomically(folder / facts_name, as_bytes(facts));
}

Result<HospitalModel> load_hospital_part(const std::filesystem::path& folder) {
  HIPPOCRYPT_TRY(HospitalPart part, read_facts(folder / facts_name));
  HIPPOCRYPT_TRY(const ModelConfig config, load_folder_config(folder));
  HIPPOCRYPT_TRY(auto file, SafetensorsFile::open(folder / tensors_name));
  // Names and shapes first: a config.json may claim any size.
  ClientWeights none;
  none.attention_norm.resize(config->blocks);
  none.ffn_norm.resize(config->blocks);
  none.qkv_bias.resize(config->blocks);
  HIPPOCRYPT_TRY_VOID(for_each_client_tensor(
      config, none, [&](const std::string& name, std::span<float>, const auto& shape) -> Status {
        return file.expect(name, shape);
      }));
  ClientWeights client = zero_client_weights<float>(config);
  HIPPOCRYPT_TRY_VOID(for_each_client_tensor(
      config, client, [&](const std::string& name, std::span<float> out, const auto&) -> Status {
        return file.read_into(name, out);
      }));
  if (part.exact_channels > 0) {
    HIPPOCRYPT_TRY(part.residuals, read_residuals(file, config));
  }
  return HospitalModel{{config, {}, std::move(client)}, std::move(part)};
}

}  // namespace hippocrypt::model
