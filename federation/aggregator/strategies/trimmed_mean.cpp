#include "federation/aggregator/strategies/trimmed_mean.hpp"

#include <algorithm>

#include "federation/aggregator/strategies/each_update.hpp"

namespace hippocrypt::federation {
namespace {

/// global + the mean of each value without the `cut` largest and the `cut` smallest.
Result<std::vector<float>> without_extremes(std::span<const float> global,
                                            const Contributions& contributions, std::size_t cut) {
  HIPPOCRYPT_TRY_VOID(check_each_update(global.size(), contributions));
  const auto& updates = contributions.updates;
  HIPPOCRYPT_CHECK(2 * cut < updates.size());
  std::vector<float> column(updates.size());
  std::vector<double> mean(global.size());
  for (std::size_t k = 0; k < mean.size(); ++k) {
    for (std::size_t i = 0; i < updates.size(); ++i) column[i] = updates[i][k];
    std::sort(column.begin(), column.end());
    for (std::size_t i = cut; i < column.size() - cut; ++i) {
      mean[k] += static_cast<double>(column[i]);
    }
    mean[k] /= static_cast<double>(column.size() - 2 * cut);
  }
  return moved(global, mean);
}

}  // namespace

Result<std::vector<float>> TrimmedMean::apply(std::span<const float> global,
                                              const Contributions& contributions) {
  // A trim that is not quite the fraction it was written as, like 0.1 of 10, still cuts one.
  const double share = trim_ * static_cast<double>(contributions.updates.size());
  return without_extremes(global, contributions, static_cast<std::size_t>(share + 1e-9));
}

Result<std::vector<float>> Median::apply(std::span<const float> global,
                                         const Contributions& contributions) {
  const std::size_t count = contributions.updates.size();
  return without_extremes(global, contributions, count == 0 ? 0 : (count - 1) / 2);
}

}  // namespace hippocrypt::federation
