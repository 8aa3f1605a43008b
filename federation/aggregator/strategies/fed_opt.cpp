#include "federation/aggregator/strategies/fed_opt.hpp"

#include <algorithm>
#include <cmath>

#include "federation/aggregator/strategies/fed_avg.hpp"
#include "federation/aggregator/strategies/saved_state.hpp"

namespace hippocrypt::federation {

StrategyKind FedOpt::kind() const {
  switch (options_.rule) {
    case AdaptiveRule::adagrad:
      return StrategyKind::fedadagrad;
    case AdaptiveRule::adam:
      return StrategyKind::fedadam;
    case AdaptiveRule::yogi:
      return StrategyKind::fedyogi;
  }
  return StrategyKind::fedadam;
}

double FedOpt::second_moment(double before, double square) const {
  switch (options_.rule) {
    case AdaptiveRule::adagrad:
      return before + square;
    case AdaptiveRule::adam:
      return options_.beta2 * before + (1 - options_.beta2) * square;
    case AdaptiveRule::yogi: {
      const double sign = before > square ? 1.0 : (before < square ? -1.0 : 0.0);
      return before - (1 - options_.beta2) * square * sign;
    }
  }
  return before;
}

Result<std::vector<float>> FedOpt::apply(std::span<const float> global,
                                         const Contributions& contributions) {
  HIPPOCRYPT_TRY(const auto mean, mean_update(global.size(), contributions));
  HIPPOCRYPT_TRY(auto first, state_of_size(first_, global.size(), 0.0F));
  const auto start = static_cast<float>(options_.tau * options_.tau);
  HIPPOCRYPT_TRY(auto second, state_of_size(second_, global.size(), start));
  std::vector<float> out(global.size());
  for (std::size_t i = 0; i < out.size(); ++i) {
    const double moved =
        options_.beta1 * static_cast<double>(first[i]) + (1 - options_.beta1) * mean[i];
    const double spread = second_moment(static_cast<double>(second[i]), moved * moved);
    first[i] = static_cast<float>(moved);
    second[i] = static_cast<float>(spread);
    out[i] = static_cast<float>(static_cast<double>(global[i]) +
                                options_.learning_rate * moved /
                                    (std::sqrt(std::max(spread, 0.0)) + options_.tau));
  }
  first_ = std::move(first);
  second_ = std::move(second);
  return out;
}

Bytes FedOpt::save() const { return encode_state(kind(), {first_, second_}); }

Status FedOpt::restore(ByteView state) {
  HIPPOCRYPT_TRY(auto lists, decode_state(kind(), 2, state));
  if (lists[0].size() != lists[1].size()) {
    return Error{Errc::malformed, "the strategy's saved moments are of two sizes"};
  }
  first_ = std::move(lists[0]);
  second_ = std::move(lists[1]);
  return {};
}

}  // namespace hippocrypt::federation
