#pragma once
// Names the frozen base weights. It is part of the masks' seed, so new weights mean new masks.

#include "base/sha256.hpp"
#include "model/config.hpp"
#include "model/weights.hpp"

namespace hippocrypt::protocol {

/// SHA-256 over the configuration's fingerprint and the shape and float32 bytes of every matrix,
/// block by block and group by group.
Hash256 model_fingerprint(const model::ModelConfig& config, const model::BaseWeights& base);

}  // namespace hippocrypt::protocol
