#include "federation/aggregator/fed_avg.hpp"

#include <cmath>

namespace hippocrypt::federation {

Result<std::vector<float>> fed_avg(std::span<const float> global,
                                   std::span<const std::vector<float>> updates) {
  std::vector<double> sum(global.size());
  for (const auto& update : updates) {
    if (update.size() != global.size()) {
      return Error{Errc::mismatch, "an update has " + std::to_string(update.size()) +
                                       " values; the adapter has " + std::to_string(global.size())};
    }
    for (std::size_t i = 0; i < sum.size(); ++i) {
      if (!std::isfinite(update[i])) {
        return Error{Errc::not_finite, "an update holds a value that is no number"};
      }
      sum[i] += static_cast<double>(update[i]);
    }
  }
  std::vector<float> out(global.begin(), global.end());
  if (updates.empty()) return out;
  const double share = 1.0 / static_cast<double>(updates.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<float>(static_cast<double>(global[i]) + share * sum[i]);
  }
  return out;
}

}  // namespace hippocrypt::federation
