#include <gtest/gtest.h>

#include "base/random.hpp"
#include "crypto/core/modulus.hpp"
#include "crypto/server/product.hpp"

namespace hippocrypt::crypto {
namespace {

void expect_direct_sum(std::size_t out, std::size_t in, std::size_t ring_dim, bool extreme) {
  SeededSequence sequence{out + in, "hints"};
  std::vector<std::int8_t> weights(out * in);
  for (auto& w : weights) {
    w = static_cast<std::int8_t>(extreme ? -127 : static_cast<int>(sequence.below(255)) - 127);
  }
  LanePolys masks{in + 3, ring_dim};  // more masks than inputs are fine
  for (auto& word : masks.words()) {
    word = extreme ? modulus_q - 1 : static_cast<std::uint32_t>(sequence.below(modulus_q));
  }
  const LanePolys one = compute_hints({weights, out, in}, masks.view(), 1);
  const LanePolys many = compute_hints({weights, out, in}, masks.view(), 3);
  ASSERT_TRUE(std::equal(one.view().words().begin(), one.view().words().end(),
                         many.view().words().begin()));
  ASSERT_EQ(one.view().count(), out);
  for (std::size_t i = 0; i < out; ++i) {
    for (std::size_t k = 0; k < ring_dim; ++k) {
      std::int64_t sum = 0;  // below 2^22·2^37
      for (std::size_t j = 0; j < in; ++j) {
        sum += std::int64_t{weights[i * in + j]} * masks.view().at(j, k);
      }
      const std::int64_t rest = (sum % modulus_q + modulus_q) % modulus_q;
      ASSERT_EQ(one.view().at(i, k), rest) << i << ' ' << k;
    }
  }
  for (std::size_t i = out; i < one.view().group_count() * lanes; ++i) {  // missing polynomials
    ASSERT_EQ(one.view().group(i / lanes)[i % lanes], 0U);
  }
}

TEST(HintsTest, AreTheDirectSum) {
  for (const bool extreme : {false, true}) {
    expect_direct_sum(1, 1, 1024, extreme);
    expect_direct_sum(17, 5, 2048, extreme);
    expect_direct_sum(150, 33, 64, extreme);
    expect_direct_sum(3, 2600, 16, extreme);
  }
}

TEST(HintsTest, StayExactBeyondTheInputsThatADoubleHolds) {
  expect_direct_sum(2, 140000, 16, true);
  expect_direct_sum(2, 70000, 16, false);
}

}  // namespace
}  // namespace hippocrypt::crypto
