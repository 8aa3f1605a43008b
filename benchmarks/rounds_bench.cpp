// What a round costs when nobody trains: 8 hospitals, an update of 460,000 values, everything kept
// durably. Expected: most of it is the disk's, which the same bytes written by hand show.

#include <unistd.h>

#include <algorithm>
#include <filesystem>

#include "benchmarks/round_rig.hpp"
#include "benchmarks/sections.hpp"

namespace hippocrypt::bench {
namespace {

constexpr std::size_t rounds = 26;  // 25 are timed

struct Spread {
  double least = 0, median = 0;
};

Spread spread_of(std::vector<double> durations) {
  std::sort(durations.begin(), durations.end());
  return {durations.front(), durations[durations.size() / 2]};
}

}  // namespace

Section rounds_section(const Options&) {
  Section section{.name = "rounds",
                  .title = "a round in which nobody trains, 8 hospitals, ms a hospital and round",
                  .columns = {{"what", "what"},
                              {"hospitals", "hospitals"},
                              {"values", "values"},
                              {"fastest_ms", "fastest ms", 2},
                              {"median_ms", "median ms", 2},
                              {"rounds", "rounds"}}};
  const auto folder =
      std::filesystem::temp_directory_path() / ("hippocrypt-rounds-" + std::to_string(::getpid()));
  std::filesystem::create_directories(folder);
  RoundRigOptions options;
  options.rounds = rounds;
  for (const bool masked : {false, true}) {
    options.masked = masked;
    options.folder = folder / (masked ? "masked" : "plain");
    const auto durations = time_rounds(options);
    const double per_hospital = 1e3 / static_cast<double>(options.hospitals);
    const Spread ours = spread_of(durations);
    section.rows.push_back({{"what", masked ? "secure aggregation" : "updates in the clear"},
                            {"hospitals", options.hospitals},
                            {"values", options.values},
                            {"fastest_ms", ours.least * per_hospital},
                            {"median_ms", ours.median * per_hospital},
                            {"rounds", durations.size()}});
  }
  const std::size_t bytes = options.values * sizeof(float);
  const Spread raw = spread_of(time_durable_writes(folder, bytes, rounds));
  section.peers.push_back({{"what", "write and fdatasync of one update"},
                           {"hospitals", 1},
                           {"values", options.values},
                           {"fastest_ms", raw.least * 1e3},
                           {"median_ms", raw.median * 1e3},
                           {"rounds", rounds}});
  std::filesystem::remove_all(folder);
  return section;
}

}  // namespace hippocrypt::bench
