#pragma once
// What RoundCoordinator asks of the shell round it, in order. The shell carries out one after the
// other: what follows a Persist… effect must not happen before that is durable.

#include <limits>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "federation/aggregator/collector.hpp"
#include "federation/common/round_messages.hpp"

namespace hippocrypt::federation {

/// Write durably, all of it at once: a round is over, and this is the state that it leaves.
struct PersistGlobal {
  std::uint32_t round = 0;  ///< rounds that are over; 0 is the start
  std::vector<float> values;
  Bytes strategy_state;
  std::optional<RoundSummary> summary;  ///< of the round; nothing at the start
};
/// Write durably, all of it at once: this attempt of a round is open. Without participants it waits
/// for enough hospitals.
struct PersistAttempt {
  std::uint32_t round = 0;    ///< from 1
  std::uint32_t attempt = 0;  ///< from 1 within the round
  std::vector<std::string> participants;
  std::optional<RoundSummary> voided;  ///< the attempt before it, when that has just ended
};
/// Append durably to what the open attempt has persisted.
struct PersistEntry {
  JournalEntry entry;
};
/// Send the round's start to every hospital named.
struct StartRound {
  std::uint32_t round = 0;
  std::uint32_t attempt = 0;
  std::vector<std::string> to;
  std::vector<float> values;
};
struct Send {
  Outgoing outgoing;
};
/// An attempt of a round is over; for the run's report.
struct RoundClosed {
  RoundSummary summary;
  double aggregation_error = std::numeric_limits<double>::quiet_NaN();  ///< NaN: unknown
};
/// Tell these hospitals how an attempt ended.
struct Announce {
  std::vector<std::string> to;
  RoundSummary summary;
};
/// Call on_tick at this time, in the seconds of the events. A later WakeAt replaces it.
struct WakeAt {
  double time = 0;
};
/// A message that the rules do not allow. With Errc::stale it came twice or too late and nobody is
/// to blame; with unavailable its sender must join (again) first; otherwise its sender is at fault.
struct Refused {
  std::string hospital;
  Error error;
};
/// Send the final adapter to these hospitals; the run is over.
struct Finish {
  std::vector<std::string> to;
  std::vector<float> values;
};

enum class RunFailure : std::uint8_t {
  quorum_missed,     ///< a round was void retry_cap + 1 times
  too_few_left,      ///< fewer hospitals than the quorum can take part at all
  budgets_exhausted  ///< so many sit out that the quorum cannot be met, however often it is tried
};
const char* to_string(RunFailure cause);

/// Tell these hospitals that the run stops here. What is committed stays; the run can be resumed.
struct RunFailed {
  RunFailure cause = RunFailure::quorum_missed;
  std::string detail;
  std::vector<std::string> to;
};

using Effect = std::variant<PersistGlobal, PersistAttempt, PersistEntry, StartRound, Send,
                            RoundClosed, Announce, WakeAt, Refused, Finish, RunFailed>;
using Effects = std::vector<Effect>;

}  // namespace hippocrypt::federation
