#include "federation/aggregator/strategies/krum.hpp"

#include <algorithm>
#include <numeric>
#include <string>

#include "federation/aggregator/strategies/each_update.hpp"

namespace hippocrypt::federation {
namespace {

/// Of every update, the sum of squared distances to its `neighbours` nearest others.
std::vector<double> scores(const std::vector<std::vector<float>>& updates, std::size_t neighbours) {
  const std::size_t n = updates.size();
  std::vector<std::vector<double>> distances(n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) {
      const double distance = squared_distance(updates[i], updates[j]);
      distances[i].push_back(distance);
      distances[j].push_back(distance);
    }
  }
  std::vector<double> out;
  for (auto& row : distances) {
    std::sort(row.begin(), row.end());
    out.push_back(
        std::accumulate(row.begin(), row.begin() + static_cast<std::ptrdiff_t>(neighbours), 0.0));
  }
  return out;
}

}  // namespace

Result<std::vector<float>> Krum::apply(std::span<const float> global,
                                       const Contributions& contributions) {
  HIPPOCRYPT_TRY_VOID(check_each_update(global.size(), contributions));
  const std::size_t n = contributions.updates.size();
  if (n < krum_minimum(faulty_)) {
    return Error{Errc::out_of_range,
                 "krum needs " + std::to_string(krum_minimum(faulty_)) +
                     " contributors to withstand " + std::to_string(faulty_) + "; this round has " +
                     std::to_string(n) +
                     ". Raise federation.quorum to as many, or lower aggregation.faulty"};
  }
  const auto score = scores(contributions.updates, n - faulty_ - 2);
  const auto best = std::min_element(score.begin(), score.end()) - score.begin();
  const auto& chosen = contributions.updates[static_cast<std::size_t>(best)];
  return moved(global, std::vector<double>(chosen.begin(), chosen.end()));
}

}  // namespace hippocrypt::federation
