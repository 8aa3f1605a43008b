#include "privacy/dp_sgd/noise.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "tests/support/seeded_random.hpp"

namespace hippocrypt::privacy {
namespace {

using test_support::SeededRandom;

/// The word that makes the largest and the smallest uniform.
class ConstantRandom final : public RandomSource {
 public:
  explicit ConstantRandom(std::uint8_t value) : value_{value} {}
  void fill(std::span<std::uint8_t> out) override { std::fill(out.begin(), out.end(), value_); }

 private:
  std::uint8_t value_;
};

TEST(GaussianNoise, AddsToWhatIsThere) {
  SeededRandom first{1};
  SeededRandom second{1};
  std::vector<double> from_zero(1000, 0.0);
  std::vector<double> from_five(1000, 5.0);
  GaussianNoise{first}.add_to(std::span<double>{from_zero}, 2.0);
  GaussianNoise{second}.add_to(std::span<double>{from_five}, 2.0);
  for (std::size_t i = 0; i < from_zero.size(); ++i) {
    EXPECT_NEAR(from_five[i], from_zero[i] + 5.0, 1e-12);
  }
}

TEST(GaussianNoise, RoundsToFloatOnlyAtTheEnd) {
  SeededRandom first{2};
  SeededRandom second{2};
  std::vector<float> floats(100, 0.1F);
  std::vector<double> doubles(100, static_cast<double>(0.1F));
  GaussianNoise{first}.add_to(std::span<float>{floats}, 0.5);
  GaussianNoise{second}.add_to(std::span<double>{doubles}, 0.5);
  for (std::size_t i = 0; i < floats.size(); ++i) {
    EXPECT_EQ(floats[i], static_cast<float>(doubles[i]));
  }
}

TEST(GaussianNoise, NeverRepeatsAndChangesNothingAtZeroDeviation) {
  SeededRandom random{3};
  GaussianNoise noise{random};
  std::vector<double> first(50, 0.0);
  std::vector<double> second(50, 0.0);
  noise.add_to(std::span<double>{first}, 1.0);
  noise.add_to(std::span<double>{second}, 1.0);
  EXPECT_NE(first, second);
  const std::vector<double> before = first;
  noise.add_to(std::span<double>{first}, 0.0);
  EXPECT_EQ(first, before);
  noise.add_to(std::span<double>{}, 1.0);
}

TEST(GaussianNoise, IsFiniteAtBothEndsOfTheUniforms) {
  for (const std::uint8_t value : {std::uint8_t{0}, std::uint8_t{255}}) {
    ConstantRandom random{value};
    std::vector<double> values(8, 0.0);
    GaussianNoise{random}.add_to(std::span<double>{values}, 1.0);
    for (const double v : values) EXPECT_TRUE(std::isfinite(v));
  }
}

TEST(GaussianNoise, LeavesNoRandomWordsBetweenCalls) {
  // A copy of the generator at the same state of the source draws the same: nothing is held back,
  // so a forked process that asks the system again cannot repeat noise.
  SeededRandom source{4};
  GaussianNoise noise{source};
  std::vector<double> discarded(5, 0.0);
  noise.add_to(std::span<double>{discarded}, 1.0);
  GaussianNoise copy = noise;
  SeededRandom same = source;
  std::vector<double> drawn(5, 0.0);
  copy.add_to(std::span<double>{drawn}, 1.0);
  std::vector<double> expected(5, 0.0);
  GaussianNoise again{same};  // discards one draw of its own, from a source that has moved on
  again.add_to(std::span<double>{expected}, 1.0);
  EXPECT_NE(drawn, expected);
  EXPECT_DOUBLE_EQ(drawn[1], expected[0]);
}

TEST(RandomSourceName, IsAskedOfTheObject) {
  SystemRandom system;
  SeededRandom seeded{1};
  EXPECT_STREQ(random_source_name(system), "system_random");
  EXPECT_STREQ(random_source_name(seeded), "injected_random");
}

TEST(GaussianNoiseDeathTest, RefusesImpossibleDeviations) {
  SeededRandom random{5};
  GaussianNoise noise{random};
  std::vector<double> values(1, 0.0);
  EXPECT_DEATH(noise.add_to(std::span<double>{values}, -1.0), "standard_deviation");
  EXPECT_DEATH(noise.add_to(std::span<double>{values}, std::nan("")), "isfinite");
  EXPECT_DEATH(noise.add_to(std::span<double>{values}, std::numeric_limits<double>::infinity()),
               "isfinite");
}

}  // namespace
}  // namespace hippocrypt::privacy
