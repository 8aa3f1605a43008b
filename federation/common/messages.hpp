#pragma once
// What hospitals and the aggregator say to each other: versioned Cereal envelopes, vectors as raw
// little-endian float32 bodies. The simulation's observer hears Progress and Report as well.

#include <cstdint>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/sha256.hpp"
#include "protocol/core/envelope.hpp"

namespace hippocrypt::federation {

/// Longest name or reason that a message may carry, bytes.
inline constexpr std::size_t max_text_bytes = 1024;

/// hospital → aggregator.
struct Join {
  std::string hospital;
  Hash256 adapter_fingerprint;  ///< of the frozen part and the shapes: everybody must start alike
  Hash256 identity{};  ///< Ed25519 public key, for signatures of secure aggregation; 0: none
};

/// aggregator → hospital: train round `round` from `values`.
struct RoundStart {
  std::uint32_t round = 0;    ///< from 1
  std::uint32_t attempt = 0;  ///< from 1 within the round
  std::vector<float> values;
};

enum class UpdateStatus : std::uint8_t { contributed = 0, sat_out = 1, failed = 2 };

/// hospital → aggregator: new values minus the round's start, or why there are none.
struct Update {
  std::string hospital;
  std::uint32_t round = 0;
  std::uint32_t attempt = 0;
  UpdateStatus status = UpdateStatus::contributed;
  std::string reason;  ///< stays within the hospital's process (session/for_aggregator.hpp)
  std::vector<float> values;
};

/// aggregator → hospital: the final adapter.
struct FinalAdapter {
  std::vector<float> values;
};

enum class ProgressKind : std::uint8_t { step = 0, round = 1, note = 2 };

/// hospital or aggregator → observer of a simulation. Losses stay at the hospital in a real
/// federation.
struct Progress {
  ProgressKind kind = ProgressKind::step;
  std::string source;
  std::uint32_t round = 0;
  std::uint32_t step = 0;
  double loss = 0;  ///< of a step: mean over the lot's units; NaN where there is none
  std::string text;
};

/// hospital → observer of a simulation, at the end. Losses and figures stay at the hospital in a
/// real federation.
struct Report {
  std::string hospital;
  double loss_before = 0;
  double loss_after = 0;
  double epsilon = 0;
  double delta_overflow = 0;
  std::uint64_t steps = 0;
  std::uint32_t rounds_sat_out = 0;
  std::uint64_t bytes_up = 0;
  std::uint64_t bytes_down = 0;
  std::string failure;  ///< empty when the hospital ended well
};

Bytes encode(const Join& message);
Bytes encode(const RoundStart& message);
Bytes encode(const Update& message);
Bytes encode(const FinalAdapter& message);
Bytes encode(const Progress& message);
Bytes encode(const Report& message);

/// Decoders. Errors: malformed (not this message, truncated, a text too long, a body that is no
/// whole number of floats, an unknown enumerator), unsupported (another version), limit_exceeded.
Result<Join> decode_join(ByteView frame);
Result<RoundStart> decode_round_start(ByteView frame);
Result<Update> decode_update(ByteView frame);
/// The hospital of an Update alone: its values are not copied.
Result<std::string> update_sender(ByteView frame);
Result<FinalAdapter> decode_final_adapter(ByteView frame);
Result<Progress> decode_progress(ByteView frame);
Result<Report> decode_report(ByteView frame);

}  // namespace hippocrypt::federation
