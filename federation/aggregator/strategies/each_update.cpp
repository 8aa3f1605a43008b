#include "federation/aggregator/strategies/each_update.hpp"

#include <algorithm>
#include <cmath>
#include <string>

namespace hippocrypt::federation {

Status check_each_update(std::size_t size, const Contributions& contributions) {
  if (contributions.summed) {
    return Error{Errc::unsupported,
                 "a robust rule needs every hospital's update; secure aggregation shows the sum"};
  }
  HIPPOCRYPT_CHECK(!contributions.updates.empty());
  for (const auto& update : contributions.updates) {
    if (update.size() != size) {
      return Error{Errc::mismatch, "an update has " + std::to_string(update.size()) +
                                       " values; the adapter has " + std::to_string(size)};
    }
    if (!std::all_of(update.begin(), update.end(), [](float x) { return std::isfinite(x); })) {
      return Error{Errc::not_finite, "an update holds a value that is no number"};
    }
  }
  return {};
}

std::vector<float> moved(std::span<const float> global, std::span<const double> update) {
  std::vector<float> out(global.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<float>(static_cast<double>(global[i]) + update[i]);
  }
  return out;
}

double squared_distance(std::span<const float> a, std::span<const float> b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = static_cast<double>(a[i]) - static_cast<double>(b[i]);
    sum += difference * difference;
  }
  return sum;
}

}  // namespace hippocrypt::federation
