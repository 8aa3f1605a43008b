#include "crypto/lwe/client/lwe_cipher.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <limits>
#include <ostream>
#include <set>
#include <type_traits>
#include <vector>

#include "crypto/lwe/client/lwe_secret_access.hpp"
#include "crypto/lwe/client/rounded_gaussian.hpp"
#include "crypto/lwe/core/lwe_params.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::crypto {
namespace {

using test_support::SeededRandom;

template <class T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};
static_assert(std::is_nothrow_move_constructible_v<LweSecret> &&
              !std::is_copy_constructible_v<LweSecret> && !std::is_copy_assignable_v<LweSecret> &&
              !std::is_default_constructible_v<LweSecret> && !Printable<LweSecret>);

LweSecret make_secret(std::uint64_t seed = 1) {
  SeededRandom random{seed};
  return LweSecret::sample(random);
}

/// s_k, by the inner product with a unit vector.
std::int32_t coefficient(const LweSecret& secret, std::size_t k) {
  std::array<std::uint32_t, lwe_dimension> unit{};
  unit[k] = 1;
  return static_cast<std::int32_t>(LweSecretAccess::inner_product(secret, unit.data()));
}

TEST(LweSecretTest, CoefficientsAreTernaryAndAboutEquallyMany) {
  std::array<int, 3> counts{};
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    const LweSecret secret = make_secret(seed);
    for (std::size_t k = 0; k < lwe_dimension; ++k) {
      const std::int32_t value = coefficient(secret, k);
      ASSERT_TRUE(value >= -1 && value <= 1) << value;
      ++counts[static_cast<std::size_t>(value + 1)];
    }
  }
  // 8,192 coefficients: mean 2730.7, standard deviation 42.7; 5 of these.
  for (const int count : counts) EXPECT_NEAR(count, 2731, 214);
}

TEST(LweSecretTest, InnerProductIsThatOfTheCoefficients) {
  const LweSecret secret = make_secret();
  SeededSequence sequence{2, "words"};
  std::array<std::uint32_t, lwe_dimension> a{};
  std::uint32_t want = 0;
  for (std::size_t k = 0; k < lwe_dimension; ++k) {
    a[k] = static_cast<std::uint32_t>(sequence.next_u64());
    want += a[k] * static_cast<std::uint32_t>(coefficient(secret, k));
  }
  EXPECT_EQ(LweSecretAccess::inner_product(secret, a.data()), want);
}

TEST(LweSecretTest, NoTwoAreAlike) {
  SeededRandom random{3};
  const LweSecret a = LweSecret::sample(random), b = LweSecret::sample(random);
  int differences = 0;
  for (std::size_t k = 0; k < lwe_dimension; ++k) {
    differences += coefficient(a, k) != coefficient(b, k) ? 1 : 0;
  }
  EXPECT_GT(differences, 500);  // 683 expected
}

TEST(LweSecretDeathTest, WhatWasMovedFromCannotEncrypt) {
  LweSecret secret = make_secret();
  const LweSecret other = std::move(secret);
  SeededRandom random{1};
  EXPECT_DEATH(static_cast<void>(lwe_encrypt(secret, {1, 1}, Matrix{2, 2}, random)),  // NOLINT
               "moved from");
}

TEST(RoundedGaussianTest, HasTheMomentsAndTheBoundOfTheParameters) {
  SeededRandom random{5};
  std::vector<std::int32_t> errors(1'000'001);  // an odd number, no multiple of the batch
  sample_rounded_gaussian(random, lwe_error_std, errors);
  double sum = 0, squares = 0, fourths = 0;
  for (const std::int32_t e : errors) {
    ASSERT_LE(std::abs(e), lwe_error_bound);
    const double z = e / lwe_error_std;
    sum += z, squares += z * z, fourths += z * z * z * z;
  }
  const double count = static_cast<double>(errors.size());
  EXPECT_NEAR(sum / count, 0, 5e-3);        // standard deviation 1e-3
  EXPECT_NEAR(squares / count, 1, 7.1e-3);  // 1.4e-3
  EXPECT_NEAR(fourths / count, 3, 5e-2);    // 9.8e-3
}

