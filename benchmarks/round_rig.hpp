#pragma once
// Rounds of a federation in which nobody trains: the real aggregator actor with its coordinator and
// its files, and hospitals with their real sessions and files, which answer every round at once
// with the same update. What such a round takes is what the framework costs.

#include <cstddef>
#include <filesystem>
#include <vector>

namespace hippocrypt::bench {

struct RoundRigOptions {
  std::size_t hospitals = 8;
  std::size_t values = 460'000;  ///< of an update
  std::size_t rounds = 20;
  bool masked = false;           ///< secure aggregation
  std::filesystem::path folder;  ///< for the run's files
};

/// Seconds from one round's end to the next, one a round but the first.
std::vector<double> time_rounds(const RoundRigOptions& options);

/// Seconds of writing `bytes` to a file in `folder` and flushing them to the disk, `times` times.
std::vector<double> time_durable_writes(const std::filesystem::path& folder, std::size_t bytes,
                                        std::size_t times);

}  // namespace hippocrypt::bench
