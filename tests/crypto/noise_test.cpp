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

TEST(NoiseTest, EveryStepIsThatOfTheDerivation) {
  const double q = 1073479681;
  EXPECT_EQ(message_rounding().worst, 0.5);
  EXPECT_DOUBLE_EQ(message_rounding().variance, 1.0 / 12);
  EXPECT_EQ(encryption_error(4).worst, 16);
  EXPECT_DOUBLE_EQ(encryption_error(4).variance, (512 + 1) / 6.0);
  EXPECT_DOUBLE_EQ(upload_rounding().worst, q / (1U << 25));
  EXPECT_DOUBLE_EQ(upload_rounding({20, 16}).worst, q / (1U << 21));
  EXPECT_NEAR(std::sqrt(upload_rounding({20, 16}).variance), 295.5, 0.1);
  EXPECT_DOUBLE_EQ(answer_rounding({24, 12}).worst, q / (1U << 13));
  EXPECT_NEAR(std::sqrt(answer_rounding({24, 12}).variance), 75655, 1);
  EXPECT_EQ(lift_rounding().worst, 0.5);
}

TEST(NoiseTest, FewerBitsUpAddToTheInputsAndFewerDownToTheOutput) {
  const double row_l1 = 1000, row_l2 = 50;
  EXPECT_DOUBLE_EQ(worst_noise(3, row_l1, {20, 16}) - worst_noise(3, row_l1),
                   row_l1 * (upload_rounding({20, 16}).worst - upload_rounding().worst));
  EXPECT_DOUBLE_EQ(worst_noise(3, row_l1, {24, 12}) - worst_noise(3, row_l1),
                   answer_rounding({24, 12}).worst - answer_rounding().worst);
  EXPECT_DOUBLE_EQ(
      std::pow(expected_noise(3, row_l2, {20, 12}), 2),
      row_l2 * row_l2 * input_noise_variance(3, {20, 12}) + output_noise_variance({20, 12}));
  EXPECT_LT(message_room(3, 1e5, {20, 16}), message_room(3, 1e5));
  EXPECT_LT(message_room(3, 1e6, {20, 16}), message_room(3, 1e6, {24, 12}));
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
