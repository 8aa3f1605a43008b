#pragma once
// What hospitals and the aggregator say to each other in the course of a round, besides its start
// and the updates (messages.hpp): versioned Cereal envelopes with raw bodies.

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace hippocrypt::federation {

/// hospital → aggregator, every federation.heartbeat_s: it is alive.
struct Heartbeat {
  std::string hospital;
  std::uint32_t round = 0;  ///< that it works on; 0: none
  std::uint32_t step = 0;   ///< done in it
};

/// The messages of secure aggregation, in the order of their first use (federation/secagg says what
/// they carry). Numbers are part of the format.
enum class RoundMessageKind : std::uint8_t {
  key_advert = 0,      ///< hospital →
  key_book = 1,        ///< → hospital
  share_bundle = 2,    ///< hospital →
  share_book = 3,      ///< → hospital
  masked_update = 4,   ///< hospital →
  survivors = 5,       ///< → hospital
  signature = 6,       ///< hospital →
  signature_book = 7,  ///< → hospital
  unmask_shares = 8    ///< hospital →
};
const char* to_string(RoundMessageKind kind);

/// One of them, opaque to whoever carries it.
struct RoundMessage {
  std::string hospital;  ///< the hospital that sends it, or that it is for
  std::uint32_t round = 0;
  std::uint32_t attempt = 0;
  RoundMessageKind kind = RoundMessageKind::key_advert;
  Bytes body;
};

/// Why a hospital is not in a round.
enum class AbsenceCause : std::uint8_t {
  silent = 0,       ///< no sign of life for a grace period, or its connection was lost
  late = 1,         ///< alive, but not done in time
  failed = 2,       ///< it said that it cannot contribute
  sat_out = 3,      ///< its privacy budget does not allow the round
  refused = 4,      ///< it sent something that cannot be used
  never_joined = 5  ///< it has not joined yet
};
const char* to_string(AbsenceCause cause);

struct Absence {
  std::string hospital;
  AbsenceCause cause = AbsenceCause::silent;
  std::string detail;  ///< for people; may be empty
};

enum class RoundOutcome : std::uint8_t {
  closed = 0,   ///< it counts
  retried = 1,  ///< too few contributed: the attempt is void, the round is tried again
  skipped = 2   ///< void, and not tried again: the global adapter stays as it was
};
const char* to_string(RoundOutcome outcome);

/// aggregator → everybody, when an attempt of a round is over: who is in it, and who is not and
/// why. Hospitals that were pruned learn it here and are in the next round again.
struct RoundSummary {
  std::uint32_t round = 0;
  std::uint32_t attempt = 0;
  RoundOutcome outcome = RoundOutcome::closed;
  std::vector<std::string> contributed;  ///< in the order of the configuration
  std::vector<Absence> absent;           ///< likewise
  double seconds = 0;                    ///< that the attempt took
  std::string note;  ///< for people: what else there is to say, as on dropouts recovered
};

/// aggregator → hospitals: the run stops before its last round, and can be resumed.
struct RunEnded {
  std::string reason;
};

Bytes encode(const Heartbeat& message);
Bytes encode(const RoundMessage& message);
Bytes encode(const RoundSummary& message);
Bytes encode(const RunEnded& message);

/// Decoders. Errors: malformed (not this message, truncated, a text too long, an unknown
/// enumerator), unsupported (another version), limit_exceeded.
Result<Heartbeat> decode_heartbeat(ByteView frame);
Result<RoundMessage> decode_round_message(ByteView frame);
/// The hospital of a RoundMessage alone: its body is not copied.
Result<std::string> round_message_sender(ByteView frame);
Result<RoundSummary> decode_round_summary(ByteView frame);
Result<RunEnded> decode_run_ended(ByteView frame);

}  // namespace hippocrypt::federation
