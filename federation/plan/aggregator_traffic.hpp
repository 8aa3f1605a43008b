#pragma once
// What a hospital and the aggregator send each other. Every adapter has the same size whatever it
// holds; the figures are those of a run in which nobody is absent.

#include <cstdint>
#include <string>

#include "federation/common/federation_config.hpp"
#include "federation/plan/server_traffic.hpp"

namespace hippocrypt::federation {

/// Whole frames, of one hospital.
struct AggregatorTraffic {
  Traffic join;    ///< once
  Traffic round;   ///< every round
  Traffic finish;  ///< once: the final adapter

  Traffic total(std::uint64_t rounds) const { return join + round * rounds + finish; }
};

/// Of the hospital `index` of config.hospitals, with adapters of `values` trained values.
AggregatorTraffic aggregator_traffic(const FederationConfig& config, std::size_t index,
                                     std::size_t values);

}  // namespace hippocrypt::federation
