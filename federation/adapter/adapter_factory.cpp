#include "federation/adapter/adapter_factory.hpp"

#include "base/gemm.hpp"

namespace hippocrypt::federation {
namespace {

model::LoraInit init_of(AdapterMode mode) {
  switch (mode) {
    case AdapterMode::lora:
      return model::LoraInit::kaiming_uniform;
    case AdapterMode::ffa:
    case AdapterMode::rolora:
      return model::LoraInit::orthonormal;
    case AdapterMode::fed_sb:
      return model::LoraInit::orthonormal_core;
  }
  return model::LoraInit::orthonormal;
}

ByteView bytes_of(std::span<const float> values) {
  return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(float)};
}

/// A basis of `rank` orthonormal columns needs as many rows.
Status check_basis(const model::LoraConfig& lora, const model::ModelConfig& model_config) {
  for (const model::LoraTarget target : lora.targets()) {
    const std::size_t out = model::lora_target_shape(model_config, target).out;
    if (lora.rank() <= out) continue;
    return Error{Errc::out_of_range,
                 "fed-sb takes a rank of at most the outputs of every target: " +
                     std::to_string(lora.rank()) + " is more than the " + std::to_string(out) +
                     " of " + model::to_string(target) +
                     "; lower adapter.rank or leave that target out"};
  }
  return {};
}

}  // namespace

model::Trainable trainable_of(AdapterMode mode) {
  switch (mode) {
    case AdapterMode::ffa:
      return model::Trainable::b_only;
    case AdapterMode::lora:
    case AdapterMode::rolora:
      return model::Trainable::both;
    case AdapterMode::fed_sb:
      return model::Trainable::core;
  }
  return model::Trainable::b_only;
}

Result<model::LoraAdapter> make_initial_adapter(const FederationConfig& config,
                                                const model::ModelConfig& model_config) {
  model::LoraLiteral literal;
  literal.targets.clear();
  literal.rank = config.adapter.rank;
  literal.alpha = config.adapter.alpha;
  for (const auto& name : config.adapter.targets) {
    HIPPOCRYPT_TRY(const auto target, model::lora_target_from_string(name + "_proj"));
    literal.targets.push_back(target);
  }
  HIPPOCRYPT_TRY(const auto lora, model::LoraConfig::create(literal, model_config));
  if (config.adapter.mode == AdapterMode::fed_sb) {
    HIPPOCRYPT_TRY_VOID(check_basis(lora, model_config));
  }
  return model::initial_adapter(model_config, lora, init_of(config.adapter.mode), config.run.seed);
}

std::vector<float> gather_values(const model::LoraAdapter& adapter, model::Trainable trainable,
                                 const model::ModelConfig& model_config) {
  std::vector<float> values(model::trainable_count(model_config, adapter.config(), trainable));
  model::gather<float>(adapter, trainable, values);
  return values;
}

Result<std::vector<float>> values_of_file(const model::LoraAdapter& loaded,
                                          const model::LoraAdapter& start, AdapterMode mode,
                                          const model::ModelConfig& model_config) {
  if (loaded.config().rank() != start.config().rank() ||
      loaded.config().targets() != start.config().targets()) {
    return Error{Errc::mismatch, "the adapter does not have the shapes of this run"};
  }
  if (mode != AdapterMode::fed_sb) {
    return gather_values(loaded, trainable_of(mode), model_config);
  }
  model::LoraAdapter cores = start;
  for (std::size_t block = 0; block < cores.blocks(); ++block) {
    for (std::size_t i = 0; i < cores.shapes().size(); ++i) {
      auto& factors = cores.at(block, i);
      gemm<float>(Transpose::yes, factors.basis, Transpose::no, loaded.at(block, i).b,
                  factors.core.view());
    }
  }
  return gather_values(cores, trainable_of(mode), model_config);
}

Hash256 adapter_fingerprint(AdapterMode mode, const model::LoraAdapter& adapter,
                            const model::ModelConfig& model_config) {
  const auto values = gather_values(adapter, model::Trainable::both, model_config);
  Sha256 hash;
  hash.add_field("hippocrypt adapter v1")
      .add_u64(static_cast<std::uint64_t>(mode))
      .add_field(bytes_of(values));
  if (mode != AdapterMode::fed_sb) return hash.finish();
  for (std::size_t block = 0; block < adapter.blocks(); ++block) {
    for (std::size_t i = 0; i < adapter.shapes().size(); ++i) {
      hash.add_field(bytes_of(adapter.at(block, i).basis.values()));
    }
  }
  return hash.finish();
}

}  // namespace hippocrypt::federation
