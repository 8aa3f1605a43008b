#include "federation/aggregator/strategies/norm_bound.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "federation/aggregator/strategies/each_update.hpp"

namespace hippocrypt::federation {

Result<std::vector<float>> NormBound::apply(std::span<const float> global,
                                            const Contributions& contributions) {
  HIPPOCRYPT_TRY_VOID(check_each_update(global.size(), contributions));
  const auto total =
      std::accumulate(contributions.weights.begin(), contributions.weights.end(), std::uint64_t{0});
  const std::vector<float> origin(global.size());
  std::vector<double> mean(global.size());
  for (std::size_t i = 0; i < contributions.updates.size(); ++i) {
    const auto& update = contributions.updates[i];
    const double norm = std::sqrt(squared_distance(update, origin));
    const double share = static_cast<double>(contributions.weights[i]) / static_cast<double>(total);
    const double factor = share * (norm > bound_ ? bound_ / norm : 1.0);
    for (std::size_t k = 0; k < mean.size(); ++k)
      mean[k] += factor * static_cast<double>(update[k]);
  }
  return moved(global, mean);
}

}  // namespace hippocrypt::federation
