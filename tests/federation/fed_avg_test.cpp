#include "federation/aggregator/fed_avg.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace hippocrypt::federation {
namespace {

TEST(FedAvgTest, AddsTheMeanOfTheUpdates) {
  const std::vector<float> global{1, 2};
  const std::vector<std::vector<float>> updates{{1, 0}, {3, -4}};
  EXPECT_EQ(fed_avg(global, updates).value(), (std::vector<float>{3, 0}));
}

TEST(FedAvgTest, WithoutUpdatesNothingMoves) {
  const std::vector<float> global{1, 2};
  EXPECT_EQ(fed_avg(global, {}).value(), global);
}

TEST(FedAvgTest, RefusesAnotherLengthAndWhatIsNoNumber) {
  const std::vector<float> global{1, 2};
  const std::vector<std::vector<float>> shorter{{1}};
  EXPECT_EQ(fed_avg(global, shorter).error().code, Errc::mismatch);
  const std::vector<std::vector<float>> broken{{1, std::numeric_limits<float>::infinity()}};
  EXPECT_EQ(fed_avg(global, broken).error().code, Errc::not_finite);
}

}  // namespace
}  // namespace hippocrypt::federation
