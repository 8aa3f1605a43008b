#include "cli/training/model_identity.hpp"

#include "model/model_fingerprint.hpp"

namespace hippocrypt::cli {
namespace {

ByteView bytes_of(std::span<const float> values) {
  return {reinterpret_cast<const std::uint8_t*>(values.data()), values.size() * sizeof(float)};
}

}  // namespace

Hash256 model_identity(const model::Model& model) {
  Sha256 hash;
  hash.add_field("hippocrypt training model 1");
  hash.add_field(model::model_fingerprint(model.config, model.base));
  const auto& client = model.client;
  hash.add_field(bytes_of(client.embedding.values())).add_field(bytes_of(client.head.values()));
  for (const auto& gains : client.attention_norm) hash.add_field(bytes_of(gains));
  for (const auto& gains : client.ffn_norm) hash.add_field(bytes_of(gains));
  for (const auto& biases : client.qkv_bias) hash.add_field(bytes_of(biases));
  hash.add_field(bytes_of(client.final_norm));
  return hash.finish();
}

}  // namespace hippocrypt::cli
