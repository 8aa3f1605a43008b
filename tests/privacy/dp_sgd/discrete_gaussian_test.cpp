// The sampler against the exact distribution. Seeds are fixed; every bound would fail a correct
// sampler with a fresh seed with probability below 1e-6.

#include "privacy/dp_sgd/discrete_gaussian.hpp"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/seeded_random.hpp"

namespace hippocrypt::privacy {
namespace {

std::vector<std::int64_t> draws(std::uint64_t seed, int log2_sigma, std::size_t count) {
  test_support::SeededRandom random{seed};
  std::vector<std::int64_t> values(count);
  DiscreteGaussian{random, log2_sigma}.add_to(values);
  return values;
}

/// Chi-square of counts against expectations, as a normal score: (X - k) / sqrt(2 k).
double chi_square_score(const std::vector<double>& seen, const std::vector<double>& expected) {
  double sum = 0;
  for (std::size_t i = 0; i < seen.size(); ++i) {
    sum += (seen[i] - expected[i]) * (seen[i] - expected[i]) / expected[i];
  }
  const auto freedom = static_cast<double>(seen.size() - 1);
  return (sum - freedom) / std::sqrt(2 * freedom);
}

TEST(DiscreteGaussianStatistics, FollowsTheExactProbabilities) {
  constexpr std::size_t count = 4'000'000;
  for (const int log2_sigma : {4, 5, 6, 8}) {
    const double sigma = std::ldexp(1.0, log2_sigma);
    const auto reach = static_cast<std::int64_t>(4 * sigma);
    double mass = 0;
    for (std::int64_t x = -14 * reach / 4; x <= 14 * reach / 4; ++x) {
      mass += std::exp(-static_cast<double>(x * x) / (2 * sigma * sigma));
    }
    std::vector<double> seen(static_cast<std::size_t>(2 * reach + 2), 0.0);
    std::vector<double> expected(seen.size(), 0.0);
    double inside = 0;
    for (std::int64_t x = -reach; x <= reach; ++x) {
      const double p = std::exp(-static_cast<double>(x * x) / (2 * sigma * sigma)) / mass;
      expected[static_cast<std::size_t>(x + reach)] = p * count;
      inside += p;
    }
    expected.back() = (1 - inside) * count;
    for (const std::int64_t x :
         draws(40 + static_cast<std::uint64_t>(log2_sigma), log2_sigma, count)) {
      ++seen[std::abs(x) <= reach ? static_cast<std::size_t>(x + reach) : seen.size() - 1];
    }
    EXPECT_LT(chi_square_score(seen, expected), 5.5) << log2_sigma;
    EXPECT_GT(chi_square_score(seen, expected), -5.0) << log2_sigma;
  }
}

TEST(DiscreteGaussianStatistics, FollowsTheNormalCurveWhereTheGridIsFine) {
  constexpr std::size_t count = 4'000'000;
  for (const int log2_sigma : {20, 26, 31}) {
    auto values = draws(60 + static_cast<std::uint64_t>(log2_sigma), log2_sigma, count);
    double sum = 0, squares = 0, fourths = 0, neighbours = 0, last = 0;
    std::vector<double> seen(201, 0.0), expected(201, 0.0);
    for (const std::int64_t value : values) {
      const double z = std::ldexp(static_cast<double>(value), -log2_sigma);
      sum += z;
      squares += z * z;
      fourths += z * z * z * z;
      neighbours += z * last;
      last = z;
      ++seen[static_cast<std::size_t>(std::clamp(std::floor(z * 25) + 100, 0.0, 200.0))];
    }
    const auto cdf = [](double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); };
    for (int i = 0; i <= 200; ++i) {
      const double from = i == 0 ? 0 : cdf((i - 100) / 25.0);
      const double to = i == 200 ? 1 : cdf((i - 99) / 25.0);
      expected[static_cast<std::size_t>(i)] = (to - from) * count;
    }
    const double n = count;
    EXPECT_NEAR(sum, 0, 5 * std::sqrt(n));
    EXPECT_NEAR(squares, n, 5 * std::sqrt(2 * n));
    EXPECT_NEAR(fourths, 3 * n, 5 * std::sqrt(96 * n));
    EXPECT_NEAR(neighbours, 0, 5 * std::sqrt(n));
    EXPECT_LT(chi_square_score(seen, expected), 5.5) << log2_sigma;
    // Low bits: an even and an odd number are equally likely.
    const auto odd =
        std::count_if(values.begin(), values.end(), [](std::int64_t x) { return (x & 1) != 0; });
    EXPECT_NEAR(static_cast<double>(odd), n / 2, 5 * std::sqrt(n / 4));
  }
}

TEST(DiscreteGaussianStatistics, HasTheRightTails) {
  constexpr std::size_t count = 4'000'000;
  const auto values = draws(80, 26, count);
  for (const double bound : {3.0, 4.0, 4.5}) {
    const double p = std::erfc(bound / std::sqrt(2.0));
    const auto beyond = std::count_if(values.begin(), values.end(), [bound](std::int64_t x) {
      return std::abs(static_cast<double>(x)) > std::ldexp(bound, 26);
    });
    EXPECT_NEAR(static_cast<double>(beyond), p * count, 5 * std::sqrt(p * count));
  }
}

/// Words of one value: the ends of every comparison.
class ConstantWord final : public RandomSource {
 public:
  ConstantWord(std::uint8_t value, std::size_t times) : value_{value}, times_{times} {}
  void fill(std::span<std::uint8_t> out) override {
    std::fill(out.begin(), out.end(), times_ > 0 ? value_ : std::uint8_t{0x5a});
    if (times_ > 0) --times_;
  }

