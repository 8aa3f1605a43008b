#pragma once
// The memory of a run in one process, from shapes: what is held once, what every hospital holds,
// and what the pass of a training step needs on top. The allocator keeps what was freed
// (base/allocation.hpp), so every hospital's working memory counts at its largest.

#include <cstddef>
#include <cstdint>

#include "base/result.hpp"
#include "federation/common/federation_config.hpp"
#include "model/config.hpp"

namespace hippocrypt::federation {

struct MemoryForecast {
  std::uint64_t program = 0;  ///< code, libraries and small things
  std::uint64_t model = 0;    ///< the opened weights, while everybody gets ready
  std::uint64_t server = 0;   ///< int8 weights both ways and the hints, of the blind server
  std::uint64_t shared = 0;   ///< weights and masks that the hospitals of one process share
  std::uint64_t working = 0;  ///< activations, gradients and ciphertexts of one hospital

  /// The most at a time with so many hospitals.
  std::uint64_t peak(std::size_t hospitals) const {
    return program + model + server + shared + hospitals * working;
  }
  /// Of one hospital's process where the server is another.
  std::uint64_t hospital_process() const { return program + model + shared + working; }
};

/// `pass_tokens`: of the largest pass that a hospital makes, evaluations included.
MemoryForecast forecast_memory(const FederationConfig& config,
                               const model::ModelConfig& model_config, std::size_t pass_tokens);

}  // namespace hippocrypt::federation
