#include "privacy/dp_sgd/clipping.hpp"

#include <cmath>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace hippocrypt::privacy {

/// The tests may see a sum without noise.
struct LotAccumulatorTestPeer {
  static std::vector<double> sum(const LotAccumulator& lot) {
    const auto values = lot.sum_.reveal();
    return {values.begin(), values.end()};
  }
};

namespace {

using Gradient = std::vector<float>;
constexpr std::size_t size = 64;

Gradient random_gradient(SeededSequence& sequence, double scale) {
  Gradient gradient(size);
  for (float& value : gradient) value = static_cast<float>(scale * sequence.normal());
  return gradient;
}

std::vector<double> sum_of(const std::vector<Gradient>& gradients, double clip) {
  LotAccumulator lot{size, clip};
  for (const Gradient& gradient : gradients) lot.add(gradient);
  return LotAccumulatorTestPeer::sum(lot);
}

double norm(const std::vector<double>& values) {
  double square = 0.0;
  for (const double value : values) square += value * value;
  return std::sqrt(square);
}

double distance(std::vector<double> a, const std::vector<double>& b) {
  for (std::size_t i = 0; i < a.size(); ++i) a[i] -= b[i];
  return norm(a);
}

TEST(LotAccumulator, ScalesLongGradientsAndKeepsShortOnes) {
  Gradient gradient(size, 0.0F);
  gradient[3] = 4.0F;
  gradient[7] = 3.0F;
  const auto scaled = sum_of({gradient}, 1.0);
  EXPECT_NEAR(scaled[3], 0.8, 1e-6);
  EXPECT_NEAR(scaled[7], 0.6, 1e-6);
  EXPECT_DOUBLE_EQ(scaled[3], 4.0 * (1.0 / (5.0 + 1e-6)));
  const auto kept = sum_of({gradient}, 6.0);
  EXPECT_EQ(kept[3], 4.0);
  EXPECT_EQ(kept[7], 3.0);
}

TEST(LotAccumulator, CountsWhatItSaw) {
  SeededSequence sequence{1, "clipping"};
  LotAccumulator lot{size, 1.0};
  EXPECT_EQ(lot.size(), size);
  EXPECT_EQ(lot.clip(), 1.0);
  lot.add(random_gradient(sequence, 10.0));
  lot.add(random_gradient(sequence, 1e-3));
  Gradient bad = random_gradient(sequence, 1.0);
  bad[5] = std::numeric_limits<float>::quiet_NaN();
  lot.add(bad);
  EXPECT_EQ(lot.units(), 3U);
  EXPECT_EQ(lot.clipped(), 1U);
  EXPECT_EQ(lot.rejected(), 1U);
}

TEST(LotAccumulator, MovesByNoMoreThanTheClipNormForAnyUnit) {
  SeededSequence sequence{2, "sensitivity"};
  constexpr float infinity = std::numeric_limits<float>::infinity();
  std::vector<Gradient> hostile;
  hostile.push_back(Gradient(size, std::numeric_limits<float>::quiet_NaN()));
  hostile.push_back(Gradient(size, infinity));
  hostile.push_back(Gradient(size, -infinity));
  hostile.push_back(Gradient(size, 1e30F));
  hostile.push_back(Gradient(size, std::numeric_limits<float>::max()));
  hostile.push_back(Gradient(size, std::numeric_limits<float>::denorm_min()));
  hostile.push_back(Gradient(size, 0.0F));
  Gradient mixed = random_gradient(sequence, 1.0);
  mixed[0] = infinity;
  mixed[1] = -infinity;
  hostile.push_back(mixed);
  for (const double scale : {1e-8, 1e-3, 0.1, 1.0, 1e4}) {
    hostile.push_back(random_gradient(sequence, scale));
  }
  for (const double clip : {1e-3, 0.5, 1.0, 30.0}) {
    for (int trial = 0; trial < 20; ++trial) {
      std::vector<Gradient> data(sequence.below(6), Gradient{});
      for (Gradient& gradient : data) gradient = random_gradient(sequence, 1.0);
      if (!data.empty()) data.push_back(data.front());  // a duplicate
      const auto before = sum_of(data, clip);
      for (const Gradient& added : hostile) {
        std::vector<Gradient> neighbour = data;
        neighbour.insert(neighbour.begin(), added);
        EXPECT_LE(distance(sum_of(neighbour, clip), before), clip * (1.0 + 1e-6));
      }
    }
  }
}

TEST(LotAccumulator, AddsNothingForGradientsThatAreNotFinite) {
  Gradient bad(size, 1.0F);
  bad.back() = std::numeric_limits<float>::infinity();
  EXPECT_EQ(norm(sum_of({bad}, 1.0)), 0.0);
  bad.back() = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(norm(sum_of({bad}, 1.0)), 0.0);
}

TEST(LotAccumulator, BoundsTheLargestFloats) {
  const Gradient largest(size, std::numeric_limits<float>::max());
  const auto sum = sum_of({largest}, 2.0);
  EXPECT_NEAR(norm(sum), 2.0, 1e-6);
}

TEST(LotAccumulatorDeathTest, RefusesOtherSizesAndImpossibleNorms) {
  LotAccumulator lot{size, 1.0};
  const Gradient shorter(size - 1, 0.0F);
  EXPECT_DEATH(lot.add(shorter), "another size");
  EXPECT_DEATH(LotAccumulator(size, 0.0), "clip norm");
  EXPECT_DEATH(LotAccumulator(size, std::nan("")), "clip norm");
}

}  // namespace
}  // namespace hippocrypt::privacy
