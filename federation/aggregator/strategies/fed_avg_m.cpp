#include "federation/aggregator/strategies/fed_avg_m.hpp"

#include "federation/aggregator/strategies/fed_avg.hpp"
#include "federation/aggregator/strategies/saved_state.hpp"

namespace hippocrypt::federation {

Result<std::vector<float>> FedAvgM::apply(std::span<const float> global,
                                          const Contributions& contributions) {
  HIPPOCRYPT_TRY(const auto mean, mean_update(global.size(), contributions));
  HIPPOCRYPT_TRY(auto velocity, state_of_size(velocity_, global.size(), 0.0F));
  std::vector<float> out(global.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    velocity[i] =
        static_cast<float>(options_.momentum * static_cast<double>(velocity[i]) + mean[i]);
    out[i] = static_cast<float>(static_cast<double>(global[i]) +
                                options_.learning_rate * static_cast<double>(velocity[i]));
  }
  velocity_ = std::move(velocity);
  return out;
}

Bytes FedAvgM::save() const { return encode_state(StrategyKind::fedavgm, {velocity_}); }

Status FedAvgM::restore(ByteView state) {
  HIPPOCRYPT_TRY(auto lists, decode_state(StrategyKind::fedavgm, 1, state));
  velocity_ = std::move(lists[0]);
  return {};
}

}  // namespace hippocrypt::federation
