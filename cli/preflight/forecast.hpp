#pragma once
// What a party of a real federation will need, by the figures of `plan`, without a measurement.

#include <cstdint>
#include <vector>

#include "base/result.hpp"
#include "cli/preflight/line_checks.hpp"
#include "federation/common/federation_config.hpp"
#include "federation/common/site_config.hpp"
#include "model/config.hpp"

namespace hippocrypt::cli {

struct SiteForecast {
  std::uint64_t memory_bytes = 0;
  std::uint64_t disk_bytes = 0;     ///< of what is kept, hints and state
  RoundNeeds aggregator;            ///< hospitals: of the line to the aggregator
  std::vector<RoundNeeds> servers;  ///< likewise, of each server
};

/// `shape` is the federation's model. Errors: those of make_initial_adapter, server_traffic,
/// aggregator_traffic, and of opening a server's own models.
Result<SiteForecast> forecast_site(const federation::SiteFile& site,
                                   const federation::FederationConfig& config,
                                   const model::ModelConfig& shape);

}  // namespace hippocrypt::cli
