#pragma once
// Writes a run's metrics.jsonl.

#include <chrono>
#include <filesystem>
#include <fstream>
#include <functional>
#include <string>

#include "base/result.hpp"
#include "federation/report/metrics_event.hpp"

namespace hippocrypt::federation::metrics {

using WallClock = std::function<std::chrono::system_clock::time_point()>;

/// 2026-01-31T12:00:00.000Z
std::string utc_text(std::chrono::system_clock::time_point time);

/// Appends, one line an event, each handed to the operating system at once. It is not synced: a
/// metric may be lost with the machine, a round may not (the journals see to that).
class MetricsWriter {
 public:
  /// A last line that a killed run left torn is ended first, so that only that line is lost.
  MetricsWriter(const std::filesystem::path& file, std::string run,
                WallClock clock = std::chrono::system_clock::now);

  void write(const Event& event);
  /// Errors: io (some line could not be written).
  Status status() const;

 private:
  std::filesystem::path file_;
  std::string run_;
  WallClock clock_;
  std::ofstream out_;
};

}  // namespace hippocrypt::federation::metrics