/// A source of all ones or all zeros.
class ConstantRandom final : public RandomSource {
 public:
  explicit ConstantRandom(std::uint8_t value) : value_{value} {}
  void fill(std::span<std::uint8_t> out) override {
    for (std::uint8_t& byte : out) byte = value_;
  }

 private:
  std::uint8_t value_;
};

TEST(RoundedGaussianTest, ExtremeRandomBitsStayWithinTheBound) {
  std::vector<std::int32_t> errors(3);
  ConstantRandom zeros{0}, ones{255};
  sample_rounded_gaussian(zeros, lwe_error_std, errors);  // u = 2^-53, the largest radius
  EXPECT_EQ(errors, std::vector<std::int32_t>(3, lwe_error_bound));
  sample_rounded_gaussian(ones, lwe_error_std, errors);  // u = 1, radius 0
  EXPECT_EQ(errors, std::vector<std::int32_t>(3, 0));
}

TEST(LweCipherTest, EveryTileHasAFreshSeed) {
  const LweSecret secret = make_secret();
  SystemRandom random;
  const Matrix x{3, 2};
  std::set<Bytes> seeds, bodies;
  for (int i = 0; i < 20; ++i) {
    const auto tile = lwe_encrypt(secret, {1, 1}, x, random);
    ASSERT_TRUE(tile);
    EXPECT_EQ(tile->body.size(), 32U + 3 * 2 * 4);
    EXPECT_EQ(tile->token_scale,
              std::vector<double>(2, std::numeric_limits<double>::infinity()));  // zero columns
    seeds.insert(Bytes(tile->body.begin(), tile->body.begin() + 32));
    bodies.insert(Bytes(tile->body.begin() + 32, tile->body.end()));
  }
  EXPECT_EQ(seeds.size(), 20U);
  EXPECT_EQ(bodies.size(), 20U);
}

Errc encrypt_error(ConstMatrixView x, RowNormBounds bounds = {100, 500}) {
  SeededRandom random{1};
  const auto tile = lwe_encrypt(make_secret(), bounds, x, random);
  EXPECT_FALSE(tile);
  return tile.error().code;
}

TEST(LweCipherTest, RefusesNoTokensAndNoFeatures) {
  EXPECT_EQ(encrypt_error(Matrix{3, 0}), Errc::out_of_range);
  EXPECT_EQ(encrypt_error(Matrix{0, 3}), Errc::out_of_range);
}

TEST(LweCipherTest, RefusesMoreInputsThanProductsAreExactFor) {
  const float nothing = 0;
  EXPECT_EQ(encrypt_error({&nothing, lwe_max_inputs + 1, 1, 1}), Errc::out_of_range);
}

TEST(LweCipherTest, RefusesBoundsThatLeaveNoRoom) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const RowNormBounds bounds :
       {RowNormBounds{100, 2e6}, RowNormBounds{nan, 1}, RowNormBounds{1, nan},
        RowNormBounds{infinity, 1}, RowNormBounds{1, infinity}, RowNormBounds{-1, 1},
        RowNormBounds{1, -1}}) {
    EXPECT_EQ(encrypt_error(Matrix{2, 2}, bounds), Errc::out_of_range);
  }
}

TEST(LweCipherTest, RefusesNanAndInfinityAnywhere) {
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
        -std::numeric_limits<float>::infinity()}) {
    for (const std::size_t at : {0U, 17U, 59U}) {
      Matrix x{3, 20};
      x.values()[at] = bad;
      EXPECT_EQ(encrypt_error(x), Errc::not_finite);
    }
  }
}

TEST(LweCipherTest, RefusesAnswersOfTheWrongLength) {
  const LweSecret secret = make_secret();
  const std::size_t right = lwe_answer_bytes(3, 2);
  EXPECT_TRUE(lwe_decrypt(secret, Bytes(right), 3, {1, 1}));
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, right - 1, right + 1, 2 * right}) {
    const auto y = lwe_decrypt(secret, Bytes(size), 3, {1, 1});
    ASSERT_FALSE(y);
    EXPECT_EQ(y.error().code, Errc::malformed);
  }
}

}  // namespace
}  // namespace hippocrypt::crypto
