#include "federation/aggregator/strategies/strategy_table.hpp"

#include <gtest/gtest.h>

#include "contributions_of.hpp"

namespace hippocrypt::federation {
namespace {

TEST(StrategyTableTest, EveryRowMakesAStrategyThatMovesByACommonUpdate) {
  for (const StrategyRow& row : strategy_table()) {
    SCOPED_TRACE(to_string(row.kind));
    EXPECT_EQ(&strategy_row(row.kind), &row);
    EXPECT_FALSE(row.summary.empty());
    EXPECT_FALSE(row.source.empty());
    AggregationConfig config;
    config.strategy = row.kind;
    const auto strategy = make_strategy({config, 5});
    const std::vector<std::vector<float>> updates(5, std::vector<float>{0.25F, -0.25F});
    const auto next =
        strategy->apply(std::vector<float>{1, 1}, test_support::contributions_of(updates)).value();
    EXPECT_GT(next[0], 1);
    EXPECT_LT(next[1], 1);
    auto again = make_strategy({config, 5});
    EXPECT_TRUE(again->restore(strategy->save()).has_value());
  }
  EXPECT_EQ(strategy_table().back().kind, StrategyKind::geometric_median);
}

TEST(StrategyTableTest, OnlyKrumNeedsManyContributors) {
  for (const StrategyRow& row : strategy_table()) {
    AggregationConfig config;
    config.strategy = row.kind;
    config.faulty = 2;
    EXPECT_EQ(fewest_contributors(config), row.kind == StrategyKind::krum ? 7U : 1U);
  }
}

}  // namespace
}  // namespace hippocrypt::federation
