#pragma once
// A run on the console: one line a round and at most one line a hospital and round.

#include <map>
#include <string>
#include <vector>

#include "cli/support/progress.hpp"
#include "federation/report/metrics_event.hpp"

namespace hippocrypt::cli {

/// Hears the events of a run and writes to `progress`, which must outlive it. With more than
/// twelve hospitals only those get a line that did not contribute or whose budget is nearly spent.
class RoundConsole {
 public:
  explicit RoundConsole(Progress& progress) : progress_{progress} {}

  void hear(const federation::metrics::Event& event);

 private:
  void on(const federation::metrics::RunStart& event);
  void on(const federation::metrics::Step& event);
  void on(const federation::metrics::Hospital& event);
  void on(const federation::metrics::Round& event);
  void on(const federation::metrics::Note& event);
  void on(const federation::metrics::RunEnd& event);
  void begin(std::uint32_t round);
  std::string summary(const federation::metrics::Round& round) const;
  std::vector<std::string> hospital_lines(const federation::metrics::Round& round) const;

  Progress& progress_;
  federation::metrics::RunStart start_;
  std::uint32_t round_ = 0;
  double last_loss_ = federation::metrics::unknown;
  std::map<std::string, federation::metrics::Hospital> parts_;  ///< of the present round
};

}  // namespace hippocrypt::cli
