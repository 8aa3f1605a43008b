#include "protocol/server/model_fingerprint.hpp"

namespace hippocrypt::protocol {

Hash256 model_fingerprint(const model::ModelConfig& config, const model::BaseWeights& base) {
  Sha256 hash;
  const auto add = [&hash](const Matrix& weights) {
    const ByteView bytes{reinterpret_cast<const std::uint8_t*>(weights.data()),
                         weights.size() * sizeof(float)};
    hash.add_u64(weights.rows()).add_u64(weights.cols()).add_field(bytes);
  };
  hash.add_field("hippocrypt model v1").add_field(config.fingerprint());
  hash.add_u64(base.blocks.size());
  for (const auto& block : base.blocks) {
    for (const Matrix& weights : block) add(weights);
  }
  // Without a head, the fingerprint is what it was before heads could be offered.
  if (base.head.size() != 0) add(base.head);
  return hash.finish();
}

}  // namespace hippocrypt::protocol
