#pragma once
// What a hospital and the blind server send each other, counted before anything is sent. Every pass
// sends the same tiles whatever the data (DESIGN §8), so the figures are exact; what is sent again
// after a failed exchange or a replacement of the masks comes on top.

#include <cstdint>

#include "base/result.hpp"
#include "federation/common/federation_config.hpp"
#include "model/config.hpp"

namespace hippocrypt::federation {

/// Bytes from the hospital, and to it.
struct Traffic {
  std::uint64_t up = 0, down = 0;

  std::uint64_t both() const { return up + down; }
  Traffic& operator+=(const Traffic& other) {
    up += other.up;
    down += other.down;
    return *this;
  }
  friend Traffic operator+(Traffic a, const Traffic& b) { return a += b; }
  friend Traffic operator*(Traffic a, std::uint64_t times) {
    return {a.up * times, a.down * times};
  }
  friend bool operator==(const Traffic&, const Traffic&) = default;
};

/// Whole frames, of one hospital. All zero with a plain oracle.
struct ServerTraffic {
  Traffic setup;       ///< row scales and hints, once
  Traffic step;        ///< all passes of one training step
  Traffic evaluation;  ///< one look at the held-out notes
  std::uint64_t step_tiles = 0, evaluation_tiles = 0;

  /// Of a run's products, with an evaluation before it and one after it.
  Traffic products(std::uint64_t steps) const { return step * steps + evaluation * 2; }
  std::uint64_t tiles(std::uint64_t steps) const {
    return step_tiles * steps + evaluation_tiles * 2;
  }
};

/// Errors: those of params_of; limit_exceeded (a model beyond the protocol's limits).
Result<ServerTraffic> server_traffic(const FederationConfig& config,
                                     const model::ModelConfig& model_config);

}  // namespace hippocrypt::federation
