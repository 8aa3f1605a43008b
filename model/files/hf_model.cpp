#include "model/files/hf_model.hpp"

#include "base/file.hpp"
#include "model/files/hf_config.hpp"
#include "model/files/hf_rope.hpp"
#include "model/files/hf_shard_writer.hpp"
#include "model/files/hf_shards.hpp"
#include "model/files/hospital_part.hpp"
#include "model/files/tensor_names.hpp"

namespace hippocrypt::model {
namespace {

Result<HfConfig> read_config(const std::filesystem::path& folder) {
  const auto path = folder / "config.json";
  HIPPOCRYPT_TRY(const std::string text, read_text_file(path, max_config_json_bytes));
  return parse_hf_config(text, path.string());
}

Error unsupported_error(const std::filesystem::path& folder,
                        const std::vector<std::string>& reasons) {
  std::string text = folder.string() + ": this model is not supported: ";
  for (std::size_t i = 0; i < reasons.size(); ++i) text += (i == 0 ? "" : "; ") + reasons[i];
  return Error{Errc::unsupported, text + ". Use a Llama, Mistral or Qwen2 model"};
}

/// Calls `visit` with the name, the values and the shape of every tensor of a block in turn; an
/// error ends the walk.
template <class ModelType, class Visit>
Status for_each_block_tensor(ModelType& model, std::uint32_t block, Visit&& visit) {
  const ModelConfig& config = model.config;
  auto& client = model.client;
  for (const LinearPart& part : linear_parts(config)) {
    auto& stacked = model.base.at(LinearSite{block, part.group});
    HIPPOCRYPT_CHECK(stacked.rows() == config.out_features(part.group));
    HIPPOCRYPT_CHECK(stacked.cols() == part.cols);
    const auto rows = stacked.values().subspan(part.row_begin * part.cols, part.rows * part.cols);
    HIPPOCRYPT_TRY_VOID(visit(block_tensor_name(block, part_weight_name(part)), rows,
                              std::vector<std::uint64_t>{part.rows, part.cols}));
    if (!config->qkv_bias || part.group != LinearGroup::qkv) continue;
    const auto bias = std::span{client.qkv_bias.at(block)}.subspan(part.row_begin, part.rows);
    HIPPOCRYPT_TRY_VOID(visit(block_tensor_name(block, part_bias_name(part)), bias,
                              std::vector<std::uint64_t>{part.rows}));
  }
  const std::vector<std::uint64_t> norm_shape{config->hidden};
  HIPPOCRYPT_TRY_VOID(visit(block_tensor_name(block, attention_norm_part),
                            std::span{client.attention_norm.at(block)}, norm_shape));
  return visit(block_tensor_name(block, ffn_norm_part), std::span{client.ffn_norm.at(block)},
               norm_shape);
}

/// The same for the whole model. `begin` and `end` are called before and after each block.
template <class ModelType, class Visit, class Begin, class End>
Status for_each_tensor(ModelType& model, Visit&& visit, Begin&& begin, End&& end) {
  const ModelConfig& config = model.config;
  const std::vector<std::uint64_t> vocab_shape{config->vocab, config->hidden};
  auto& client = model.client;
  HIPPOCRYPT_TRY_VOID(visit(std::string{embedding_name}, client.embedding.values(), vocab_shape));
  for (std::uint32_t block = 0; block < config->blocks; ++block) {
    begin(block);
    HIPPOCRYPT_TRY_VOID(for_each_block_tensor(model, block, visit));
    end(block);
  }
  HIPPOCRYPT_TRY_VOID(visit(std::string{final_norm_name}, std::span{client.final_norm},
                            std::vector<std::uint64_t>{config->hidden}));
  if (config->tied_head) return {};
  return visit(std::string{head_name}, client.head.values(), vocab_shape);
}

/// Names and shapes of what a model of this shape has, checked against the files' headers before
/// anything is allocated: a config.json may claim any size.
Status check_shapes(const ModelConfig& config, const HfShards& shards) {
  const auto expect = [&](const std::string& name, std::vector<std::uint64_t> shape) -> Status {
    return shards.expect(name, shape);
  };
  HIPPOCRYPT_TRY_VOID(expect(std::string{embedding_name}, {config->vocab, config->hidden}));
  const auto parts = linear_parts(config);
  for (std::size_t block = 0; block < config->blocks; ++block) {
    for (const LinearPart& part : parts) {
      HIPPOCRYPT_TRY_VOID(
          expect(block_tensor_name(block, part_weight_name(part)), {part.rows, part.cols}));
      if (!config->qkv_bias || part.group != LinearGroup::qkv) continue;
      HIPPOCRYPT_TRY_VOID(expect(block_tensor_name(block, part_bias_name(part)), {part.rows}));
    }
    for (const auto norm : {attention_norm_part, ffn_norm_part}) {
      HIPPOCRYPT_TRY_VOID(expect(block_tensor_name(block, norm), {config->hidden}));
    }
  }
  HIPPOCRYPT_TRY_VOID(expect(std::string{final_norm_name}, {config->hidden}));
  if (config->tied_head) return {};
  return expect(std::string{head_name}, {config->vocab, config->hidden});
}

/// The config with rope scaling that config.json can say. Errors: unsupported.
Result<ModelConfig> without_divisors(const ModelConfig& config,
                                     const std::filesystem::path& folder) {
  if (config->rope_scaling.kind != RopeScalingKind::factors) return config;
  ModelLiteral literal = config.literal();
  auto scaling = rope_without_divisors(literal);
  if (!scaling.has_value()) {
    return Error{scaling.error().code, folder.string() + ": " + scaling.error().detail};
  }
  literal.rope_scaling = *std::move(scaling);
  return ModelConfig::create(std::move(literal));
}

}  // namespace

Result<Model> load_model_folder(const std::filesystem::path& folder,
                                std::uint64_t shard_limit_bytes, const BlockSink& sink) {
  if (is_hospital_part(folder)) {
    return Error{Errc::unsupported,
                 folder.string() +
                     ": this folder holds only a hospital's part of a model, without its frozen "
                     "matrices; use it with an encrypted oracle of a blind server, or the whole "
                     "model here"};
  }
  HIPPOCRYPT_TRY(HfConfig config_file, read_config(folder));
  auto opened = HfShards::open(folder, shard_limit_bytes);
  // The headers may add reasons; without them, report what config.json alone says.
  std::vector<std::string> reasons = std::move(config_file.unsupported);
  if (opened.has_value()) {
    const auto biases = config_file.literal.qkv_bias ? QkvBiases::expected : QkvBiases::foreign;
    for (auto& reason : opened->unsupported_tensors(biases)) reasons.push_back(std::move(reason));
  }
  if (!reasons.empty()) return unsupported_error(folder, reasons);
  HIPPOCRYPT_TRY(HfShards shards, std::move(opened));
  HIPPOCRYPT_TRY(const ModelConfig config, ModelConfig::create(config_file.literal));
  HIPPOCRYPT_TRY_VOID(check_shapes(config, shards));
  Model model{config, {}, zero_client_weights<float>(config)};
  model.base.blocks.resize(config->blocks);
  HIPPOCRYPT_TRY_VOID(for_each_tensor(
      model,
      [&shards](const std::string& name, std::span<float> out, const auto&) -> Status {
        return shards.read_into(name, out);
      },
      [&](std::uint32_t block) { model.base.blocks[block] = zero_block_weights(config); },
      [&](std::uint32_t block) {
        if (sink) sink(config, block, model.base.blocks[block]);
      }));
  return model;
}

Result<ModelConfig> load_folder_config(const std::filesystem::path& folder) {
  HIPPOCRYPT_TRY(const HfConfig config, read_config(folder));
  if (!config.unsupported.empty()) return unsupported_error(folder, config.unsupported);
  return ModelConfig::create(config.literal);
}

Result<SpecialTokenIds> load_special_token_ids(const std::filesystem::path& folder) {
  HIPPOCRYPT_TRY(const HfConfig config, read_config(folder));
  if (!config.unsupported.empty()) return unsupported_error(folder, config.unsupported);
  return SpecialTokenIds{config.bos_token, config.eos_token};
}

Status save_model_folder(const Model& model, const std::filesystem::path& folder,
                         const SaveModelOptions& options) {
  HIPPOCRYPT_TRY(const ModelConfig described, without_divisors(model.config, folder));
  std::vector<NamedTensor> tensors;
  const auto nothing = [](std::uint32_t) {};
  HIPPOCRYPT_TRY_VOID(for_each_tensor(
      model,
      [&tensors](std::string name, std::span<const float> values, auto shape) -> Status {
        tensors.push_back({std::move(name), std::move(shape), values});
        return {};
      },
      nothing, nothing));
  HIPPOCRYPT_TRY_VOID(write_shards(folder, std::move(tensors), options));
  const std::string config = render_hf_config(described, options.tokens, options.dtype);
  return write_file_atomically(folder / "config.json", as_bytes(config));
}

}  // namespace hippocrypt::model
