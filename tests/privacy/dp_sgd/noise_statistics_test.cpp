// Statistical tests of the noise. Seeds are fixed, so they pass or fail for ever; each bound is
// five standard deviations, so a correct generator with a fresh seed fails one with probability
// 6e-7.

#include <algorithm>
#include <array>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "privacy/dp_sgd/noise.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr std::size_t count = 1'000'000;

std::vector<double> draws(std::uint64_t seed) {
  test_support::SeededRandom random{seed};
  GaussianNoise noise{random};
  std::vector<double> values(count, 0.0);
  noise.add_to(std::span<double>{values}, 1.0);
  return values;
}

TEST(GaussianNoiseStatistics, HasTheRightMeanAndVariance) {
  for (const double deviation : {0.01, 1.0, 250.0}) {
    test_support::SeededRandom random{11};
    GaussianNoise noise{random};
    std::vector<double> values(count, 0.0);
    noise.add_to(std::span<double>{values}, deviation);
    double sum = 0.0;
    double squares = 0.0;
    for (const double value : values) {
      sum += value / deviation;
      squares += value / deviation * (value / deviation);
    }
    // The sum of squares is chi-square with `count` degrees: deviation sqrt(2 count). A factor of
    // two in the noise would be off by hundreds of thousands of them.
    EXPECT_NEAR(sum, 0.0, 5.0 * std::sqrt(count));
    EXPECT_NEAR(squares, static_cast<double>(count), 5.0 * std::sqrt(2.0 * count));
  }
}

TEST(GaussianNoiseStatistics, HasNoCorrelationWithNeighbours) {
  const auto values = draws(12);
  for (const std::size_t lag : {std::size_t{1}, std::size_t{2}, std::size_t{1024}}) {
    double sum = 0.0;
    for (std::size_t i = 0; i + lag < count; ++i) sum += values[i] * values[i + lag];
    EXPECT_NEAR(sum, 0.0, 5.0 * std::sqrt(count)) << lag;
  }
}

TEST(GaussianNoiseStatistics, FollowsTheNormalDistribution) {
  auto values = draws(13);
  std::sort(values.begin(), values.end());
  double largest = 0.0;  // Kolmogorov-Smirnov statistic
  for (std::size_t i = 0; i < count; ++i) {
    const double normal = 0.5 * std::erfc(-values[i] / std::sqrt(2.0));
    largest = std::max(largest, std::abs(normal - static_cast<double>(i) / count));
    largest = std::max(largest, std::abs(normal - static_cast<double>(i + 1) / count));
  }
  // P[D sqrt(n) > 2.72] is 8e-7.
  EXPECT_LT(largest * std::sqrt(count), 2.72);
}

TEST(GaussianNoiseStatistics, HasTheRightTails) {
  const auto values = draws(14);
  for (const double bound : {3.0, 4.0}) {
    const double p = std::erfc(bound / std::sqrt(2.0));
    const auto beyond = std::count_if(values.begin(), values.end(),
                                      [bound](double v) { return std::abs(v) > bound; });
    EXPECT_NEAR(static_cast<double>(beyond), p * count, 5.0 * std::sqrt(p * count));
  }
}

}  // namespace
}  // namespace hippocrypt::privacy
