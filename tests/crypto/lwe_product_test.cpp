// The server's product of the scalar scheme against a plain loop, and the whole way of a product.

#include "crypto/lwe/server/lwe_product.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstring>

#include "crypto/lwe/client/lwe_cipher.hpp"
#include "crypto/lwe/core/lwe_matrix.hpp"
#include "crypto/lwe/core/lwe_noise.hpp"
#include "crypto/lwe/core/lwe_params.hpp"
#include "tests/crypto/fixtures.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::crypto {
namespace {

using namespace testing;  // fixtures.hpp; not GoogleTest's
using test_support::SeededRandom;

Bytes random_body(std::size_t in, std::size_t tokens, std::uint64_t seed) {
  SeededRandom random{seed};
  Bytes body(lwe_body_bytes(in, tokens));
  random.fill(body);
  return body;
}

/// W·(A_t|b_t) mod 2^32 by a plain loop.
Bytes plain_answer(const TestWeights& weights, ByteView body, std::size_t tokens) {
  LweSeed seed{};
  std::copy_n(body.begin(), seed.size(), seed.begin());
  LweMatrix matrix{seed, weights.in};
  std::vector<std::uint32_t> row(lwe_dimension), b(weights.in * tokens);
  std::memcpy(b.data(), body.data() + lwe_seed_bytes, b.size() * sizeof b[0]);
  std::vector<std::uint32_t> answer(tokens * weights.out * lwe_answer_words);
  for (std::size_t t = 0; t < tokens; ++t) {
    for (std::size_t j = 0; j < weights.in; ++j) {
      matrix.rows(t, j, row);
      for (std::size_t i = 0; i < weights.out; ++i) {
        const auto w = static_cast<std::uint32_t>(weights.values[i * weights.in + j]);
        std::uint32_t* const to = answer.data() + (t * weights.out + i) * lwe_answer_words;
        for (std::size_t k = 0; k < lwe_dimension; ++k) to[k] += w * row[k];
        to[lwe_dimension] += w * b[j * tokens + t];
      }
    }
  }
  Bytes bytes(answer.size() * sizeof answer[0]);
  std::memcpy(bytes.data(), answer.data(), bytes.size());
  return bytes;
}

struct Shape {
  std::size_t out, in, tokens;
};

TEST(LweProductTest, EqualsAPlainLoopOnAnyThreads) {
  for (const Shape& shape : {Shape{1, 1, 1}, Shape{1, 30, 3}, Shape{19, 1, 2}, Shape{130, 45, 2},
                             Shape{300, 3, 1}, Shape{4, 1025, 2}}) {
    for (const bool extreme : {false, true}) {
      const TestWeights weights = extreme ? extreme_weights(shape.out, shape.in, 1)
                                          : normal_weights(shape.out, shape.in, 1);
      const auto packed = LweWeights::create(weights.view());
      ASSERT_TRUE(packed);
      const Bytes body = random_body(shape.in, shape.tokens, shape.in);
      const Bytes want = plain_answer(weights, body, shape.tokens);
      for (const int threads : {1, 2, 5}) {
        const auto answer = packed->multiply(body, shape.tokens, threads);
        ASSERT_TRUE(answer);
        ASSERT_TRUE(*answer == want) << shape.out << ' ' << shape.in << ' ' << threads;
      }
    }
  }
}

TEST(LweProductTest, SumsPastTheExactBlockStillHold) {
  // 40,000 products of 128 with words of 2^31 on average: more than a double holds exactly.
  const std::size_t in = 40000;
  TestWeights weights{std::vector<std::int8_t>(2 * in, std::int8_t{127}), 2, in};
  std::fill_n(weights.values.begin(), in, std::int8_t{-128});
  const Bytes body = random_body(in, 1, 4);
  EXPECT_TRUE(*LweWeights::create(weights.view())->multiply(body, 1, 2) ==
              plain_answer(weights, body, 1));
}

TEST(LweProductTest, RefusesEmptyAndHugeMatrices) {
  const std::vector<std::int8_t> many(lwe_max_inputs + 1);
  for (const Int8MatrixView view :
       {Int8MatrixView{{}, 0, 3}, Int8MatrixView{{}, 3, 0}, Int8MatrixView{many, 1, many.size()},
        Int8MatrixView{many, many.size(), 1}}) {
    const auto packed = LweWeights::create(view);
    ASSERT_FALSE(packed);
    EXPECT_EQ(packed.error().code, Errc::out_of_range);
  }
}

TEST(LweProductTest, RefusesBodiesOfTheWrongLength) {
  const auto packed = LweWeights::create(normal_weights(3, 4, 1).view());
  const std::size_t right = lwe_body_bytes(4, 2);
  EXPECT_EQ(packed->multiply(Bytes(32), 0, 1)->size(), 0U);
  for (const std::size_t size : {std::size_t{0}, std::size_t{31}, right - 1, right + 1}) {
    const auto answer = packed->multiply(Bytes(size), 2, 1);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Errc::malformed);
  }
}

TEST(LweProductTest, RefusesAnswersAboveTheLimit) {
  const auto packed =
      LweWeights::create(TestWeights{std::vector<std::int8_t>(2048), 2048, 1}.view());
  for (const std::size_t tokens : {std::size_t{128}, ~std::size_t{0}}) {
    const auto answer = packed->multiply({}, tokens, 1);
    ASSERT_FALSE(answer);
    EXPECT_EQ(answer.error().code, Errc::limit_exceeded);
  }
  EXPECT_EQ(packed->multiply({}, 127, 1).error().code, Errc::malformed);  // within the limit
}

struct LweProduct {
  Matrix y;
  std::vector<double> token_scale;
};

