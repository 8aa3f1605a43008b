#include "federation/client/adapter_factory.hpp"

namespace hippocrypt::federation {

model::Trainable trainable_of(AdapterMode mode) {
  return mode == AdapterMode::ffa ? model::Trainable::b_only : model::Trainable::both;
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
  const auto init = config.adapter.mode == AdapterMode::lora ? model::LoraInit::kaiming_uniform
                                                             : model::LoraInit::orthonormal;
  return model::initial_adapter(model_config, lora, init, config.run.seed);
}

std::vector<float> gather_values(const model::LoraAdapter& adapter, model::Trainable trainable,
                                 const model::ModelConfig& model_config) {
  std::vector<float> values(model::trainable_count(model_config, adapter.config(), trainable));
  model::gather<float>(adapter, trainable, values);
  return values;
}

Hash256 adapter_fingerprint(AdapterMode mode, const model::LoraAdapter& adapter,
                            const model::ModelConfig& model_config) {
  const auto values = gather_values(adapter, model::Trainable::both, model_config);
  return Sha256{}
      .add_field("hippocrypt adapter v1")
      .add_u64(static_cast<std::uint64_t>(mode))
      .add_field(ByteView{reinterpret_cast<const std::uint8_t*>(values.data()),
                          values.size() * sizeof(float)})
      .finish();
}

}  // namespace hippocrypt::federation
