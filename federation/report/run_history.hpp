#pragma once
// A run's metrics put together by round and hospital, for views on it.

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "federation/report/metrics_reader.hpp"

namespace hippocrypt::federation::metrics {

struct RunHistory {
  RunStart start;                         ///< the last one
  std::string started;                    ///< UTC, of the first line; empty without lines
  std::string ended;                      ///< UTC, of the last line
  std::uint32_t resumed = 0;              ///< how often
  std::map<std::uint32_t, Round> rounds;  ///< by number: its last attempt
  std::map<std::uint32_t, std::uint32_t> void_before;  ///< round → void attempts before that one
  /// hospital → round → its part; where there is no line on it, what the round and the steps say.
  std::map<std::string, std::map<std::uint32_t, Hospital>> hospitals;
  std::vector<Note> notes;
  std::optional<RunEnd> end;  ///< nothing: still running, or killed

  /// Rounds that gave a new adapter.
  std::uint32_t completed() const;
};

RunHistory history_of(const Metrics& metrics);

}  // namespace hippocrypt::federation::metrics
