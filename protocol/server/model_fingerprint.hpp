#pragma once
// Names the frozen base weights. It is part of the masks' seed, so new weights mean new masks.

#include "base/sha256.hpp"
#include "model/block_weights.hpp"
#include "model/config.hpp"
#include "model/weights.hpp"

namespace hippocrypt::protocol {

/// SHA-256 over the configuration's fingerprint and the shape and float32 bytes of every matrix,
/// block by block and group by group, then the head if it is not empty. For weights that are never
/// in memory together.
class ModelFingerprint {
 public:
  ModelFingerprint(const model::ModelConfig& config, std::size_t blocks);
  void add(const model::BlockWeights& block);
  /// The head, once, after all blocks.
  Hash256 finish(const Matrix& head);

 private:
  Sha256 hash_;
};

/// The same of weights that are there.
Hash256 model_fingerprint(const model::ModelConfig& config, const model::BaseWeights& base);

/// Frozen weights and what they are called: the fingerprint is the whole model's, also where `base`
/// keeps some blocks only and the others are empty.
struct ServedWeights {
  model::BaseWeights base;
  Hash256 fingerprint{};

  static ServedWeights of(const model::ModelConfig& config, model::BaseWeights base);
};

}  // namespace hippocrypt::protocol
