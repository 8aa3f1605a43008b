#include "federation/aggregator/strategies/fed_avg.hpp"

#include <algorithm>
#include <cmath>
#include <cstdint>

namespace hippocrypt::federation {
namespace {

/// sum += weight · update. Errors: mismatch, not_finite.
Status add_weighted(std::span<const float> update, double weight, std::span<double> sum) {
  if (update.size() != sum.size()) {
    return Error{Errc::mismatch, "an update has " + std::to_string(update.size()) +
                                     " values; the adapter has " + std::to_string(sum.size())};
  }
  if (!std::all_of(update.begin(), update.end(), [](float x) { return std::isfinite(x); })) {
    return Error{Errc::not_finite, "an update holds a value that is no number"};
  }
  for (std::size_t i = 0; i < sum.size(); ++i) {
    sum[i] += weight * static_cast<double>(update[i]);
  }
  return {};
}

}  // namespace

Result<std::vector<double>> mean_update(std::size_t size, const Contributions& contributions) {
  const auto& updates = contributions.updates;
  HIPPOCRYPT_CHECK(contributions.weights.size() == contributions.hospitals.size());
  HIPPOCRYPT_CHECK(updates.size() == (contributions.summed ? 1 : contributions.hospitals.size()));
  HIPPOCRYPT_CHECK(!updates.empty());
  std::vector<double> mean(size);
  std::uint64_t total = 0;
  for (std::size_t i = 0; i < updates.size(); ++i) {
    const std::uint32_t weight = contributions.summed ? 1 : contributions.weights[i];
    HIPPOCRYPT_CHECK(weight > 0);
    HIPPOCRYPT_TRY_VOID(add_weighted(updates[i], weight, mean));
    total += weight;
  }
  const double share = 1.0 / static_cast<double>(total);
  for (double& value : mean) value *= share;
  return mean;
}

Result<std::vector<float>> FedAvg::apply(std::span<const float> global,
                                         const Contributions& contributions) {
  HIPPOCRYPT_TRY(const auto mean, mean_update(global.size(), contributions));
  std::vector<float> out(global.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    out[i] = static_cast<float>(static_cast<double>(global[i]) + mean[i]);
  }
  return out;
}

}  // namespace hippocrypt::federation
