#include "privacy/audit/server_view.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <tuple>

#include "base/check.hpp"
#include "privacy/audit/statistics.hpp"

namespace hippocrypt::privacy::audit {
namespace {

CheckResult check_bytes(std::span<const ObservedStep> steps) {
  std::set<std::tuple<std::uint64_t, std::uint64_t, std::uint64_t>> kinds;
  for (const ObservedStep& step : steps) {
    kinds.emplace(step.messages, step.bytes_up, step.bytes_down);
  }
  const auto& [messages, up, down] = *kinds.begin();
  if (kinds.size() == 1) {
    return {"server bytes", 1,
            fmt::format("{} messages, {} bytes up and {} down in each of {} steps", messages, up,
                        down, steps.size())};
  }
  const auto& [most_messages, most_up, most_down] = *kinds.rbegin();
  return {"server bytes", 0,
          fmt::format("{} different kinds of steps among {}: from {} messages, {} bytes up and {} "
                      "down to {}, {} and {}",
                      kinds.size(), steps.size(), messages, up, down, most_messages, most_up,
                      most_down)};
}

CheckResult check_timing(std::span<const ObservedStep> steps, SeededSequence& sequence,
                         std::size_t permutations) {
  std::vector<double> lots, times;
  for (const ObservedStep& step : steps) {
    lots.push_back(static_cast<double>(step.lot));
    times.push_back(step.seconds);
  }
  const auto lot_ranks = ranks(lots);
  auto time_ranks = ranks(times);
  const double seen = correlation(lot_ranks, time_ranks);
  std::size_t as_large = 0;
  for (std::size_t trial = 0; trial < permutations; ++trial) {
    for (std::size_t i = time_ranks.size(); i > 1; --i) {
      std::swap(time_ranks[i - 1], time_ranks[sequence.below(i)]);
    }
    if (std::abs(correlation(lot_ranks, time_ranks)) >= std::abs(seen) - 1e-12) ++as_large;
  }
  const auto [fastest, slowest] = std::minmax_element(times.begin(), times.end());
  return {"server timing",
          static_cast<double>(as_large + 1) / static_cast<double>(permutations + 1),
          fmt::format("rank correlation of time and lot {:+.3f}; {} steps of {:.4f} to {:.4f} s, "
                      "lots of {:.0f} to {:.0f}",
                      seen, steps.size(), *fastest, *slowest,
                      *std::min_element(lots.begin(), lots.end()),
                      *std::max_element(lots.begin(), lots.end()))};
}

}  // namespace

std::vector<CheckResult> check_server_view(std::span<const ObservedStep> steps,
                                           SeededSequence& sequence, std::size_t permutations) {
  HIPPOCRYPT_CHECK(steps.size() >= 3 && permutations > 0);
  return {check_bytes(steps), check_timing(steps, sequence, permutations)};
}

}  // namespace hippocrypt::privacy::audit
