#pragma once
// What a hospital and the aggregator send each other. Every adapter has the same size whatever it
// holds; the figures are those of a run in which nobody is absent. Heartbeats come on top: they
// follow the time that a round takes.

#include <cstdint>
#include <string>

#include "base/result.hpp"
#include "federation/common/federation_config.hpp"
#include "federation/plan/link_traffic.hpp"
#include "federation/plan/server_traffic.hpp"

namespace hippocrypt::federation {

/// Whole frames, of one hospital.
struct AggregatorTraffic {
  Traffic join;    ///< once
  Traffic round;   ///< every round: start, update and report, or their masked counterparts
  Traffic finish;  ///< once: the final adapter
  std::uint64_t heartbeat = 0;  ///< one sign of life
  FrameCount round_frames;      ///< of `round`, where none is cut into pieces

  Traffic total(std::uint64_t rounds) const { return join + round * rounds + finish; }
};

/// Of the hospital `index` of config.hospitals, with adapters of `trained` values. Errors: those of
/// secagg::params_of, and of secagg::Roster::create, where secure aggregation is on.
Result<AggregatorTraffic> aggregator_traffic(const FederationConfig& config, std::size_t index,
                                             std::size_t trained);

}  // namespace hippocrypt::federation
