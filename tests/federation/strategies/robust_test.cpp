// The rules that need every hospital's update: hand-computed values, invariances, and what a
// hostile minority can and cannot do.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "base/random.hpp"
#include "contributions_of.hpp"
#include "federation/aggregator/strategies/fed_avg.hpp"
#include "federation/aggregator/strategies/geometric_median.hpp"
#include "federation/aggregator/strategies/krum.hpp"
#include "federation/aggregator/strategies/norm_bound.hpp"
#include "federation/aggregator/strategies/strategy_table.hpp"
#include "federation/aggregator/strategies/trimmed_mean.hpp"

namespace hippocrypt::federation {
namespace {

using test_support::contributions_of;
using Vectors = std::vector<std::vector<float>>;

std::vector<std::unique_ptr<Strategy>> robust_rules() {
  std::vector<std::unique_ptr<Strategy>> rules;
  for (const StrategyRow& row : strategy_table()) {
    if (!row.needs_each_update) continue;
    AggregationConfig config;
    config.strategy = row.kind;
    config.faulty = 2;
    config.trim = 0.25;
    rules.push_back(make_strategy({config, 9}));
  }
  return rules;
}

/// Nine updates round (1, -1, 1, …), each value within 0.1 of it.
Vectors honest_updates() {
  SeededSequence random{1, "updates"};
  Vectors updates(9, std::vector<float>(20));
  for (auto& update : updates) {
    for (std::size_t k = 0; k < update.size(); ++k) {
      update[k] = static_cast<float>((k % 2 == 0 ? 1 : -1) + 0.1 * (2 * random.uniform() - 1));
    }
  }
  return updates;
}

double distance(const std::vector<float>& a, const std::vector<float>& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) sum += std::pow(double{a[i]} - double{b[i]}, 2);
  return std::sqrt(sum);
}

TEST(NormBoundTest, CutsLongUpdatesAndLeavesShortOnesAlone) {
  const auto all = contributions_of({{3, 4}, {0.3F, -0.4F}}, {1, 3});
  const auto next = NormBound{1.0}.apply(std::vector<float>{0, 10}, all).value();
  EXPECT_FLOAT_EQ(next[0], 0.6F / 4 + 0.9F / 4);
  EXPECT_FLOAT_EQ(next[1], 10 + 0.8F / 4 - 1.2F / 4);
}

TEST(MedianTest, IsTheMiddleOfEveryValue) {
  const std::vector<float> zero{0, 0};
  EXPECT_EQ(Median{}.apply(zero, contributions_of({{1, 9}, {5, 1}, {3, 2}})).value(),
            (std::vector<float>{3, 2}));
  EXPECT_EQ(Median{}.apply(zero, contributions_of({{1, 9}, {5, 1}, {3, 2}, {4, 4}})).value(),
            (std::vector<float>{3.5F, 3}));
  EXPECT_EQ(Median{}.apply(zero, contributions_of({{1, 9}})).value(), (std::vector<float>{1, 9}));
}

TEST(TrimmedMeanTest, LeavesTheExtremesOut) {
  const std::vector<float> one{1};
  const auto all = contributions_of({{100}, {1}, {2}, {6}, {-50}});
  EXPECT_EQ(TrimmedMean{0.2}.apply(one, all).value(), (std::vector<float>{4}));
  EXPECT_EQ(TrimmedMean{0.4}.apply(one, all).value(), (std::vector<float>{3}));
  EXPECT_FLOAT_EQ(TrimmedMean{0.0}.apply(one, all).value()[0], 1 + 59.0F / 5);
  // 0.1 of ten is one, though 0.1 is not quite a tenth.
  Vectors ten(10, {1});
  ten[4] = {1000};
  EXPECT_EQ(TrimmedMean{0.1}.apply(one, contributions_of(ten)).value(), (std::vector<float>{2}));
}

TEST(KrumTest, ChoosesTheUpdateAmongItsNeighbours) {
  const std::vector<float> zero{0, 0};
  // Scores with f = 1 of 5: the two nearest others each.
  const auto all = contributions_of({{0, 0}, {1, 0}, {0, 2}, {0.5F, 0}, {50, 50}});
  EXPECT_EQ(Krum{1}.apply(zero, all).value(), (std::vector<float>{0.5F, 0}));
}

TEST(KrumTest, NeedsTwiceTheFaultyAndThree) {
  const auto four = contributions_of({{0}, {1}, {2}, {3}});
  const auto refused = Krum{1}.apply(std::vector<float>{0}, four);
  EXPECT_EQ(refused.error().code, Errc::out_of_range);
  EXPECT_NE(refused.error().detail.find("5 contributors"), std::string::npos);
  EXPECT_TRUE((Krum{0}.apply(std::vector<float>{0}, four).has_value()));
}

TEST(GeometricMedianTest, OfFourCornersIsWhereTheDiagonalsCross) {
  const auto all = contributions_of({{0, 0}, {4, 0}, {0, 3}, {5, 5}});
  const auto next = GeometricMedian{}.apply(std::vector<float>{0, 1}, all).value();
  EXPECT_NEAR(next[0], 12.0 / 7, 1e-4);
  EXPECT_NEAR(next[1], 1 + 12.0 / 7, 1e-4);
}

TEST(GeometricMedianTest, MayLieOnAnUpdate) {
  // Found by pattern search: the sum of distances is least at the update (1.5, 1).
  const auto all = contributions_of({{0, 0}, {4, 0}, {0, 3}, {1.5F, 1}, {10, 9}});
  const auto next = GeometricMedian{}.apply(std::vector<float>{0, 0}, all).value();
  EXPECT_NEAR(next[0], 1.5, 1e-3);
  EXPECT_NEAR(next[1], 1.0, 1e-3);
  const auto same = contributions_of({{2, 3}, {2, 3}});
  EXPECT_EQ(GeometricMedian{}.apply(std::vector<float>{0, 0}, same).value(),
            (std::vector<float>{2, 3}));
}

TEST(RobustTest, OrderOfHospitalsDoesNotMatter) {
  const std::vector<float> global(20, 0.5F);
  auto updates = honest_updates();
  for (const auto& rule : robust_rules()) {
    const auto one = rule->apply(global, contributions_of(updates)).value();
    std::reverse(updates.begin(), updates.end());
    std::swap(updates[1], updates[5]);
    const auto other = rule->apply(global, contributions_of(updates)).value();
    for (std::size_t k = 0; k < one.size(); ++k) EXPECT_NEAR(one[k], other[k], 1e-6);
  }
}

TEST(RobustTest, WeightsGiveNoLeverButToTheNormBound) {
  const std::vector<float> global(20, 0.0F);
  for (const StrategyRow& row : strategy_table()) {
    if (!row.needs_each_update || row.kind == StrategyKind::norm_bound) continue;
    AggregationConfig config;
    config.strategy = row.kind;
    const auto rule = make_strategy({config, 9});
    EXPECT_EQ(rule->apply(global, contributions_of(honest_updates())).value(),
              rule->apply(global, contributions_of(honest_updates(), {9, 1, 1, 1, 1, 1, 1, 1, 1}))
                  .value());
  }
}

TEST(RobustTest, AHostileMinorityMovesTheMeanButNoRobustRule) {
  const std::vector<float> global(20, 0.0F);
  const auto honest = contributions_of(honest_updates());
  const auto truth = FedAvg{}.apply(global, honest).value();
  for (const float size : {10.0F, 1e6F}) {
    auto updates = honest_updates();
    updates[0].assign(20, size);
    updates[6].assign(20, -3 * size);
    const auto attacked = contributions_of(updates);
    EXPECT_GT(distance(FedAvg{}.apply(global, attacked).value(), truth), size / 2);
    for (const auto& rule : robust_rules()) {
      const auto next = rule->apply(global, attacked).value();
      const bool bounds = dynamic_cast<NormBound*>(rule.get()) != nullptr;
      // Honest updates are within 0.1·sqrt(20) = 0.45 of their centre; norm bounding (at 1) only
      // limits two hostile hospitals of nine to 2/9 beyond what it takes from honest ones, whose
      // norm is 4.5.
      EXPECT_LT(distance(next, truth), bounds ? 4.5 : 1.0);
    }
  }
}

TEST(RobustTest, RefusesWhatItCannotUse) {
  const std::vector<float> global{0, 0};
  for (const auto& rule : robust_rules()) {
    auto sum = contributions_of({{1, 1}});
    sum.summed = true;
    EXPECT_EQ(rule->apply(global, sum).error().code, Errc::unsupported);
    EXPECT_EQ(rule->apply(global, contributions_of({{1}})).error().code, Errc::mismatch);
    const auto infinity = std::numeric_limits<float>::infinity();
    EXPECT_EQ(rule->apply(global, contributions_of({{1, infinity}})).error().code,
              Errc::not_finite);
  }
}

}  // namespace
}  // namespace hippocrypt::federation
