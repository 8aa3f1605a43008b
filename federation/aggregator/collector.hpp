#pragma once
// What one attempt of a round gathers. RoundCoordinator owns time and membership, a Collector owns
// what is said (plain updates, or the messages of secure aggregation), a Strategy the arithmetic.
// Like the coordinator it is pure: no actor, clock or I/O.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "federation/aggregator/strategies/contributions.hpp"
#include "federation/common/messages.hpp"
#include "federation/common/round_messages.hpp"

namespace hippocrypt::federation {

struct Outgoing {
  std::string to;  ///< a hospital
  RoundMessage message;
};

/// What the phase under way waits for, which says how long: `setup` and `unmask` messages take no
/// work, so that a grace period is enough for them; `updates` take a round of training.
enum class PhaseKind : std::uint8_t { setup, updates, unmask };

/// What must be durable before anything that follows it. Its content is the collector's business.
struct JournalEntry {
  std::uint32_t round = 0;
  std::uint32_t attempt = 0;
  std::uint32_t kind = 0;  ///< the collector's own numbering
  Bytes body;
};

struct PhaseResult {
  std::optional<JournalEntry> persist_first;  ///< before `send` goes out or the result is used
  std::vector<Outgoing> send;
  bool done = false;        ///< take() gives the contributions
  std::string void_reason;  ///< not empty: the attempt cannot be completed, and this is why
};

/// One attempt of one round: begin, then receive and close_phase in turn until a close_phase says
/// done (then take) or void. A message for another round or attempt never reaches it.
class Collector {
 public:
  virtual ~Collector() = default;

  /// Opens the attempt. `participants` are in the config's order, which is that of summation. What
  /// it returns follows the round's start to the hospitals.
  virtual std::vector<Outgoing> begin(std::uint32_t round, std::uint32_t attempt,
                                      const std::vector<std::string>& participants) = 0;
  /// Opens the attempt as begin does, then goes to where `entries`, in the order in which they were
  /// persisted, had brought it; messages of the phase that was under way are gathered anew. Errors:
  /// malformed, mismatch (entries of another attempt).
  virtual Status restore(std::uint32_t round, std::uint32_t attempt,
                         const std::vector<std::string>& participants,
                         std::span<const JournalEntry> entries) = 0;

  /// A contribution in the clear; only `status == contributed` is handed on. Errors: stale (it is
  /// there already, or its phase is over: nothing changed and nobody is to blame); every other
  /// error means that the hospital has answered with something that cannot be used.
  virtual Status receive_update(Update update);
  /// A message of secure aggregation. Errors: as receive_update.
  virtual Status receive(RoundMessage message);

  /// Participants whose message the present phase still lacks. The coordinator may close the phase
  /// without them.
  virtual std::set<std::string> awaited() const = 0;
  virtual PhaseKind phase() const = 0;
  /// Whose contribution is in, in the config's order; grows in the updates phase only.
  virtual std::vector<std::string> contributors() const = 0;
  /// There are enough answers to close the phase without those awaited (a threshold; the quorum is
  /// the coordinator's business).
  virtual bool can_go_on() const = 0;
  /// Ends the phase without those awaited: they are not in the attempt's later phases, but what
  /// they have contributed stays. After an unmask phase was begun nothing is tried again.
  virtual PhaseResult close_phase() = 0;
  /// What a hospital that has come back must be told again to answer the present phase, in order;
  /// empty for one that is not awaited.
  virtual std::vector<Outgoing> remind(const std::string& hospital) const = 0;
  /// For people, in the round's summary: what else there is to say, as on dropouts recovered.
  virtual std::string note() const { return {}; }
  /// Once, after done. Errors: what the gathering can find out only at the end.
  virtual Result<Contributions> take() = 0;
};

/// A fresh collector, once an attempt.
using CollectorFactory = std::function<std::unique_ptr<Collector>()>;

}  // namespace hippocrypt::federation
