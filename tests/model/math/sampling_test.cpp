#include "model/sampling.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <string>

namespace hippocrypt::model {
namespace {

SamplingConfig config_of(const SamplingLiteral& literal) {
  return SamplingConfig::create(literal).value();
}

const std::vector<float> logits{0.5F, 2.0F, -1.0F, 2.0F, 1.0F};

std::vector<std::uint32_t> tokens_of(const std::vector<Candidate>& from) {
  std::vector<std::uint32_t> tokens;
  for (const Candidate& candidate : from) tokens.push_back(candidate.token);
  return tokens;
}

TEST(SamplingTest, GreedyTakesTheLikeliestAndOfEqualsTheLowest) {
  SeededSequence random{1, "sampling"};
  SeededSequence untouched{1, "sampling"};
  EXPECT_EQ(sample(logits, config_of({}), random).value(), 1U);
  EXPECT_EQ(random.next_u64(), untouched.next_u64());
}

TEST(SamplingTest, TopKKeepsTheLikeliestInOrder) {
  const auto from = candidates(logits, config_of({1.0, 3, 1.0})).value();
  EXPECT_EQ(tokens_of(from), (std::vector<std::uint32_t>{1, 3, 4}));
  const double sum = 2.0 + std::exp(-1.0);
  EXPECT_NEAR(from[0].probability, 1.0 / sum, 1e-15);
  EXPECT_NEAR(from[2].probability, std::exp(-1.0) / sum, 1e-15);
  EXPECT_EQ(candidates(logits, config_of({1.0, 99, 1.0}))->size(), 5U);
  EXPECT_EQ(tokens_of(*candidates(logits, config_of({1.0, 1, 1.0}))),
            std::vector<std::uint32_t>{1});
}

TEST(SamplingTest, TopPKeepsTheFewestThatReachIt) {
  // Probabilities 0.5, 0.25, 0.125, 0.125.
  const std::vector<float> powers{std::log(1.0F), std::log(4.0F), std::log(2.0F), std::log(1.0F)};
  const auto kept = [&](double top_p) {
    return tokens_of(candidates(powers, config_of({1.0, 0, top_p})).value());
  };
  EXPECT_EQ(kept(0.1), (std::vector<std::uint32_t>{1}));
  EXPECT_EQ(kept(0.6), (std::vector<std::uint32_t>{1, 2}));
  EXPECT_EQ(kept(0.8), (std::vector<std::uint32_t>{1, 2, 0}));
  EXPECT_EQ(kept(0.99), (std::vector<std::uint32_t>{1, 2, 0, 3}));
  // After top-k it looks at what top-k left: of 2/3 and 1/3 the first reaches 0.6.
  EXPECT_EQ(tokens_of(*candidates(powers, config_of({1.0, 2, 0.6}))),
            (std::vector<std::uint32_t>{1}));
}

TEST(SamplingTest, ATemperatureDividesTheLogits) {
  const auto hot = candidates(logits, config_of({2.0, 0, 1.0})).value();
  EXPECT_NEAR(hot[1].probability / hot[2].probability, std::exp(1.5), 1e-12);
  const auto cold = candidates(logits, config_of({1e-6, 0, 1.0})).value();
  EXPECT_NEAR(cold[1].probability, 0.5, 1e-12);
  EXPECT_NEAR(cold[3].probability, 0.5, 1e-12);
}

TEST(SamplingTest, DrawsFollowTheProbabilities) {
  constexpr int draws = 20000;
  const SamplingConfig config = config_of({1.0, 0, 1.0});
  const auto from = candidates(logits, config).value();
  SeededSequence random{2, "sampling"};
  std::vector<int> seen(logits.size());
  for (int i = 0; i < draws; ++i) ++seen[sample(logits, config, random).value()];
  for (const Candidate& candidate : from) {
    const double mean = draws * candidate.probability;
    const double deviation = std::sqrt(mean * (1.0 - candidate.probability));
    // Five deviations, five tokens: a seed fails with probability 3e-6; this one is fixed.
    EXPECT_NEAR(seen[candidate.token], mean, 5.0 * deviation) << candidate.token;
  }
}

TEST(SamplingTest, TheSameSeedDrawsTheSameTokens) {
  const SamplingConfig config = config_of({1.0, 4, 0.95});
  SeededSequence first{3, "sampling"};
  SeededSequence second{3, "sampling"};
  SeededSequence other{4, "sampling"};
  int different = 0;
  for (int i = 0; i < 100; ++i) {
    const auto token = sample(logits, config, first).value();
    EXPECT_EQ(token, sample(logits, config, second).value());
    different += token == sample(logits, config, other).value() ? 0 : 1;
  }
  EXPECT_GT(different, 0);
}

TEST(SamplingTest, RefusesWhatIsNoSampling) {
  const auto code = [](const SamplingLiteral& literal) {
    return SamplingConfig::create(literal).error().code;
  };
  constexpr double nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_EQ(code({-0.1, 0, 1.0}), Errc::out_of_range);
  EXPECT_EQ(code({1.0, 0, 0.0}), Errc::out_of_range);
  EXPECT_EQ(code({1.0, 0, 1.5}), Errc::out_of_range);
  EXPECT_EQ(code({nan, 0, 1.0}), Errc::not_finite);
  EXPECT_EQ(code({1.0, 0, nan}), Errc::not_finite);
}

TEST(SamplingTest, RefusesLogitsThatAreNoNumbers) {
  SeededSequence random{1, "sampling"};
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
        -std::numeric_limits<float>::infinity()}) {
    const auto refused = sample(std::vector<float>{0.0F, bad}, config_of({}), random);
    ASSERT_FALSE(refused.has_value());
    EXPECT_EQ(refused.error().code, Errc::not_finite);
    EXPECT_NE(refused.error().detail.find("token 1"), std::string::npos);
  }
  EXPECT_EQ(sample({}, config_of({}), random).error().code, Errc::out_of_range);
}

}  // namespace
}  // namespace hippocrypt::model
