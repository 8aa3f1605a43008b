#pragma once
// Frozen weights with their name, as a server is started from them.

#include <utility>

#include "model/model_fingerprint.hpp"

namespace hippocrypt::protocol {

/// The fingerprint is the whole model's, also where `base` keeps some blocks only and the others
/// are empty.
struct ServedWeights {
  model::BaseWeights base;
  Hash256 fingerprint{};

  static ServedWeights of(const model::ModelConfig& config, model::BaseWeights base) {
    const Hash256 fingerprint = model_fingerprint(config, base);
    return {std::move(base), fingerprint};
  }
};

}  // namespace hippocrypt::protocol
