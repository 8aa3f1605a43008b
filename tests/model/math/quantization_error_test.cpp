#include "model/quantization_error.hpp"

#include "tests/model/math/math_support.hpp"

namespace hippocrypt::model {
namespace {

TEST(QuantizationErrorTest, MeasuresByRowAndByMatrix) {
  // Row 0 is exact at scale 1; in row 1 the scale is 2 and 1 rounds to 0 (ties to even) or 2.
  Matrix weights{3, 2};
  weights(0, 0) = 127.0F;
  weights(0, 1) = -3.0F;
  weights(1, 0) = 254.0F;
  weights(1, 1) = 1.0F;
  const auto error = quantization_error(weights.view()).value();
  EXPECT_NEAR(error.max_abs, 1.0, 1e-5);
  EXPECT_EQ(error.worst_row_index, 1u);
  EXPECT_NEAR(error.worst_row, 1.0 / std::sqrt(254.0 * 254.0 + 1.0), 1e-7);
  EXPECT_NEAR(error.squared_norm, 127.0 * 127.0 + 9.0 + 254.0 * 254.0 + 1.0, 1e-6);
  EXPECT_NEAR(error.relative_frobenius, std::sqrt(1.0 / error.squared_norm), 1e-7);
}

TEST(QuantizationErrorTest, OfAZeroMatrixIsZero) {
  const auto error = quantization_error(Matrix{2, 3}.view()).value();
  EXPECT_EQ(error.relative_frobenius, 0.0);
  EXPECT_EQ(error.worst_row, 0.0);
  const auto outliers = outlier_channels(column_maxima(Matrix{2, 3}.view()));
  EXPECT_EQ(outliers.count, 0u);
  EXPECT_EQ(outliers.largest_ratio, 0.0);
  EXPECT_EQ(outlier_channels({}).count, 0u);
}

TEST(QuantizationErrorTest, RefusesWhatIsNotFinite) {
  Matrix weights{1, 2};
  weights(0, 1) = std::nanf("");
  EXPECT_EQ(quantization_error(weights.view()).error().code, Errc::not_finite);
}

TEST(QuantizationErrorTest, FindsTheChannelsThatStandOut) {
  Matrix weights = as<float>(random_matrix(40, 9, "outliers"));
  for (std::size_t r = 0; r < weights.rows(); ++r) weights(r, 4) *= 100.0F;
  const auto maxima = column_maxima(weights.view());
  float largest = 0.0F;
  for (std::size_t r = 0; r < weights.rows(); ++r) {
    largest = std::max(largest, std::abs(weights(r, 4)));
  }
  EXPECT_EQ(maxima[4], largest);
  const OutlierChannels outliers = outlier_channels(maxima);
  EXPECT_EQ(outliers.count, 1u);
  EXPECT_EQ(outliers.largest_index, 4u);
  EXPECT_GT(outliers.largest_ratio, 50.0);
}

}  // namespace
}  // namespace hippocrypt::model
