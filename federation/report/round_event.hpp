#pragma once
// What an aggregator's summary of a round says, as a line of a run's metrics.

#include "federation/common/round_messages.hpp"
#include "federation/report/metrics_event.hpp"

namespace hippocrypt::federation::metrics {

/// Figures that the summary does not have stay unknown.
Round round_of(const RoundSummary& summary);

}  // namespace hippocrypt::federation::metrics
