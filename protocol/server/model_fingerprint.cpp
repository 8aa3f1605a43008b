#include "protocol/server/model_fingerprint.hpp"

#include <utility>

namespace hippocrypt::protocol {
namespace {

void add_matrix(Sha256& hash, const Matrix& weights) {
  const ByteView bytes{reinterpret_cast<const std::uint8_t*>(weights.data()),
                       weights.size() * sizeof(float)};
  hash.add_u64(weights.rows()).add_u64(weights.cols()).add_field(bytes);
}

}  // namespace

ModelFingerprint::ModelFingerprint(const model::ModelConfig& config, std::size_t blocks) {
  hash_.add_field("hippocrypt model v1").add_field(config.fingerprint()).add_u64(blocks);
}

void ModelFingerprint::add(const model::BlockWeights& block) {
  for (const Matrix& weights : block) add_matrix(hash_, weights);
}

Hash256 ModelFingerprint::finish(const Matrix& head) {
  // Without a head, the fingerprint is what it was before heads could be offered.
  if (head.size() != 0) add_matrix(hash_, head);
  return hash_.finish();
}

Hash256 model_fingerprint(const model::ModelConfig& config, const model::BaseWeights& base) {
  ModelFingerprint hash{config, base.blocks.size()};
  for (const auto& block : base.blocks) hash.add(block);
  return hash.finish(base.head);
}

ServedWeights ServedWeights::of(const model::ModelConfig& config, model::BaseWeights base) {
  const Hash256 fingerprint = model_fingerprint(config, base);
  return {std::move(base), fingerprint};
}

}  // namespace hippocrypt::protocol
