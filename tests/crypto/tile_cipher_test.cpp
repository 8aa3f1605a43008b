#include "crypto/client/tile_cipher.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <ostream>
#include <type_traits>
#include <utility>

#include "crypto/client/secret_access.hpp"
#include "crypto/client/token_scale.hpp"
#include "crypto/core/modulus.hpp"
#include "crypto/core/noise.hpp"
#include "crypto/core/ntt.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::crypto {
namespace {

using test_support::SeededRandom;

template <class T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};

template <class T>
constexpr bool is_guarded =
    std::is_nothrow_move_constructible_v<T> && !std::is_copy_constructible_v<T> &&
    !std::is_copy_assignable_v<T> && !std::is_default_constructible_v<T> && !Printable<T>;
static_assert(is_guarded<OneTimeSecret>);
static_assert(is_guarded<ResponseKey>);
static_assert(!std::is_copy_constructible_v<EncryptedTile> && !Printable<EncryptedTile>);
static_assert(!std::is_constructible_v<ResponseKey, OneTimeSecret>,
              "only encrypt_tile makes response keys");
template <class Secret>
concept Encrypts = requires(Secret&& secret, LanePolysView masks, ConstMatrixView x,
                            const Params& params, RandomSource& random) {
  encrypt_tile(params, masks, RowNormBounds{}, x, std::forward<Secret>(secret), random);
};
static_assert(Encrypts<OneTimeSecret> && !Encrypts<OneTimeSecret&>,
              "a secret must be given up to be used");

const Params& params() {
  static const Params value = Params::named("rlwe1024").value();
  return value;
}

const LanePolys& masks() {
  static const LanePolys value = [] {
    LanePolys polys{20, 1024};
    SeededSequence sequence{9, "masks"};
    for (auto& word : polys.words()) word = static_cast<std::uint32_t>(sequence.below(modulus_q));
    return polys;
  }();
  return value;
}

Result<EncryptedTile> encrypt(const Matrix& x, RowNormBounds bounds = {100, 500},
                              std::uint64_t seed = 1) {
  SeededRandom random{seed};
  OneTimeSecret secret = OneTimeSecret::sample(params(), random);
  return encrypt_tile(params(), masks().view(), bounds, x, std::move(secret), random);
}

TEST(OneTimeSecretTest, HoldsASmallSecretInNttForm) {
  SeededRandom random{3};
  const OneTimeSecret secret = OneTimeSecret::sample(params(), random);
  const auto ntt = SecretAccess::ntt(secret), quotients = SecretAccess::quotients(secret);
  std::vector<std::uint32_t> s(1024);
  bool has_end = false;
  for (std::size_t k = 0; k < 1024; ++k) {
    EXPECT_EQ(quotients[k], shoup_quotient(ntt[k]));
    s[k] = mul_mod(ntt[k], 1024);
  }
  NttTables::of(1024).inverse(s);
  for (const std::uint32_t value : s) {
    EXPECT_LE(std::abs(centre(value)), 16);
    has_end |= std::abs(centre(value)) == 16;
  }
  EXPECT_TRUE(has_end);  // each coefficient is an end with probability 1/32
}

TEST(OneTimeSecretTest, NoTwoAreAlike) {
  SeededRandom random{3};
  const auto a = OneTimeSecret::sample(params(), random);
  const auto b = OneTimeSecret::sample(params(), random);
  EXPECT_FALSE(std::equal(SecretAccess::ntt(a).begin(), SecretAccess::ntt(a).end(),
                          SecretAccess::ntt(b).begin()));
}

TEST(OneTimeSecretDeathTest, ASecondUseEndsTheProcess) {
  SeededRandom random{3};
  OneTimeSecret secret = OneTimeSecret::sample(params(), random);
  const Matrix x{2, 2};
  ASSERT_TRUE(encrypt_tile(params(), masks().view(), {1, 1}, x, std::move(secret), random));
  EXPECT_DEATH(static_cast<void>(encrypt_tile(params(), masks().view(), {1, 1}, x,
                                              std::move(secret), random)),  // NOLINT
               "used before");
}

