#include "privacy/accounting/real_fft.hpp"

#include <cmath>
#include <numbers>
#include <random>

#include <gtest/gtest.h>

namespace hippocrypt::privacy {
namespace {

std::vector<double> noise(std::size_t size) {
  std::mt19937_64 words{size};
  std::vector<double> values(size);
  for (double& value : values) value = std::ldexp(static_cast<double>(words() >> 11U), -53) - 0.5;
  return values;
}

double norm(const std::vector<double>& values) {
  double squares = 0.0;
  for (const double value : values) squares += value * value;
  return std::sqrt(squares);
}

TEST(RealFft, ErrsLessThanItSaysAgainstALongSum) {
  RealFft fft;
  for (const std::size_t size : {64U, 96U, 160U, 1024U, 1280U}) {
    const std::vector<double> values = noise(size);
    const auto spectrum = fft.forward(values);
    ASSERT_EQ(spectrum.size(), size / 2 + 1);
    long double squares = 0.0L;
    long double errors = 0.0L;
    for (std::size_t k = 0; k < spectrum.size(); ++k) {
      long double real = 0.0L;
      long double imaginary = 0.0L;
      for (std::size_t i = 0; i < size; ++i) {
        const long double turn = static_cast<long double>(k * i % size) / size;
        real += values[i] * std::cos(2.0L * std::numbers::pi_v<long double> * turn);
        imaginary -= values[i] * std::sin(2.0L * std::numbers::pi_v<long double> * turn);
      }
      const long double dr = spectrum[k].real() - real;
      const long double di = spectrum[k].imag() - imaginary;
      errors += dr * dr + di * di;
      squares += real * real + imaginary * imaginary;
    }
    const double relative = static_cast<double>(std::sqrt(errors / squares));
    EXPECT_GT(relative, 0.0);
    EXPECT_LT(relative, RealFft::relative_error(size)) << size;
  }
}

TEST(RealFft, ReturnsWithinTwiceItsError) {
  RealFft fft;
  for (const std::size_t size : {64U, 4096U, 98304U, 1U << 20U}) {
    const std::vector<double> values = noise(size);
    std::vector<double> difference = fft.inverse(fft.forward(values), size);
    for (std::size_t i = 0; i < size; ++i) difference[i] -= values[i];
    EXPECT_LT(norm(difference), 2.0 * RealFft::relative_error(size) * norm(values)) << size;
  }
}

TEST(RealFft, OffersSizesThatAreNearAndQuick) {
  EXPECT_EQ(RealFft::good_size(1), 64U);
  EXPECT_EQ(RealFft::good_size(65), 80U);
  EXPECT_EQ(RealFft::good_size(81), 96U);
  EXPECT_EQ(RealFft::good_size(97), 128U);
  EXPECT_EQ(RealFft::good_size(1000000), 1048576U);
  EXPECT_EQ(RealFft::good_size(1300000), 1310720U);
}

}  // namespace
}  // namespace hippocrypt::privacy
