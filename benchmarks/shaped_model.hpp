#pragma once
// Models with the shapes of real ones and random weights, for benchmarks: no kernel's time depends
// on the values.

#include <cstddef>

#include "model/weights.hpp"

namespace hippocrypt::bench {

/// SmolLM2-135M's shape: 30 blocks of width 576, vocabulary 49,152, tied head.
model::ModelLiteral small_shape();
/// Llama-3.2-1B's shape: 16 blocks of width 2048, vocabulary 128,256, tied head.
model::ModelLiteral billion_shape();

/// Uniform weights of whole int8 steps, sized so that activations keep their size.
model::BaseWeights random_base(const model::ModelConfig& config);
/// Embeddings of standard deviation 0.02, gains of 1.
model::ClientWeights random_client(const model::ModelConfig& config);

/// The process's largest resident size so far, in bytes; 0 where the system does not say.
std::size_t peak_resident_bytes();

}  // namespace hippocrypt::bench