TEST(TileCipherTest, BodyHoldsOnlyTheTokensThereAre) {
  for (const std::size_t tokens : {1U, 5U, 16U, 1000U, 1024U}) {
    const auto tile = encrypt(Matrix{20, tokens});
    ASSERT_TRUE(tile);
    EXPECT_EQ(tile->body.size(), 20 * tokens * 3);
    const double infinite = std::numeric_limits<double>::infinity();
    EXPECT_EQ(tile->token_scale, std::vector<double>(tokens, infinite));  // zero columns
  }
}

TEST(TileCipherTest, BodyRowsHaveTheParametersFormat) {
  const Params narrow = Params::named("rlwe1024", {20, 12}).value();
  SeededRandom random{1};
  const Matrix x{3, 7};
  const auto tile = encrypt_tile(narrow, masks().view(), {100, 500}, x,
                                 OneTimeSecret::sample(narrow, random), random);
  ASSERT_TRUE(tile);
  EXPECT_EQ(tile->body.size(), 3 * row_bytes(20, 7));
  // The same pads, switched to 24 bits, differ by less than a step of 20 bits.
  const auto wide = encrypt(x);
  for (std::size_t j = 0; j < 3; ++j) {
    std::uint32_t values[2][7];
    unpack_row(20, tile->body.data() + j * row_bytes(20, 7), 7, values[0]);
    unpack_row(24, wide->body.data() + j * row_bytes(24, 7), 7, values[1]);
    for (std::size_t t = 0; t < 7; ++t) {
      EXPECT_LE((values[0][t] * 16 - values[1][t] + 9) & 0xFFFFFF, 18U);
    }
  }
}

TEST(TileCipherTest, FirstTokensDoNotDependOnHowManyFollow) {
  // The message of the first token, once alone and once in front of others, under one seed.
  Matrix one{1, 1}, many{1, 40};
  one(0, 0) = many(0, 0) = 3;
  const auto a = encrypt(one), b = encrypt(many);
  EXPECT_TRUE(std::equal(a->body.begin(), a->body.end(), b->body.begin()));
}

TEST(TileCipherTest, ReadsThroughTheStrideOfAView) {
  SeededSequence sequence{4, "x"};
  Matrix wide{18, 50}, tight{18, 33};
  for (std::size_t j = 0; j < 18; ++j) {
    for (std::size_t t = 0; t < 50; ++t) wide(j, t) = static_cast<float>(sequence.normal());
    for (std::size_t t = 0; t < 33; ++t) tight(j, t) = wide(j, t + 9);
  }
  SeededRandom random{1};
  auto secret = OneTimeSecret::sample(params(), random);
  const auto strided = encrypt_tile(params(), masks().view(), {100, 500},
                                    wide.view().columns(9, 33), std::move(secret), random);
  EXPECT_EQ(strided->body, encrypt(tight)->body);
}

TEST(TileCipherTest, DecryptingTheCiphertextOfOneWeightGivesTheMessage) {
  // Weight matrix (1): the hint is the mask itself, and the answer the top 16 bits of the body.
  SeededSequence sequence{5, "x"};
  Matrix x{1, 100};
  for (float& value : x.values()) value = static_cast<float>(sequence.normal());
  LanePolys hint{1, 1024};
  for (std::size_t k = 0; k < 1024; ++k) hint.at(0, k) = masks().view().at(0, k);
  auto tile = encrypt(x, {1, 1});
  Bytes answer;
  for (std::size_t t = 0; t < 100; ++t) {
    const std::uint8_t* const b = tile->body.data() + 3 * t;
    const auto rounded = static_cast<std::uint32_t>((b[0] | b[1] << 8 | b[2] << 16) + 128) >> 8;
    answer.push_back(static_cast<std::uint8_t>(rounded));
    answer.push_back(static_cast<std::uint8_t>(rounded >> 8));
  }
  const auto y =
      decrypt_tile(params(), hint.view(), answer, tile->token_scale, std::move(tile->key));
  ASSERT_TRUE(y);
  for (std::size_t t = 0; t < 100; ++t) {
    const double bound = (worst_noise(4, 1) + 32) / tile->token_scale[t];  // 32: y is a float
    EXPECT_NEAR(static_cast<double>((*y)(0, t)), static_cast<double>(x(0, t)), bound);
  }
}

