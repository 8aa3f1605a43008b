#pragma once
// Names the frozen base weights. It is part of the masks' seed, so new weights mean new masks.

#include "base/sha256.hpp"
#include "model/block_weights.hpp"
#include "model/config.hpp"
#include "model/weights.hpp"

namespace hippocrypt::model {

/// SHA-256 over the configuration's fingerprint and the shape and float32 bytes of every matrix,
/// block by block and group by group, then the head if it is not empty. For weights that are never
/// in memory together.
class ModelFingerprint {
 public:
  ModelFingerprint(const ModelConfig& config, std::size_t blocks);
  void add(const BlockWeights& block);
  /// The head, once, after all blocks.
  Hash256 finish(const Matrix& head);

 private:
  Sha256 hash_;
};

/// The same of weights that are there.
Hash256 model_fingerprint(const ModelConfig& config, const BaseWeights& base);
/// What it is once the head is offered, or no longer: whatever `model` offers now.
Hash256 model_fingerprint(const Model& model, bool with_head);

}  // namespace hippocrypt::model
