#pragma once
// What travels in a round: the adapter's trained values, and with SCAFFOLD as many control variates
// behind them.

#include <cstddef>
#include <span>
#include <vector>

#include "federation/common/round_config.hpp"

namespace hippocrypt::federation {

constexpr bool has_control_variates(StrategyKind strategy) {
  return strategy == StrategyKind::scaffold;
}

/// Length of a round's vector for an adapter of `adapter_size` trained values.
constexpr std::size_t round_vector_size(StrategyKind strategy, std::size_t adapter_size) {
  return has_control_variates(strategy) ? 2 * adapter_size : adapter_size;
}

/// The vector that a run starts from: control variates are 0.
inline std::vector<float> round_vector(StrategyKind strategy, std::vector<float> adapter_values) {
  adapter_values.resize(round_vector_size(strategy, adapter_values.size()));
  return adapter_values;
}

/// The adapter's part of a round's vector.
inline std::vector<float> adapter_part(StrategyKind strategy, std::vector<float> vector) {
  if (has_control_variates(strategy)) vector.resize(vector.size() / 2);
  return vector;
}

}  // namespace hippocrypt::federation