TEST(TileCipherTest, RefusesTooManyOrNoTokens) {
  for (const std::size_t tokens : {0U, 1025U}) {
    const auto tile = encrypt(Matrix{2, tokens});
    ASSERT_FALSE(tile);
    EXPECT_EQ(tile.error().code, Errc::out_of_range);
  }
}

TEST(TileCipherTest, RefusesBoundsThatLeaveNoRoom) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const double infinity = std::numeric_limits<double>::infinity();
  for (const RowNormBounds bounds :
       {RowNormBounds{100, 2e7}, RowNormBounds{nan, 1}, RowNormBounds{1, nan},
        RowNormBounds{infinity, 1}, RowNormBounds{1, infinity}, RowNormBounds{-1, 1},
        RowNormBounds{1, -1}}) {
    const auto tile = encrypt(Matrix{2, 2}, bounds);
    ASSERT_FALSE(tile);
    EXPECT_EQ(tile.error().code, Errc::out_of_range);
  }
}

TEST(TileCipherTest, RefusesNanAndInfinityAnywhere) {
  for (const float bad :
       {std::numeric_limits<float>::quiet_NaN(), std::numeric_limits<float>::infinity(),
        -std::numeric_limits<float>::infinity()}) {
    for (const std::size_t at : {0U, 17U, 59U}) {
      Matrix x{3, 20};
      x.values()[at] = bad;
      const auto tile = encrypt(x);
      ASSERT_FALSE(tile);
      EXPECT_EQ(tile.error().code, Errc::not_finite);
    }
  }
}

TEST(TileCipherTest, RefusesAnswersOfTheWrongLength) {
  for (const std::size_t size : {0U, 1U, 39U, 41U, 80U}) {
    auto tile = encrypt(Matrix{2, 2});
    LanePolys hints{10, 1024};
    const auto y =
        decrypt_tile(params(), hints.view(), Bytes(size), tile->token_scale, std::move(tile->key));
    ASSERT_FALSE(y);
    EXPECT_EQ(y.error().code, Errc::malformed);
  }
}

TEST(TileCipherTest, RefusesAnswersOfAnotherFormat) {
  const Params narrow = Params::named("rlwe1024", {24, 12}).value();
  for (const bool is_narrow : {false, true}) {
    SeededRandom random{1};
    auto tile = encrypt_tile(narrow, masks().view(), {100, 500}, Matrix{2, 3},
                             OneTimeSecret::sample(narrow, random), random);
    LanePolys hints{10, 1024};
    const auto y = decrypt_tile(narrow, hints.view(), Bytes(10 * row_bytes(is_narrow ? 12 : 16, 3)),
                                tile->token_scale, std::move(tile->key));
    EXPECT_EQ(static_cast<bool>(y), is_narrow);
  }
}

TEST(TokenScaleTest, FillsTheRoomOfTheLargestRow) {
  Matrix x{3, 4};
  x(0, 0) = 3, x(1, 0) = -4;                           // norm 5
  x(2, 1) = std::numeric_limits<float>::max();         // huge
  x(1, 2) = std::numeric_limits<float>::denorm_min();  // tiny; column 3 is zero
  const auto scales = guaranteed_scales(params(), {100, 500}, x);
  ASSERT_TRUE(scales);
  const double room = message_room(4, 500);
  EXPECT_DOUBLE_EQ((*scales)[0], room / 500);
  EXPECT_DOUBLE_EQ((*scales)[1] * static_cast<double>(x(2, 1)), room / 100);
  EXPECT_DOUBLE_EQ((*scales)[2] * static_cast<double>(x(1, 2)), room / 100);
  EXPECT_TRUE(std::isinf((*scales)[3]));
  const auto of_zero_matrix = guaranteed_scales(params(), {0, 0}, x);
  EXPECT_DOUBLE_EQ((*of_zero_matrix)[0], message_room(4, 0) / 5);
}

}  // namespace
}  // namespace hippocrypt::crypto
