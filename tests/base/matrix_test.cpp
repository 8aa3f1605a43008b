#include "base/matrix.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <complex>

namespace hippocrypt {
namespace {

TEST(MatrixTest, StartsAtZeroEvenInMemoryThatWasUsed) {
  for (int i = 0; i < 4; ++i) {
    MatrixT<double> x{30, 40};
    for (const double value : x.values()) ASSERT_EQ(value, 0.0);
    std::fill(x.values().begin(), x.values().end(), 7.0);  // for the next one to find
  }
  const MatrixT<std::complex<double>> z{2, 3};
  EXPECT_EQ(z(1, 2), std::complex<double>{});
}

TEST(MatrixTest, ForOverwriteHasTheShapeAndTakesValues) {
  auto x = Matrix::for_overwrite(3, 5);
  EXPECT_EQ(x.rows(), 3U);
  EXPECT_EQ(x.cols(), 5U);
  EXPECT_EQ(x.size(), 15U);
  for (std::size_t r = 0; r < 3; ++r) {
    for (std::size_t c = 0; c < 5; ++c) x(r, c) = static_cast<float>(10 * r + c);
  }
  const Matrix copy = x;
  const Matrix moved = std::move(x);
  EXPECT_EQ(copy(2, 4), 24.0F);
  EXPECT_EQ(moved.view().row(1)[3], 13.0F);
  EXPECT_EQ(Matrix::for_overwrite(0, 5).size(), 0U);
}

}  // namespace
}  // namespace hippocrypt
