#pragma once
// Events as frames, for the observer of a simulation: hospitals and aggregator tell it their lines
// of metrics.jsonl. They never leave the process.

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "federation/report/metrics_event.hpp"

namespace hippocrypt::federation::metrics {

/// The event's JSON.
Bytes encode(const Event& event);
/// Errors: malformed (no event of this version).
Result<Event> decode_event(ByteView frame);

}  // namespace hippocrypt::federation::metrics
