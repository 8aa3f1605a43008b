#pragma once
// What a hospital and the blind server send each other, counted before anything is sent. Every pass
// sends the same tiles whatever the data (DESIGN §8), so the figures are exact; what is sent again
// after a failed exchange or a replacement of the masks comes on top.

#include <cstdint>
#include <optional>

#include "base/result.hpp"
#include "federation/common/federation_config.hpp"
#include "federation/plan/traffic.hpp"
#include "model/config.hpp"

namespace hippocrypt::federation {

/// Whole frames, of one hospital. All zero with a plain oracle.
struct ServerTraffic {
  Traffic setup;       ///< row scales and hints, once
  Traffic step;        ///< all passes of one training step, streamed hints included
  Traffic evaluation;  ///< one look at the held-out notes, the same
  std::uint64_t step_tiles = 0, evaluation_tiles = 0;
  Traffic step_hints;                  ///< of `step`: hints that are not at hand
  std::uint64_t step_hint_pieces = 0;  ///< as many frames each way
  std::uint64_t kept_hint_bytes = 0;   ///< on the hospital's disk or in its memory

  /// Of a run's products, with an evaluation before it and one after it.
  Traffic products(std::uint64_t steps) const { return step * steps + evaluation * 2; }
  std::uint64_t tiles(std::uint64_t steps) const {
    return step_tiles * steps + evaluation_tiles * 2;
  }
  /// Frames of one training step, each way.
  std::uint64_t step_frames() const { return step_tiles + step_hint_pieces; }
};

/// With a `hint_cache` (bytes) as over a network: hints that fit come once in pieces, the others
/// with every product that needs them. Without: in one process, where all of them are in the setup.
/// Errors: those of params_of; limit_exceeded (a model beyond the protocol's limits).
Result<ServerTraffic> server_traffic(const FederationConfig& config,
                                     const model::ModelConfig& model_config,
                                     std::optional<std::uint64_t> hint_cache = std::nullopt);

}  // namespace hippocrypt::federation
