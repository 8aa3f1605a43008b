#pragma once
// Internal to actors/simulation: what the observer of a simulation makes of the frames that it
// hears.

#include <filesystem>
#include <fstream>
#include <functional>
#include <optional>
#include <set>
#include <vector>

#include "federation/common/messages.hpp"
#include "federation/common/run_record.hpp"

namespace hippocrypt::actors {

class RunObserver {
 public:
  RunObserver(const std::filesystem::path& run_folder, federation::RunRecord& record,
              std::function<void(const federation::Progress&)> on_progress);

  /// Progress, Report or FinalAdapter; everything else is ignored.
  void hear(ByteView frame);
  /// The aggregator's actor ended, whatever it said before.
  void lose_aggregator(const std::string& reason);
  /// Every hospital has reported and the last adapter is there, or the aggregator has failed
  /// without one.
  bool done() const;

  const std::optional<std::vector<float>>& final_adapter() const { return final_; }
  /// Why the aggregator stopped early, or empty.
  const std::string& aggregator_failure() const { return aggregator_failure_; }

 private:
  void hear(const federation::Progress& progress);
  void hear(const federation::Report& report);

  federation::RunRecord& record_;
  std::function<void(const federation::Progress&)> on_progress_;
  std::ofstream metrics_;
  std::set<std::string> reported_;
  std::optional<std::vector<float>> final_;
  std::string aggregator_failure_;
};

}  // namespace hippocrypt::actors
