#pragma once
// What the observer of a run makes of the frames that it hears: of a simulation's, of an
// aggregator's, or of one hospital's.

#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <vector>

#include "federation/common/messages.hpp"
#include "federation/common/round_messages.hpp"
#include "federation/common/run_record.hpp"
#include "federation/report/metrics_writer.hpp"

namespace hippocrypt::actors {

/// Where what is heard goes on to.
struct Listeners {
  std::function<void(const federation::Progress&)> on_progress;
  std::function<void(const federation::metrics::Event&)> on_event;
};

class RunObserver {
 public:
  RunObserver(const std::filesystem::path& run_folder, federation::RunRecord& record,
              Listeners listeners);

  /// The run begins, or goes on.
  void begin(const federation::metrics::RunStart& start);
  /// A frame of an actor; what an observer knows nothing of is ignored.
  void hear(ByteView frame);
  /// The run has ended as the record says; `cause` where it did not end well.
  void end(const std::string& cause);
  /// The aggregator's actor ended, whatever it said before.
  void lose_aggregator(const std::string& reason);
  /// Every hospital has reported, and the last adapter is there or the aggregator has said why
  /// there is none; or the aggregator is gone.
  bool done() const;

  const std::optional<std::vector<float>>& final_adapter() const { return final_; }
  /// Why the aggregator stopped early, or empty.
  const std::string& aggregator_failure() const { return aggregator_failure_; }

 private:
  struct Losses {
    double sum = 0;
    std::size_t count = 0;
    double mean() const;
  };
  struct Heldout {
    std::uint32_t round = 0;
    double loss = 0;
  };
  void hear(const federation::Progress& progress);
  void hear(const federation::Report& report);
  /// Where the aggregator's actor is in another process, this is all that is heard of a round.
  void hear(const federation::RoundSummary& summary);
  void hear(federation::metrics::Event event);
  void tell(const federation::metrics::Event& event);
  /// The mean over the round's hospitals; their steps are forgotten.
  double take_mean_loss();
  double mean_heldout_loss(std::uint32_t round) const;

  federation::RunRecord& record_;
  Listeners listeners_;
  federation::metrics::MetricsWriter metrics_;
  std::map<std::string, Losses> losses_;    ///< of the round's steps, by hospital
  std::map<std::string, Heldout> heldout_;  ///< the last look, by hospital
  std::set<std::string> reported_;
  std::optional<std::vector<float>> final_;
  std::string aggregator_failure_;
  bool is_aggregator_lost_ = false;
};

}  // namespace hippocrypt::actors
