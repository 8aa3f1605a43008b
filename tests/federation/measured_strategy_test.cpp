#include "federation/aggregator/measured_strategy.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "federation/aggregator/strategies/fed_avg.hpp"
#include "federation/aggregator/strategies/fed_avg_m.hpp"
#include "tests/federation/strategies/contributions_of.hpp"

namespace hippocrypt::federation {
namespace {

using test_support::contributions_of;

TEST(MeasuredStrategyTest, SaysWhatAveragingBothFactorsGotWrong) {
  // A and B are numbers: 1·1 and 3·3, whose mean is 5, against 2·2.
  MeasuredStrategy strategy{std::make_unique<FedAvg>(), {{1, 1, 1}}};
  const std::vector<float> global{0, 0};
  const auto all = contributions_of({{1, 1}, {3, 3}});
  EXPECT_EQ(strategy.apply(global, all).value(), (std::vector<float>{2, 2}));
  EXPECT_NEAR(strategy.measured_error(), 0.2, 1e-9);
  EXPECT_TRUE(strategy.note().empty());
  EXPECT_TRUE(strategy.apply(global, test_support::summed(all)).has_value());
  EXPECT_NE(strategy.note().find("secure aggregation shows the sum only"), std::string::npos);
  EXPECT_TRUE(std::isnan(strategy.measured_error()));
  EXPECT_EQ(strategy.apply(global, contributions_of({{1}})).error().code, Errc::mismatch);
  EXPECT_TRUE(strategy.note().empty());
}

TEST(MeasuredStrategyTest, LooksAtTheFactorsBeforeControlVariates) {
  MeasuredStrategy strategy{std::make_unique<FedAvg>(), {{1, 1, 1}}};
  const std::vector<float> global{0, 0, 7, 7};
  ASSERT_TRUE(strategy.apply(global, contributions_of({{1, 1, 5, 5}, {3, 3, 0, 0}})).has_value());
  EXPECT_NEAR(strategy.measured_error(), 0.2, 1e-9);
}

TEST(MeasuredStrategyTest, KeepsTheStateOfTheStrategyWithin) {
  const auto make = [] {
    return MeasuredStrategy{std::make_unique<FedAvgM>(FedAvgMOptions{}), {{1, 1, 1}}};
  };
  auto before = make();
  ASSERT_TRUE(before.apply(std::vector<float>{0, 0}, contributions_of({{1, 1}})).has_value());
  auto after = make();
  ASSERT_TRUE(after.restore(before.save()).has_value());
  EXPECT_EQ(after.save(), before.save());
  EXPECT_EQ(after.restore(Bytes{1}).error().code, Errc::malformed);
}

}  // namespace
}  // namespace hippocrypt::federation