 private:
  std::uint8_t value_;
  std::size_t times_;
};

TEST(DiscreteGaussian, EndsAtBothEndsOfTheWords) {
  for (const std::uint8_t value : {std::uint8_t{0}, std::uint8_t{255}}) {
    ConstantWord random{value, 3};
    std::vector<std::int64_t> values(4);
    DiscreteGaussian{random, 26}.add_to(values);
    for (const std::int64_t x : values) EXPECT_LT(std::abs(x), std::int64_t{13} << 26);
  }
}

/// The given words, and then zeros.
class ScriptedWords final : public RandomSource {
 public:
  explicit ScriptedWords(std::vector<std::uint64_t> words) : words_{std::move(words)} {}
  void fill(std::span<std::uint8_t> out) override {
    std::fill(out.begin(), out.end(), std::uint8_t{0});
    for (std::size_t i = 0; i < out.size(); ++i) {
      if (i / 8 < words_.size()) out[i] = static_cast<std::uint8_t>(words_[i / 8] >> (i % 8 * 8));
    }
  }

 private:
  std::vector<std::uint64_t> words_;
};

TEST(DiscreteGaussian, TakesMoreBitsWhereTheFirstDoNotDecide) {
  // sigma 2^31, strip 0, point 2^26: kept with probability exp(-2^52 / 2^63). The coin's 24 bits
  // are those of the probability itself, so only what follows can decide.
  const double probability = std::exp(-0x1p-11);
  const auto coin = static_cast<std::uint64_t>(std::floor(std::ldexp(probability, 24)));
  const std::uint64_t point = std::uint64_t{1} << 26;
  const std::uint64_t word = (coin << 27) | point;
  std::vector<std::int64_t> value(1);
  ScriptedWords below{{word, 0, 0}};
  DiscreteGaussian{below, 31}.add_to(value);
  EXPECT_EQ(value[0], std::int64_t{1} << 26);
  value[0] = 0;
  constexpr std::uint64_t ones = ~std::uint64_t{0};
  const std::uint64_t other = (std::uint64_t{1} << 51) | 5;  // -5: strip 0, its coin far below
  ScriptedWords above{{word, ones, ones, other}};
  DiscreteGaussian{above, 31}.add_to(value);
  EXPECT_EQ(value[0], -5);
}

TEST(DiscreteGaussian, AddsToWhatIsThereAndHoldsNoWordsBack) {
  test_support::SeededRandom first{1};
  test_support::SeededRandom second{1};
  std::vector<std::int64_t> zero(100), five(100, 5), again(100);
  DiscreteGaussian{first, 10}.add_to(zero);
  const DiscreteGaussian noise{second, 10};
  noise.add_to(five);
  for (std::size_t i = 0; i < zero.size(); ++i) EXPECT_EQ(five[i], zero[i] + 5);
  noise.add_to(again);
  EXPECT_NE(again, zero);
  noise.add_to({});
}

TEST(DiscreteGaussian, DrawsFromTheSystemOnSeveralThreads) {
  SystemRandom random;
  std::vector<std::int64_t> values(200'000);
  DiscreteGaussian{random, 20}.add_to(values, 2);
  double squares = 0;
  for (const std::int64_t x : values)
    squares += std::pow(std::ldexp(static_cast<double>(x), -20), 2);
  // Fresh randomness: eight deviations, 1e-15.
  EXPECT_NEAR(squares, 2e5, 8 * std::sqrt(4e5));
}

TEST(DiscreteGaussianDeathTest, RefusesOtherDeviations) {
  SystemRandom random;
  EXPECT_DEATH(DiscreteGaussian(random, 3), "log2_sigma");
  EXPECT_DEATH(DiscreteGaussian(random, 32), "log2_sigma");
}

}  // namespace
}  // namespace hippocrypt::privacy
