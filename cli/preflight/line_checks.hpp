#pragma once
// Whether a peer can be reached, what its clock says, and whether the line carries a round.

#include <string>
#include <vector>

#include "cli/preflight/check.hpp"
#include "net/link/endpoints.hpp"
#include "net/probe/line_probe.hpp"

namespace hippocrypt::cli {

/// What a round sends to a peer, and how long it may take.
struct RoundNeeds {
  double up_bytes = 0, down_bytes = 0;
  double deadline_s = 0;  ///< 0: none
};

/// What came of a peer: its checks, and its answer to LineProbeOptions::question.
struct LineChecks {
  std::vector<Check> checks;
  SharedBytes answer;  ///< null where it could not be reached
};

/// Connects and measures; takes as long as LineProbeOptions say. Checks "port of", "clock
/// of" and "line to" HOST:PORT; only the first when it cannot be reached.
LineChecks check_line(const net::ConnectorOptions& peer, const RoundNeeds& round,
                      const net::LineProbeOptions& options = {});

/// The same of what has been measured. `where` is HOST:PORT.
std::vector<Check> judge_line(const std::string& where, const Result<net::LineReport>& measured,
                              const RoundNeeds& round);

}  // namespace hippocrypt::cli
