#include "federation/aggregator/strategies/fed_avg.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace hippocrypt::federation {
namespace {

Contributions of(std::vector<std::vector<float>> updates, std::vector<std::uint32_t> weights) {
  Contributions all;
  for (std::size_t i = 0; i < weights.size(); ++i) all.hospitals.push_back("h" + std::to_string(i));
  all.updates = std::move(updates);
  all.weights = std::move(weights);
  return all;
}

TEST(FedAvgTest, AddsTheMeanOfTheUpdates) {
  const auto next = FedAvg{}.apply(std::vector<float>{1, 2}, of({{1, 0}, {3, -4}}, {1, 1}));
  EXPECT_EQ(next.value(), (std::vector<float>{3, 0}));
}

TEST(FedAvgTest, WeightsAreShares) {
  const auto next = FedAvg{}.apply(std::vector<float>{0, 1}, of({{4, 0}, {8, -4}}, {3, 1}));
  EXPECT_EQ(next.value(), (std::vector<float>{5, 0}));
}

TEST(FedAvgTest, AWeightedMeanFromSecureAggregationIsAddedAsItIs) {
  auto all = of({{2, -1}}, {3, 1, 7});
  all.summed = true;
  EXPECT_EQ(FedAvg{}.apply(std::vector<float>{1, 1}, all).value(), (std::vector<float>{3, 0}));
}

TEST(FedAvgTest, RefusesAnotherLengthAndWhatIsNoNumber) {
  const std::vector<float> global{1, 2};
  EXPECT_EQ(FedAvg{}.apply(global, of({{1}}, {1})).error().code, Errc::mismatch);
  const float infinity = std::numeric_limits<float>::infinity();
  EXPECT_EQ(FedAvg{}.apply(global, of({{1, infinity}}, {1})).error().code, Errc::not_finite);
}

TEST(FedAvgTest, CarriesNothingFromRoundToRound) {
  FedAvg strategy;
  EXPECT_TRUE(strategy.save().empty());
  EXPECT_TRUE(strategy.restore({}).has_value());
  EXPECT_EQ(strategy.restore(Bytes{1}).error().code, Errc::malformed);
}

}  // namespace
}  // namespace hippocrypt::federation
