#pragma once
// What a configuration says about a run, as the first line of its metrics.

#include "federation/common/federation_config.hpp"
#include "federation/report/metrics_event.hpp"

namespace hippocrypt::federation::metrics {

/// Of a run that begins, or goes on, with round `first_round` (from 1).
RunStart run_start(const FederationConfig& config, std::uint32_t first_round);

}  // namespace hippocrypt::federation::metrics
