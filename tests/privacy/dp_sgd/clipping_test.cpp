#include "privacy/dp_sgd/clipping.hpp"

#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include "base/random.hpp"

namespace hippocrypt::privacy {

/// The tests may see a sum without noise.
struct LotAccumulatorTestPeer {
  static std::vector<std::int64_t> integers(const LotAccumulator& lot) {
    const auto values = lot.sum_.reveal();
    return {values.begin(), values.end()};
  }
  static std::int64_t counter(const LotAccumulator& lot) { return lot.below_clip_; }
  static std::vector<double> sum(const LotAccumulator& lot) {
    std::vector<double> out;
    for (const std::int64_t x : lot.sum_.reveal()) {
      out.push_back(static_cast<double>(x) * lot.rule().unit());
    }
    return out;
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

ClipRule flat_rule(double clip, double multiplier = 1.0) {
  return {Clipping::flat, clip, NoiseGrid::of(multiplier), 0};
}

std::vector<double> sum_of(const std::vector<Gradient>& gradients, double clip) {
  LotAccumulator lot{size, flat_rule(clip)};
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
  EXPECT_NEAR(scaled[3], 0.8, 2e-5);  // less the reserve for the rounding
  EXPECT_NEAR(scaled[7], 0.6, 2e-5);
  EXPECT_LT(scaled[3], 0.8);
  const auto kept = sum_of({gradient}, 6.0);
  EXPECT_NEAR(kept[3], 4.0, 1e-7);
  EXPECT_NEAR(kept[7], 3.0, 1e-7);
}

TEST(LotAccumulator, CountsWhatItSaw) {
  SeededSequence sequence{1, "clipping"};
  LotAccumulator lot{size, flat_rule(1.0)};
  EXPECT_EQ(lot.size(), size);
  EXPECT_EQ(lot.rule(), flat_rule(1.0));
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
        EXPECT_LE(distance(sum_of(neighbour, clip), before), clip);
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
  EXPECT_NEAR(norm(sum), 2.0, 4e-5);
  EXPECT_LE(norm(sum), 2.0);
}

TEST(LotAccumulator, KeepsTheIntegersWithinTheSensitivity) {
  // What the accountant is told is 2^k over the sensitivity: no gradient may pass it, for no
  // multiplier, by not one bit.
  SeededSequence sequence{5, "integers"};
  for (const double multiplier : {1e-9, 1e-3, 0.3, 0.7, 1.0, 3.3, 30.0, 5e3, 1e9}) {
    for (const double clip : {1e-30, 1e-3, 1.0, 1e30}) {
      for (const Clipping kind : {Clipping::flat, Clipping::per_layer}) {
        ClipRule rule = flat_rule(clip, multiplier);
        rule.kind = kind;
        for (const double scale : {1e-30, 1e-3, 0.2, 1.0, 1e30}) {
          LotAccumulator lot{{10, 50, 4}, rule};
          lot.add(random_gradient(sequence, scale));
          double square = 0.0;
          for (const std::int64_t x : LotAccumulatorTestPeer::integers(lot)) {
            square += static_cast<double>(x) * static_cast<double>(x);
          }
          EXPECT_LE(std::sqrt(square), rule.grid.sensitivity) << multiplier << ' ' << clip;
          EXPECT_EQ(lot.rejected(), 0U) << multiplier << ' ' << clip << ' ' << scale;
        }
      }
    }
  }
}

TEST(LotAccumulator, TakesOutAUnitWhoseNormWasUnderstated) {
  // Squares that are far too small, as wrong arithmetic would give them.
  SeededSequence sequence{6, "understated"};
  LotAccumulator lot{size, flat_rule(1.0)};
  lot.add(random_gradient(sequence, 1.0));
  const auto before = LotAccumulatorTestPeer::integers(lot);
  const std::vector<Gradient> units{random_gradient(sequence, 1e-3),
                                    random_gradient(sequence, 5.0)};
  const std::vector<double> squares{1e-4, 1e-4};
  lot.add_units({2, 1, squares,
                 [&](std::size_t unit, std::size_t, std::size_t) {
                   return std::span<const float>{units[unit]};
                 }},
                1);
  EXPECT_EQ(lot.rejected(), 1U);
  LotAccumulator expected{size, flat_rule(1.0)};
  expected.add(units[0]);
  auto sum = LotAccumulatorTestPeer::integers(expected);
  for (std::size_t i = 0; i < size; ++i) sum[i] += before[i];
  EXPECT_EQ(LotAccumulatorTestPeer::integers(lot), sum);
}

TEST(LotAccumulator, GivesTheSameIntegersInEveryOrder) {
  SeededSequence sequence{7, "order"};
  std::vector<Gradient> units;
  for (int i = 0; i < 40; ++i) units.push_back(random_gradient(sequence, 0.3));
  LotAccumulator forward{size, flat_rule(1.0)};
  LotAccumulator backward{size, flat_rule(1.0)};
  for (std::size_t i = 0; i < units.size(); ++i) {
    forward.add(units[i]);
    backward.add(units[units.size() - 1 - i]);
  }
  EXPECT_EQ(LotAccumulatorTestPeer::integers(forward), LotAccumulatorTestPeer::integers(backward));
}

TEST(LotAccumulator, ClipsEveryLayerOnItsOwn) {
  ClipRule rule = flat_rule(2.0);
  rule.kind = Clipping::per_layer;
  LotAccumulator lot{{1, 1, 1, 1}, rule};
  lot.add(std::vector<float>{100.0F, 0.5F, -7.0F, 0.0F});
  const auto sum = LotAccumulatorTestPeer::sum(lot);
  EXPECT_NEAR(sum[0], 1.0, 2e-5);  // 2 / sqrt(4)
  EXPECT_NEAR(sum[1], 0.5, 1e-6);
  EXPECT_NEAR(sum[2], -1.0, 2e-5);
  EXPECT_EQ(sum[3], 0.0);
  EXPECT_EQ(lot.clipped(), 1U);
}

TEST(LotAccumulator, CountsUnitsBelowTheClipWithinTheSensitivity) {
  ClipRule rule = flat_rule(1.0);
  rule.kind = Clipping::adaptive;
  rule.counter = 1 << 24;
  LotAccumulator lot{size, rule};
  Gradient gradient(size, 0.0F);
  gradient[0] = 5.0F;
  lot.add(gradient);
  const auto integers = LotAccumulatorTestPeer::integers(lot);
  const double whole = std::hypot(static_cast<double>(integers[0]), rule.counter);
  EXPECT_LE(whole, rule.grid.sensitivity);
  EXPECT_NEAR(whole / rule.grid.sensitivity, 1.0, 2e-5);
  EXPECT_EQ(LotAccumulatorTestPeer::counter(lot), -rule.counter);
  gradient[0] = 0.9F;
  lot.add(gradient);
  lot.add(gradient);
  EXPECT_EQ(LotAccumulatorTestPeer::counter(lot), rule.counter);
}

TEST(LotAccumulatorDeathTest, RefusesOtherSizesAndImpossibleNorms) {
  LotAccumulator lot{size, flat_rule(1.0)};
  const Gradient shorter(size - 1, 0.0F);
  EXPECT_DEATH(lot.add(shorter), "another size");
  EXPECT_DEATH(LotAccumulator(size, flat_rule(0.0)), "clip norm");
  EXPECT_DEATH(LotAccumulator(size, flat_rule(std::nan(""))), "clip norm");
}

}  // namespace
}  // namespace hippocrypt::privacy
