#pragma once
// Every strategy there is, one row each: what the program chooses from, checks and lists.

#include <memory>
#include <span>
#include <string_view>

#include "federation/aggregator/strategies/strategy.hpp"
#include "federation/common/round_config.hpp"

namespace hippocrypt::federation {

struct StrategySetup {
  AggregationConfig config;
  std::uint64_t total_weight = 1;  ///< of all hospitals of the federation
};

struct StrategyRow {
  StrategyKind kind = StrategyKind::fedavg;
  std::unique_ptr<Strategy> (*make)(const StrategySetup& setup) = nullptr;
  bool needs_each_update = false;   ///< so it excludes secure aggregation
  bool doubles_the_vector = false;  ///< an update is [values, control variates]
  std::string_view keys;            ///< of [aggregation] that it reads, with blanks between
  std::string_view summary;         ///< one line
  std::string_view source;          ///< of the algorithm
};

/// In the order of StrategyKind.
std::span<const StrategyRow> strategy_table();
const StrategyRow& strategy_row(StrategyKind kind);
std::unique_ptr<Strategy> make_strategy(const StrategySetup& setup);

/// Fewest contributors of a round that the strategy can use: 1, or what krum needs for its
/// guarantee.
std::uint32_t fewest_contributors(const AggregationConfig& config);

}  // namespace hippocrypt::federation
