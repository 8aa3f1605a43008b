#pragma once
// All checks of one party, from its own file.

#include <vector>

#include "cli/preflight/check.hpp"
#include "cli/provision/expiry.hpp"
#include "federation/common/federation_config.hpp"
#include "federation/common/site_config.hpp"
#include "net/probe/line_probe.hpp"

namespace hippocrypt::cli {

struct PreflightOptions {
  federation::SiteFile site;
  federation::FederationConfig config;
  net::LineProbeOptions line;
  bool reach_out = true;  ///< false: nothing is sent
};

/// Changes nothing, charges nothing. Reaching out ends a session of the same identity, so it is for
/// before a run.
std::vector<Check> preflight(const PreflightOptions& options, WallTime now);

}  // namespace hippocrypt::cli
