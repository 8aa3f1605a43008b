#include "model/inference/confidence.hpp"

#include <gtest/gtest.h>

namespace hippocrypt::model {
namespace {

// Newcombe 1998, table I (method 3, the score method): 81 of 263, 15 of 148, 0 of 20, 1 of 29.
TEST(ConfidenceTest, AgreesWithPublishedIntervals) {
  const auto expect = [](std::size_t successes, std::size_t trials, double low, double high) {
    const Interval interval = wilson_interval(successes, trials);
    EXPECT_NEAR(interval.low, low, 5e-5);
    EXPECT_NEAR(interval.high, high, 5e-5);
  };
  expect(81, 263, 0.2553, 0.3662);
  expect(15, 148, 0.0624, 0.1605);
  expect(0, 20, 0.0, 0.1611);
  expect(1, 29, 0.0061, 0.1718);
}

TEST(ConfidenceTest, IsEverythingWithoutTrialsAndStaysInRange) {
  EXPECT_EQ(wilson_interval(0, 0).low, 0.0);
  EXPECT_EQ(wilson_interval(0, 0).high, 1.0);
  EXPECT_EQ(wilson_interval(0, 7).low, 0.0);
  EXPECT_EQ(wilson_interval(7, 7).high, 1.0);
  EXPECT_LT(wilson_interval(7, 7).low, 1.0);
}

}  // namespace
}  // namespace hippocrypt::model
