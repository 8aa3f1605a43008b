#include "privacy/accounting/overflow.hpp"

#include <cmath>
#include <limits>
#include <numeric>

#include <gtest/gtest.h>

#include "privacy/dp_sgd/poisson_sampler.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// P[Binomial(n, q) > k], from the top so that small terms are added first.
double binomial_above(int n, double q, int k) {
  double sum = 0.0;
  for (int i = n; i > k; --i) {
    sum += std::exp(std::lgamma(n + 1.0) - std::lgamma(i + 1.0) - std::lgamma(n - i + 1.0) +
                    i * std::log(q) + (n - i) * std::log1p(-q));
  }
  return sum;
}

TEST(OverflowProbability, IsTheBinomialTailForEqualLengths) {
  const std::vector<std::uint32_t> lengths(200, 50);
  for (const int fitting : {10, 20, 35, 60}) {
    const LotLimits limits{static_cast<std::uint64_t>(fitting) * 50 + 50, 50};
    const auto bound = overflow_probability(lengths, 0.05, limits);
    ASSERT_TRUE(bound.has_value());
    EXPECT_TRUE(bound->exact);
    const double exact = binomial_above(200, 0.05, fitting);
    EXPECT_NEAR(bound->probability / exact, 1.0, 1e-10) << fitting;
  }
}

TEST(OverflowProbability, IsTheExactSumForUnequalLengths) {
  const std::vector<std::uint32_t> lengths{3, 7, 0, 11, 5, 2, 13, 9};
  constexpr double q = 0.3;
  for (std::uint64_t capacity = 13; capacity < 70; ++capacity) {
    double exact = 0.0;
    for (unsigned mask = 0; mask < 256; ++mask) {
      std::uint64_t tokens = 0;
      double probability = 1.0;
      for (unsigned i = 0; i < 8; ++i) {
        const bool is_in = ((mask >> i) & 1U) != 0;
        if (is_in) tokens += lengths[i];
        probability *= is_in ? q : 1.0 - q;
      }
      if (tokens > capacity - 13) exact += probability;
    }
    const auto bound = overflow_probability(lengths, q, {capacity, 13});
    ASSERT_TRUE(bound.has_value());
    EXPECT_NEAR(bound->probability, exact, 1e-14) << capacity;
    if (exact > 0.0) {
      EXPECT_GE(bound->probability, exact * (1.0 - 1e-13)) << capacity;
    }
  }
}

TEST(OverflowProbability, AgreesWithSimulation) {
  SeededSequence sequence{5, "overflow"};
  std::vector<std::uint32_t> lengths(300);
  for (auto& length : lengths) length = static_cast<std::uint32_t>(20 + sequence.below(480));
  const LotLimits limits{5500, 500};
  const auto bound = overflow_probability(lengths, 0.05, limits);
  ASSERT_TRUE(bound.has_value());
  SeededUniformSource source{SeededSequence{6, "overflow lots"}};
  const PoissonSampler sampler{lengths.size(), 0.05};
  int over = 0;
  constexpr int trials = 20'000;
  for (int i = 0; i < trials; ++i) {
    std::uint64_t tokens = 0;
    for (const std::size_t unit : sampler.draw(source)) tokens += lengths[unit];
    over += tokens > limits.capacity_tokens - limits.max_unit_tokens ? 1 : 0;
  }
  const double p = bound->probability;
  EXPECT_GT(p, 0.02);
  // Five standard deviations; the seed is fixed.
  EXPECT_NEAR(static_cast<double>(over) / trials, p, 5.0 * std::sqrt(p * (1.0 - p) / trials));
}

TEST(OverflowProbability, IsZeroWhereNothingCanOverflowAndOneWhereOneUnitDoesNotFit) {
  const std::vector<std::uint32_t> lengths{100, 200, 300};
  EXPECT_EQ(overflow_probability(lengths, 0.5, {900, 300})->probability, 0.0);
  EXPECT_GT(overflow_probability(lengths, 0.5, {899, 300})->probability, 0.0);
  EXPECT_EQ(overflow_probability(lengths, 0.0, {300, 300})->probability, 0.0);
  EXPECT_EQ(overflow_probability(lengths, 0.5, {299, 300})->probability, 1.0);
  EXPECT_NEAR(overflow_probability(lengths, 1.0, {500, 300})->probability, 1.0, 1e-12);
  EXPECT_EQ(overflow_probability({}, 0.5, {300, 300})->probability, 0.0);
}

TEST(OverflowProbability, UsesTheChernoffBoundWhereConvolutionIsTooLong) {
  const std::vector<std::uint32_t> lengths(5000, 1000);
  const auto bound = overflow_probability(lengths, 0.01, {101'000, 1000});
  ASSERT_TRUE(bound.has_value());
  EXPECT_FALSE(bound->exact);
  const double exact = binomial_above(5000, 0.01, 100);
  EXPECT_GE(bound->probability, exact);
  EXPECT_LT(bound->probability, 50.0 * exact);
}

TEST(OverflowProbability, RefusesWhatBreaksItsAssumptions) {
  const std::vector<std::uint32_t> lengths{100, 301};
  const auto too_long = overflow_probability(lengths, 0.5, {900, 300});
  ASSERT_FALSE(too_long.has_value());
  EXPECT_EQ(too_long.error().code, Errc::out_of_range);
  EXPECT_EQ(overflow_probability(lengths, 1.5, {900, 301}).error().code, Errc::out_of_range);
  EXPECT_EQ(overflow_probability(lengths, std::nan(""), {900, 301}).error().code,
            Errc::out_of_range);
}

TEST(ChernoffOverflow, IsAboveTheExactTailAndNeverAboveOne) {
  const std::vector<std::uint32_t> lengths(200, 50);
  for (const int fitting : {5, 10, 20, 40, 100, 199}) {
    const auto limit = static_cast<std::uint64_t>(fitting) * 50;
    const double bound = chernoff_overflow(lengths, 0.05, limit);
    EXPECT_GE(bound, binomial_above(200, 0.05, fitting)) << fitting;
    EXPECT_LE(bound, 1.0);
  }
  EXPECT_EQ(chernoff_overflow({}, 0.5, 0), 0.0);
}

TEST(OverflowDelta, FollowsTheDerivation) {
  EXPECT_DOUBLE_EQ(overflow_delta(1e-12, 100, 2.0), 100.0 * (1.0 + std::exp(2.0)) * 1e-12);
  EXPECT_EQ(overflow_delta(0.0, 100, infinity), 0.0);
  EXPECT_EQ(overflow_delta(1e-12, 0, infinity), 0.0);
  EXPECT_EQ(overflow_delta(1e-12, 1, infinity), 1.0);
  EXPECT_EQ(overflow_delta(0.5, 100, 1.0), 1.0);
}

}  // namespace
}  // namespace hippocrypt::privacy
