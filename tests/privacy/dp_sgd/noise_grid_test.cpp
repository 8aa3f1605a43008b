#include "privacy/dp_sgd/noise_grid.hpp"

#include <cmath>

#include <gtest/gtest.h>

namespace hippocrypt::privacy {
namespace {

TEST(NoiseGrid, GivesTheMultiplierThatIsAccounted) {
  for (const double multiplier : {1e-5, 0.2, 0.7, 1.0, 1.0000001, 2.0, 31.0, 500.0, 1e9}) {
    const NoiseGrid grid = NoiseGrid::of(multiplier);
    EXPECT_TRUE(grid.has_noise);
    EXPECT_NEAR(std::ldexp(1.0, grid.log2_sigma) / grid.sensitivity / multiplier, 1.0, 1e-15);
  }
}

TEST(NoiseGrid, IsFineEnoughForTheProofAndForTheSum) {
  for (const double multiplier : {0.01, 0.3, 0.7, 1.0, 2.0, 31.0}) {
    const NoiseGrid grid = NoiseGrid::of(multiplier);
    EXPECT_GE(grid.sensitivity, 0x1p26);
    EXPECT_LT(grid.sensitivity, 0x1p27);
    EXPECT_GE(grid.log2_sigma, 10);
  }
}

TEST(NoiseGrid, NeverHasLessNoiseThanAskedFor) {
  for (const double multiplier : {1e-300, 1e-9, 1e-7}) {
    const NoiseGrid grid = NoiseGrid::of(multiplier);
    EXPECT_GE(std::ldexp(1.0, grid.log2_sigma) / grid.sensitivity, multiplier);
    EXPECT_LE(grid.sensitivity, 0x1p30);
  }
}

TEST(NoiseGrid, IsThereWithoutNoise) {
  for (const double clip : {1e-30, 1e-3, 1.0, 1e30}) {
    const NoiseGrid grid = NoiseGrid::without_noise(clip);
    EXPECT_FALSE(grid.has_noise);
    EXPECT_LE(clip / grid.sensitivity, 0x1p-30);
    EXPECT_GE(grid.sensitivity, 0x1p26);
  }
}

TEST(NoiseGrid, KeepsMomentsOfWholeShiftsWhereTheyAreForTheRealGaussian) {
  // The first claim of the README, by summing: sigma 16, shifts of a whole number.
  constexpr double sigma = 16.0;
  for (const int shift : {1, 5, 16}) {
    for (const int order : {2, 3, 5}) {
      double mass = 0.0;
      double moment = 0.0;
      for (int x = -600; x <= 600; ++x) {
        const double p = std::exp(-x * x / (2 * sigma * sigma));
        mass += p;
        const double log_ratio = (2.0 * x * shift - shift * shift) / (2 * sigma * sigma);
        moment += p * std::exp(order * log_ratio);
      }
      const double real = std::exp((order * order - order) * shift * shift / (2 * sigma * sigma));
      EXPECT_NEAR(moment / mass / real, 1.0, 1e-12);
    }
  }
}

}  // namespace
}  // namespace hippocrypt::privacy
