#pragma once
// Reads a run's metrics.jsonl, whatever a crash or a hand has left of it.

#include <filesystem>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "federation/report/metrics_event.hpp"

namespace hippocrypt::federation::metrics {

struct Line {
  std::string time;  ///< UTC, as written
  Event event;
};

struct Metrics {
  std::vector<Line> lines;  ///< in the file's order
  std::size_t damaged = 0;  ///< lines left out: torn, no JSON, too long or without what they need
  std::uint64_t version = format_version;  ///< the newest that a run_start says
  std::size_t foreign = 0;  ///< lines left out: events of a kind that this version does not know
};

/// Longest line that is read, bytes.
inline constexpr std::size_t max_line_bytes = 4U << 20;

/// When the run began: the time of the first line that can be read. Empty where there is none.
std::string first_time(const std::filesystem::path& file);

/// Empty lines are skipped. Errors: not_found, io.
Result<Metrics> read_metrics(const std::filesystem::path& file);

}  // namespace hippocrypt::federation::metrics