/// encrypt, multiply, decrypt.
LweProduct lwe_product(const TestWeights& weights, ConstMatrixView x, std::uint64_t seed) {
  SeededRandom random{seed};
  const LweSecret secret = LweSecret::sample(random);
  auto tile = lwe_encrypt(secret, weights.bounds(), x, random);
  const auto answer = LweWeights::create(weights.view())->multiply(tile->body, x.cols(), 2);
  auto y = lwe_decrypt(secret, answer.value(), weights.out, tile->token_scale);
  return {std::move(y).value(), std::move(tile->token_scale)};
}

/// Every output within the worst-case noise and one unit in the last place of y: y is a float of at
/// most 2^31 in units of 1/D, which is 128 of these units.
void expect_within_bound(const TestWeights& weights, const Matrix& x, const LweProduct& product) {
  const MatrixT<double> want = plain_product(weights, x);
  ASSERT_EQ(product.y.rows(), weights.out);
  ASSERT_EQ(product.y.cols(), x.cols());
  for (std::size_t i = 0; i < weights.out; ++i) {
    const double bound = lwe_worst_noise(weights.l1(i)) + 128 + lwe_rounding_slack;
    for (std::size_t t = 0; t < x.cols(); ++t) {
      if (std::isinf(product.token_scale[t])) {  // a zero column comes back without noise
        ASSERT_EQ(product.y(i, t), 0) << i << ' ' << t;
        continue;
      }
      const double noise = static_cast<double>(product.y(i, t)) - want(i, t);
      ASSERT_LE(std::fabs(noise) * product.token_scale[t], bound) << i << ' ' << t;
    }
  }
}

TEST(LweWholeWayTest, RandomShapesStayWithinTheBound) {
  for (const Shape& shape : {Shape{1, 1, 1}, Shape{1, 40, 16}, Shape{40, 1, 17}, Shape{33, 47, 9},
                             Shape{20, 300, 5}, Shape{5, 2, 40}}) {
    Matrix x = normal_matrix(shape.in, shape.tokens, shape.in);
    for (std::size_t j = 0; j < shape.in; ++j) x(j, shape.tokens / 2) = 0;  // a zero column
    for (const bool extreme : {false, true}) {
      const TestWeights weights = extreme ? extreme_weights(shape.out, shape.in, 1)
                                          : normal_weights(shape.out, shape.in, 1);
      expect_within_bound(weights, x, lwe_product(weights, x, shape.out));
    }
  }
}

TEST(LweWholeWayTest, OneSecretServesManyTiles) {
  SeededRandom random{2};
  const LweSecret secret = LweSecret::sample(random);
  const TestWeights weights = normal_weights(6, 30, 2);
  const auto packed = LweWeights::create(weights.view());
  for (std::uint64_t i = 0; i < 3; ++i) {
    const Matrix x = normal_matrix(30, 4, i);
    auto tile = lwe_encrypt(secret, weights.bounds(), x, random);
    const auto answer = packed->multiply(tile->body, 4, 1);
    auto y = lwe_decrypt(secret, *answer, 6, tile->token_scale);
    expect_within_bound(weights, x, {std::move(y).value(), tile->token_scale});
  }
}

TEST(LweWholeWayTest, NothingWrapsAtTheCauchySchwarzEdge) {
  for (const bool extreme : {false, true}) {
    const TestWeights weights = extreme ? extreme_weights(4, 300, 7) : normal_weights(4, 300, 7);
    std::size_t largest = 0;
    for (std::size_t i = 0; i < 4; ++i) largest = weights.l2(i) > weights.l2(largest) ? i : largest;
    Matrix x{300, 12};  // tokens parallel to the largest row, both signs, norms from 1e-30 to 1e30
    for (std::size_t j = 0; j < 300; ++j) {
      for (std::size_t t = 0; t < 12; ++t) {
        x(j, t) = static_cast<float>(weights.at(largest, j) * (t % 2 == 0 ? 1 : -1) *
                                     std::pow(10.0, static_cast<double>(t) * 5 - 30));
      }
    }
    const LweProduct product = lwe_product(weights, x, 8);
    expect_within_bound(weights, x, product);
    const double reach =
        std::fabs(static_cast<double>(product.y(largest, 0))) * product.token_scale[0] / 0x1.0p31;
    EXPECT_GT(reach, 0.97);  // the room is used: this is the edge
    EXPECT_LE(reach, 1);
  }
}

TEST(LweWholeWayTest, MeasuredNoiseIsAsExpected) {
  const std::size_t out = 128, in = 576, tokens = 8;
  const TestWeights weights = normal_weights(out, in, 9);
  const Matrix x = normal_matrix(in, tokens, 10);
  const LweProduct product = lwe_product(weights, x, 11);
  const MatrixT<double> want = plain_product(weights, x);
  double noise2 = 0, signal2 = 0, expected2 = 0;
  for (std::size_t i = 0; i < out; ++i) {
    const double expected = lwe_expected_noise(weights.l2(i));
    for (std::size_t t = 0; t < tokens; ++t) {
      const double d = product.token_scale[t];
      const double noise = (static_cast<double>(product.y(i, t)) - want(i, t)) * d;
      noise2 += noise * noise;
      signal2 += want(i, t) * want(i, t) * d * d;
      expected2 += expected * expected;
    }
  }
  std::printf("lwe1024 in=%zu: noise to signal %.3e\n", in, std::sqrt(noise2 / signal2));
  // 1,024 outputs estimate a standard deviation to 2.2 %; 11 % is 5 of these.
  EXPECT_NEAR(std::sqrt(noise2 / expected2), 1, 0.11);
}

}  // namespace
}  // namespace hippocrypt::crypto
