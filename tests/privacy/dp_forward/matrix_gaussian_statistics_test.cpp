// The distribution of what is released, through the mechanism. Seeds are fixed; each bound is five
// standard deviations.

#include <algorithm>
#include <cmath>
#include <vector>

#include <gtest/gtest.h>

#include "privacy/dp_forward/matrix_gaussian.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr std::size_t features = 64;
constexpr std::size_t tokens = 128;
constexpr std::size_t matrices = 24;
constexpr auto count = static_cast<double>(features * tokens * matrices);

Matrix clean_matrix() {
  SeededSequence sequence{3, "embeddings"};
  Matrix clean{features, 40};  // 88 positions are padding
  for (float& value : clean.values()) value = static_cast<float>(sequence.normal());
  return clean;
}

/// released - clipped, over what the standard deviation should be; `factor` sabotages the noise.
std::vector<double> residuals(double clip, double factor = 1.0) {
  const MatrixGaussianParams params{clip, 0.6, features, tokens};
  MatrixGaussianParams run = params;
  run.noise_multiplier *= factor;
  const Matrix clean = clean_matrix();
  std::vector<double> clipped(features * tokens, 0.0);
  for (std::size_t r = 0; r < features; ++r) {
    for (std::size_t t = 0; t < clean.cols(); ++t)
      clipped[r * tokens + t] = static_cast<double>(clean(r, t));
  }
  clip_frobenius({clipped.data(), features, tokens, tokens}, clip);
  test_support::SeededRandom random{19};
  std::vector<double> out;
  Matrix noisy{features, tokens};
  for (std::size_t m = 0; m < matrices; ++m) {
    add_matrix_noise(run, clean.view(), random, noisy.view());
    for (std::size_t i = 0; i < clipped.size(); ++i) {
      out.push_back((static_cast<double>(noisy.values()[i]) - clipped[i]) / (0.6 * 2.0 * clip));
    }
  }
  return out;
}

/// Chi-square of the variance, in its standard deviations.
double chi_square_off(const std::vector<double>& values) {
  double squares = 0;
  for (const double value : values) squares += value * value;
  return (squares - count) / std::sqrt(2.0 * count);
}

/// Kolmogorov-Smirnov statistic times sqrt(n) against the standard normal.
double kolmogorov_smirnov(std::vector<double> values) {
  std::sort(values.begin(), values.end());
  double largest = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double normal = 0.5 * std::erfc(-values[i] / std::sqrt(2.0));
    largest = std::max({largest, std::abs(normal - static_cast<double>(i) / count),
                        std::abs(normal - static_cast<double>(i + 1) / count)});
  }
  return largest * std::sqrt(count);
}

TEST(MatrixGaussianStatistics, ReleasesTheClippedMatrixWithTheStatedNoise) {
  for (const double clip : {0.1, 1.0, 8.0}) {
    const auto values = residuals(clip);
    double sum = 0;
    for (const double value : values) sum += value;
    EXPECT_LT(std::abs(sum), 5.0 * std::sqrt(count)) << clip;
    EXPECT_LT(std::abs(chi_square_off(values)), 5.0) << clip;
    EXPECT_LT(kolmogorov_smirnov(values), 2.72) << clip;  // P = 8e-7
  }
}

TEST(MatrixGaussianStatistics, CatchesHalvedNoiseAndNoiseForSensitivityC) {
  EXPECT_LT(chi_square_off(residuals(1.0, 0.5)), -100.0);  // C instead of 2C is a factor of 1/2 too
  EXPECT_GT(kolmogorov_smirnov(residuals(1.0, 0.5)), 20.0);
  EXPECT_LT(chi_square_off(residuals(1.0, 1.0 / 1.02)), -5.0) << "2 % too little noise";
}

TEST(MatrixGaussianStatistics, CatchesNoiseThatIgnoresTheClip) {
  EXPECT_LT(chi_square_off(residuals(8.0, 1.0 / 8.0)), -100.0);
}

TEST(MatrixGaussianStatistics, PaddingCannotBeToldFromText) {
  // With the clip of any practical epsilon: columns of text and of padding have one distribution up
  // to a signal that is tiny against the noise.
  const auto values = residuals(1.0);
  double text = 0;
  double padding = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    (i % tokens < 40 ? text : padding) += values[i] * values[i];
  }
  const double text_count = count * 40 / tokens;
  const double padding_count = count - text_count;
  EXPECT_NEAR(text, text_count, 5.0 * std::sqrt(2.0 * text_count));
  EXPECT_NEAR(padding, padding_count, 5.0 * std::sqrt(2.0 * padding_count));
}

}  // namespace
}  // namespace hippocrypt::privacy
