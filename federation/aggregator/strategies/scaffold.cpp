#include "federation/aggregator/strategies/scaffold.hpp"

#include <numeric>

#include "federation/aggregator/strategies/fed_avg.hpp"

namespace hippocrypt::federation {

Result<std::vector<float>> Scaffold::apply(std::span<const float> global,
                                           const Contributions& contributions) {
  if (global.size() % 2 != 0) {
    return Error{Errc::mismatch, "scaffold's vector is an adapter and as many control variates; " +
                                     std::to_string(global.size()) + " values are not"};
  }
  HIPPOCRYPT_TRY(const auto mean, mean_update(global.size(), contributions));
  const auto weight =
      std::accumulate(contributions.weights.begin(), contributions.weights.end(), std::uint64_t{0});
  const double share = static_cast<double>(weight) / static_cast<double>(options_.total_weight);
  std::vector<float> out(global.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double factor = i < out.size() / 2 ? options_.learning_rate : share;
    out[i] = static_cast<float>(static_cast<double>(global[i]) + factor * mean[i]);
  }
  return out;
}

}  // namespace hippocrypt::federation
