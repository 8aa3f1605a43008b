#include "federation/secagg/common/fixed_point.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "base/random.hpp"

namespace hippocrypt::federation::secagg {
namespace {

Params params_of(std::vector<std::uint32_t> weights, std::uint32_t bits = 24, double range = 8) {
  ParamsLiteral literal;
  literal.weights = std::move(weights);
  literal.value_bits = bits;
  literal.range = range;
  return Params::create(literal).value();
}

TEST(FixedPointTest, RoundsToNearestAndClamps) {
  const auto params = params_of({1, 1, 1}, 8, 127);  // scale 1
  const std::vector<float> values{0, 1.4F, -1.6F, 127, -127, 127.2F, 1e30F, -1e30F};
  const auto encoded = encode(values, 1, params).value();
  const std::vector<std::int32_t> expected{0, 1, -2, 127, -127, 127, 127, -127};
  for (std::size_t i = 0; i < values.size(); ++i) {
    EXPECT_EQ(static_cast<std::int32_t>(encoded.words.reveal()[i]), expected[i]) << values[i];
  }
  EXPECT_EQ(encoded.clamped, 3U);
}

TEST(FixedPointTest, RefusesWhatIsNoNumber) {
  const auto params = params_of({1, 1, 1});
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
        -std::numeric_limits<float>::infinity()}) {
    const auto encoded = encode(std::vector<float>{1, bad}, 1, params);
    ASSERT_FALSE(encoded.has_value());
    EXPECT_EQ(encoded.error().code, Errc::not_finite);
    EXPECT_NE(encoded.error().detail.find("value 1"), std::string::npos);
  }
}

TEST(FixedPointTest, MeanIsWithinHalfAStep) {
  SeededSequence random{1, "values"};
  for (const std::uint32_t bits : {8U, 16U, 24U, 28U}) {
    const std::vector<std::uint32_t> weights{1, 7, 2, 5};  // 15: 4 bits
    const auto params = params_of(weights, bits, 3.0);
    constexpr std::size_t count = 2000;
    std::vector<std::uint32_t> sum(count, 0);
    std::vector<double> exact(count, 0);
    for (const std::uint32_t weight : weights) {
      std::vector<float> values(count);
      for (float& value : values) value = static_cast<float>(random.uniform() * 6 - 3);
      values[0] = 3.0F;
      values[1] = -3.0F;
      const auto encoded = encode(values, weight, params).value();
      EXPECT_EQ(encoded.clamped, 0U);
      for (std::size_t i = 0; i < count; ++i) {
        sum[i] += encoded.words.reveal()[i];
        exact[i] += double{values[i]} * weight / 15;
      }
    }
    const auto mean = decode_mean(sum, 15, params);
    // Half a step of the grid (see the header), and half an ulp of the float that comes out.
    const double bound = params.scale() * (0.5 + 0x1p-20) + 3.0 * 0x1p-24;
    for (std::size_t i = 0; i < count; ++i) EXPECT_NEAR(double{mean[i]}, exact[i], bound) << i;
    EXPECT_EQ(mean[0], 3.0F);
    EXPECT_EQ(mean[1], -3.0F);
  }
}

TEST(FixedPointTest, TheLargestSumDoesNotWrap) {
  // 24 bits and weights of 256: exactly the ring's 32 bits.
  const auto params = params_of({100, 100, 56});
  const std::vector<float> top{8, -8};
  std::vector<std::uint32_t> sum(2, 0);
  for (const std::uint32_t weight : params.weights()) {
    const auto encoded = encode(top, weight, params).value();
    for (std::size_t i = 0; i < 2; ++i) sum[i] += encoded.words.reveal()[i];
  }
  EXPECT_EQ(decode_mean(sum, 256, params), top);
}

}  // namespace
}  // namespace hippocrypt::federation::secagg
