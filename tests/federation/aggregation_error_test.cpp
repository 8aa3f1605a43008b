#include "federation/aggregator/aggregation_error.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.hpp"

namespace hippocrypt::federation {
namespace {

const std::vector<LowRankShape> shapes{{2, 5, 3}, {2, 4, 7}};
constexpr std::size_t size = 2 * 8 + 2 * 11;

std::vector<float> random_vector(SeededSequence& random) {
  std::vector<float> out(size);
  for (float& value : out) value = static_cast<float>(random.normal());
  return out;
}

/// B·A of one matrix, added to `sum` with a factor.
void add_product(const std::vector<double>& values, std::size_t begin, const LowRankShape& shape,
                 double factor, std::vector<double>& sum) {
  const std::size_t begin_b = begin + shape.rank * shape.in;
  for (std::size_t o = 0; o < shape.out; ++o) {
    for (std::size_t c = 0; c < shape.in; ++c) {
      for (std::size_t r = 0; r < shape.rank; ++r) {
        sum[o * shape.in + c] +=
            factor * values[begin_b + o * shape.rank + r] * values[begin + r * shape.in + c];
      }
    }
  }
}

/// From the dense products.
double dense_error(const std::vector<float>& global, const std::vector<std::vector<float>>& updates,
                   const std::vector<std::uint32_t>& weights) {
  double total = 0, error = 0, whole = 0;
  for (const auto weight : weights) total += weight;
  std::size_t begin = 0;
  for (const auto& shape : shapes) {
    std::vector<double> sum(shape.in * shape.out), product(sum.size()), mean(size);
    for (std::size_t i = 0; i < updates.size(); ++i) {
      std::vector<double> own(size);
      for (std::size_t k = 0; k < size; ++k) {
        own[k] = double{global[k]} + double{updates[i][k]};
        mean[k] += weights[i] / total * own[k];
      }
      add_product(own, begin, shape, weights[i] / total, sum);
    }
    add_product(mean, begin, shape, 1.0, product);
    for (std::size_t k = 0; k < sum.size(); ++k) {
      error += std::pow(product[k] - sum[k], 2);
      whole += sum[k] * sum[k];
    }
    begin += shape.size();
  }
  return std::sqrt(error / whole);
}

class AggregationErrorTest : public testing::Test {
 protected:
  SeededSequence random_{1, "factors"};
  std::vector<float> global_ = random_vector(random_);
  std::vector<std::vector<float>> updates_{random_vector(random_), random_vector(random_),
                                           random_vector(random_)};
  std::vector<std::uint32_t> weights_{1, 2, 5};
};

TEST_F(AggregationErrorTest, IsThatOfTheDenseProducts) {
  const double expected = dense_error(global_, updates_, weights_);
  ASSERT_GT(expected, 0.1);
  EXPECT_NEAR(aggregation_error(global_, updates_, weights_, shapes).value(), expected, 1e-9);
}

TEST_F(AggregationErrorTest, IsAtRoundingWhereOneFactorIsCommon) {
  for (const bool common_a : {true, false}) {
    auto updates = updates_;
    for (auto& update : updates) {
      std::size_t begin = 0;
      for (const auto& shape : shapes) {
        const auto middle = begin + shape.rank * shape.in;
        const auto first = common_a ? begin : middle;
        const auto last = common_a ? middle : begin + shape.size();
        std::fill(update.begin() + static_cast<std::ptrdiff_t>(first),
                  update.begin() + static_cast<std::ptrdiff_t>(last), 0.25F);
        begin += shape.size();
      }
    }
    EXPECT_LT(aggregation_error(global_, updates, weights_, shapes).value(), 1e-14);
  }
}

TEST_F(AggregationErrorTest, OneHospitalAndAnAdapterOfZerosHaveNone) {
  EXPECT_LT(aggregation_error(global_, {{updates_[0]}}, {{7}}, shapes).value(), 1e-15);
  const std::vector<float> zero(size);
  EXPECT_EQ(aggregation_error(zero, {{zero, zero}}, {{1, 1}}, shapes).value(), 0.0);
}

TEST_F(AggregationErrorTest, RefusesOtherSizes) {
  const auto code = [&](const auto& global, const auto& updates, const auto& weights) {
    return aggregation_error(global, updates, weights, shapes).error().code;
  };
  const std::vector<float> short_vector(size - 1);
  const std::vector<std::uint32_t> two{1, 1};
  const std::vector<std::vector<float>> none;
  EXPECT_EQ(code(short_vector, updates_, weights_), Errc::mismatch);
  EXPECT_EQ(code(global_, updates_, two), Errc::mismatch);
  EXPECT_EQ(code(global_, none, std::vector<std::uint32_t>{}), Errc::mismatch);
  const std::vector<std::vector<float>> uneven{updates_[0], short_vector};
  EXPECT_EQ(code(global_, uneven, two), Errc::mismatch);
}

}  // namespace
}  // namespace hippocrypt::federation
