#include "crypto/core/noise.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace hippocrypt::crypto {
namespace {

TEST(NoiseTest, WorstCaseIsTheSumOfTheSteps) {
  EXPECT_NEAR(worst_input_noise(3), 0.5 + 8 + 31.992, 1e-3);
  EXPECT_NEAR(worst_output_noise(), 8190.5, 0.5);
  EXPECT_DOUBLE_EQ(worst_noise(4, 100), 100 * worst_input_noise(4) + worst_output_noise());
}

TEST(NoiseTest, ExpectedNoiseOfTheTwoSetsDiffersLittle) {
  EXPECT_NEAR(std::sqrt(input_noise_variance(3)), 19.05,
              0.02);  // 18.47 of it is the 24-bit rounding
  EXPECT_NEAR(std::sqrt(output_noise_variance()), 4728.5, 1);
  EXPECT_NEAR(std::sqrt(input_noise_variance(4) / input_noise_variance(3)), 1.085, 0.01);
}

TEST(NoiseTest, NoiseToSignalIsAsDesigned) {
  // Rows of normal int8 weights (standard deviation 40), all of one norm.
  const auto ratio = [](double in) {
    const double norm = 40 * std::sqrt(in);
    return expected_noise_to_signal(3, norm, norm, in);
  };
  EXPECT_NEAR(ratio(576), 0.85e-3, 0.05e-3);
  EXPECT_NEAR(ratio(2048), 2.9e-3, 0.2e-3);
}

TEST(NoiseTest, RoomShrinksWithTheNormAndCanVanish) {
  EXPECT_GT(message_room(3, 0), 5.36e8);
  EXPECT_LT(message_room(3, 1e6), message_room(3, 1e5));
  EXPECT_GT(message_room(3, 127.0 * 49152), 0);
  EXPECT_LT(message_room(3, 127.0 * 120000), 0);
}

}  // namespace
}  // namespace hippocrypt::crypto
