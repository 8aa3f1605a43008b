#include "model/model_fingerprint.hpp"

namespace hippocrypt::model {
namespace {

void add_matrix(Sha256& hash, const Matrix& weights) {
  const ByteView bytes{reinterpret_cast<const std::uint8_t*>(weights.data()),
                       weights.size() * sizeof(float)};
  hash.add_u64(weights.rows()).add_u64(weights.cols()).add_field(bytes);
}

Hash256 fingerprint_of(const ModelConfig& config, const BaseWeights& base, const Matrix& head) {
  ModelFingerprint hash{config, base.blocks.size()};
  for (const auto& block : base.blocks) hash.add(block);
  return hash.finish(head);
}

}  // namespace

ModelFingerprint::ModelFingerprint(const ModelConfig& config, std::size_t blocks) {
  hash_.add_field("hippocrypt model v1").add_field(config.fingerprint()).add_u64(blocks);
}

void ModelFingerprint::add(const BlockWeights& block) {
  for (const Matrix& weights : block) add_matrix(hash_, weights);
}

Hash256 ModelFingerprint::finish(const Matrix& head) {
  // Without a head, the fingerprint is what it was before heads could be offered.
  if (head.size() != 0) add_matrix(hash_, head);
  return hash_.finish();
}

Hash256 model_fingerprint(const ModelConfig& config, const BaseWeights& base) {
  return fingerprint_of(config, base, base.head);
}

Hash256 model_fingerprint(const Model& model, bool with_head) {
  const Matrix none;
  return fingerprint_of(model.config, model.base, with_head ? model.client.output_head() : none);
}

}  // namespace hippocrypt::model
