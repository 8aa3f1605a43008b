// Public matrices, sizes and noise formulas of the scalar scheme.

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "crypto/lwe/core/lwe_matrix.hpp"
#include "crypto/lwe/core/lwe_noise.hpp"
#include "crypto/lwe/core/lwe_params.hpp"

namespace hippocrypt::crypto {
namespace {

constexpr std::size_t n = lwe_dimension;

std::vector<std::uint32_t> rows(LweMatrix& matrix, std::size_t token, std::size_t first,
                                std::size_t count) {
  std::vector<std::uint32_t> words(count * n, 7U);  // what was there before must not show
  matrix.rows(token, first, words);
  return words;
}

TEST(LweMatrixTest, RowsDoNotDependOnHowTheyAreAskedFor) {
  LweMatrix matrix{LweSeed{1, 2, 3}, 5};
  const auto all = rows(matrix, 3, 0, 5);
  for (std::size_t first = 0; first < 5; ++first) {
    LweMatrix again{LweSeed{1, 2, 3}, 5};
    const auto some = rows(again, 3, first, 5 - first);
    EXPECT_TRUE(std::equal(some.begin(), some.end(), all.begin() + static_cast<long>(first * n)));
  }
}

TEST(LweMatrixTest, NoTwoRowsOfATileAreAlike) {
  LweMatrix matrix{LweSeed{}, 4};
  std::vector<std::vector<std::uint32_t>> seen;
  for (std::size_t token = 0; token < 6; ++token) {
    for (std::size_t j = 0; j < 4; ++j) {
      seen.push_back(rows(matrix, token, j, 1));
      for (std::size_t k = 0; k + 1 < seen.size(); ++k) ASSERT_NE(seen[k], seen.back());
    }
  }
}

TEST(LweMatrixTest, SeedsGiveDifferentMatrices) {
  LweMatrix a{LweSeed{1}, 1}, b{LweSeed{2}, 1};
  EXPECT_NE(rows(a, 0, 0, 1), rows(b, 0, 0, 1));
}

TEST(LweMatrixTest, TheStreamIsPartOfTheWireFormat) {
  // SHA-256(le64(24) ‖ "hippocrypt lwe matrix v1" ‖ le64(32) ‖ 32 zero bytes) is the AES key; the
  // words were computed with Python's hashlib and the openssl command.
  LweMatrix matrix{LweSeed{}, 3};
  EXPECT_EQ(rows(matrix, 0, 0, 1)[0], 0x0C857B04U);
  EXPECT_EQ(rows(matrix, 1, 2, 1)[1], 0xBED712F3U);
}

TEST(LweMatrixTest, WordsAreUniform) {
  // Every one of the 32 bits is set in half of 2^16 words: 6 standard deviations are 768.
  LweMatrix matrix{LweSeed{9}, 64};
  const auto words = rows(matrix, 0, 0, 64);
  for (unsigned bit = 0; bit < 32; ++bit) {
    int count = 0;
    for (const std::uint32_t word : words) count += static_cast<int>((word >> bit) & 1);
    EXPECT_NEAR(count, 32768, 768) << bit;
  }
}

TEST(LweParamsTest, SizesAreThoseOfTheReadme) {
  EXPECT_EQ(lwe_body_bytes(2048, 64), 32U + 2048 * 64 * 4);
  EXPECT_EQ(lwe_answer_bytes(2048, 64), std::size_t{2048} * 64 * 4100);
  EXPECT_EQ(lwe_max_answer_bytes / lwe_answer_bytes(2048, 1), 127U);
  EXPECT_NEAR(lwe_error_std, std::exp2(7.1), 1e-4);
}

TEST(LweNoiseTest, RoomShrinksWithTheNormAndCanVanish) {
  EXPECT_DOUBLE_EQ(lwe_worst_noise(100), 117650);
  EXPECT_NEAR(lwe_expected_noise(1), 137.19, 0.01);
  EXPECT_DOUBLE_EQ(lwe_message_room(0), 2147483645);
  EXPECT_DOUBLE_EQ(lwe_message_room(10), lwe_message_room(0) - 11765);
  EXPECT_GT(lwe_message_room(127.0 * 14000), 0);
  EXPECT_LT(lwe_message_room(127.0 * 15000), 0);
  EXPECT_LT(lwe_message_room(1 << 21), 0);  // what lwe_rounding_slack relies on
}

}  // namespace
}  // namespace hippocrypt::crypto
