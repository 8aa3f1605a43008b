#include "federation/aggregator/strategies/geometric_median.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "federation/aggregator/strategies/each_update.hpp"

namespace hippocrypt::federation {
namespace {

using Updates = std::vector<std::vector<float>>;

std::vector<double> weighted_mean(const Updates& updates, const std::vector<double>& weights) {
  const double total = std::accumulate(weights.begin(), weights.end(), 0.0);
  std::vector<double> mean(updates.front().size());
  for (std::size_t i = 0; i < updates.size(); ++i) {
    const double share = weights[i] / total;
    for (std::size_t k = 0; k < mean.size(); ++k) {
      mean[k] += share * static_cast<double>(updates[i][k]);
    }
  }
  return mean;
}

double distance(std::span<const double> point, std::span<const float> update) {
  double sum = 0;
  for (std::size_t k = 0; k < point.size(); ++k) {
    const double difference = point[k] - static_cast<double>(update[k]);
    sum += difference * difference;
  }
  return std::sqrt(sum);
}

double distance(std::span<const double> a, std::span<const double> b) {
  double sum = 0;
  for (std::size_t k = 0; k < a.size(); ++k) sum += (a[k] - b[k]) * (a[k] - b[k]);
  return std::sqrt(sum);
}

}  // namespace

Result<std::vector<float>> GeometricMedian::apply(std::span<const float> global,
                                                  const Contributions& contributions) {
  HIPPOCRYPT_TRY_VOID(check_each_update(global.size(), contributions));
  const Updates& updates = contributions.updates;
  std::vector<double> weights(updates.size(), 1.0);
  std::vector<double> point = weighted_mean(updates, weights);
  for (int step = 0; step < weiszfeld_steps; ++step) {
    std::vector<double> distances;
    for (const auto& update : updates) distances.push_back(distance(point, update));
    const double largest = *std::max_element(distances.begin(), distances.end());
    if (largest == 0) break;  // all are the same
    for (std::size_t i = 0; i < weights.size(); ++i) {
      weights[i] = 1.0 / std::max(distances[i], weiszfeld_smoothing * largest);
    }
    auto next = weighted_mean(updates, weights);
    const double step_length = distance(std::span<const double>{next}, point);
    point = std::move(next);
    if (step_length < weiszfeld_tolerance * largest) break;
  }
  return moved(global, point);
}

}  // namespace hippocrypt::federation
