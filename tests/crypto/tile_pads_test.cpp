// Pads made ahead give the very bytes of the direct way.

#include "crypto/client/tile_pads.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <ostream>
#include <type_traits>
#include <utility>

#include "crypto/client/tile_cipher.hpp"
#include "crypto/core/modulus.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::crypto {
namespace {

using test_support::SeededRandom;

template <class T>
concept Printable = requires(std::ostream& out, const T& value) {
  out << value;
};
static_assert(std::is_nothrow_move_constructible_v<TilePads>);
static_assert(!std::is_copy_constructible_v<TilePads> && !std::is_copy_assignable_v<TilePads>);
static_assert(!std::is_default_constructible_v<TilePads> && !Printable<TilePads>);

template <class Pads>
concept Encrypts = requires(Pads&& pads, ConstMatrixView x, const Params& params) {
  encrypt_tile(params, std::forward<Pads>(pads), RowNormBounds{}, x);
};
static_assert(Encrypts<TilePads> && !Encrypts<TilePads&>, "pads must be given up to be used");

template <class Secret>
concept Makes = requires(Secret&& secret, LanePolysView polys, const Params& params,
                         RandomSource& random) {
  TilePads::make(params, polys, 1, polys, 1, std::forward<Secret>(secret), random);
};
static_assert(Makes<OneTimeSecret> && !Makes<OneTimeSecret&>, "a secret must be given up");

constexpr RowNormBounds bounds{100, 500};
constexpr std::size_t inputs = 35, outputs = 18;

Params parameters(unsigned log_bound = 3, WireFormat wire = {}) {
  return Params::create({"test", 512, log_bound, wire, true}).value();
}

LanePolys uniform_polys(std::size_t count, const char* purpose) {
  LanePolys polys{count, 512};
  SeededSequence sequence{9, purpose};
  for (auto& word : polys.words()) word = static_cast<std::uint32_t>(sequence.below(modulus_q));
  return polys;
}
const LanePolys& masks() {
  static const LanePolys value = uniform_polys(40, "masks");
  return value;
}
const LanePolys& hints() {
  static const LanePolys value = uniform_polys(outputs, "hints");
  return value;
}

Matrix activations(std::size_t rows, std::size_t tokens) {
  SeededSequence sequence{tokens, "x"};
  Matrix x{rows, tokens};
  for (float& value : x.values()) value = static_cast<float>(sequence.normal());
  return x;
}

TilePads make_pads(const Params& params, std::size_t tokens) {
  SeededRandom random{7};
  OneTimeSecret secret = OneTimeSecret::sample(params, random);
  return TilePads::make(params, masks().view(), inputs, hints().view(), tokens, std::move(secret),
                        random);
}

Bytes some_answer(const Params& params, std::size_t tokens) {
  SeededSequence sequence{1, "answer"};
  Bytes answer(outputs * row_bytes(params.wire().download_bits, tokens));
  for (auto& byte : answer) byte = static_cast<std::uint8_t>(sequence.next_u64());
  return answer;
}

void expect_same_as_direct(const Params& params, std::size_t tokens) {
  const Matrix x = activations(inputs, tokens);
  SeededRandom random{7};
  OneTimeSecret secret = OneTimeSecret::sample(params, random);
  auto direct = encrypt_tile(params, masks().view(), bounds, x, std::move(secret), random);
  auto ahead = encrypt_tile(params, make_pads(params, tokens), bounds, x);
  ASSERT_TRUE(direct && ahead);
  EXPECT_EQ(direct->body, ahead->body);
  EXPECT_EQ(direct->token_scale, ahead->token_scale);
  const Bytes answer = some_answer(params, tokens);
  const auto a =
      decrypt_tile(params, hints().view(), answer, direct->token_scale, std::move(direct->key));
  const auto b =
      decrypt_tile(params, hints().view(), answer, ahead->token_scale, std::move(ahead->key));
  ASSERT_TRUE(a && b);
  EXPECT_TRUE(std::equal(a->values().begin(), a->values().end(), b->values().begin()));
}

TEST(TilePadsTest, GiveTheBytesOfTheDirectWay) {
  for (const WireFormat wire : {WireFormat{}, WireFormat{20, 12}}) {
    for (const std::size_t tokens : {1U, 15U, 16U, 127U, 129U, 512U}) {
      for (const unsigned log_bound : {3U, 8U}) {
        SCOPED_TRACE(std::to_string(tokens) + " tokens, b = " + std::to_string(log_bound));
        expect_same_as_direct(parameters(log_bound, wire), tokens);
      }
    }
  }
}

TEST(TilePadsTest, TilesMayHoldFewerTokensThanThePads) {
  const Params params = parameters();
  const Matrix wide = activations(inputs, 100);
  Matrix narrow{inputs, 33};
  for (std::size_t j = 0; j < inputs; ++j) {
    for (std::size_t t = 0; t < 33; ++t) narrow(j, t) = wide(j, t);
  }
  auto all = encrypt_tile(params, make_pads(params, 100), bounds, wide);
  auto some = encrypt_tile(params, make_pads(params, 100), bounds, narrow);
  ASSERT_TRUE(all && some);
  for (std::size_t j = 0; j < inputs; ++j) {
    const auto row = [j](const Bytes& body, std::size_t tokens) {
      const auto first = body.begin() + static_cast<std::ptrdiff_t>(j * tokens * 3);
      return Bytes(first, first + 33 * 3);
    };
    EXPECT_EQ(row(all->body, 100), row(some->body, 33));
  }
  const auto y = decrypt_tile(params, hints().view(), some_answer(params, 33), some->token_scale,
                              std::move(some->key));
  ASSERT_TRUE(y);
  EXPECT_EQ(y->cols(), 33U);
}

TEST(TilePadsTest, KnowTheirSize) {
  const TilePads pads = make_pads(parameters(), 30);
  EXPECT_EQ(pads.inputs(), inputs);
  EXPECT_EQ(pads.outputs(), outputs);
  EXPECT_EQ(pads.tokens(), 30U);
  EXPECT_EQ(pads.bytes(), (48 + 32) * 32 * sizeof(std::uint32_t));  // whole groups, whole blocks
}

TEST(TilePadsTest, RefuseOtherShapesAndBadActivations) {
  const Params params = parameters();
  const auto code = [&](const Matrix& x) {
    const auto tile = encrypt_tile(params, make_pads(params, 20), bounds, x);
    return tile ? Errc{} : tile.error().code;
  };
  EXPECT_EQ(code(Matrix{inputs, 21}), Errc::out_of_range);
  EXPECT_EQ(code(Matrix{inputs, 0}), Errc::out_of_range);
  EXPECT_EQ(code(Matrix{inputs - 1, 20}), Errc::out_of_range);
  EXPECT_EQ(code(Matrix{inputs + 1, 20}), Errc::out_of_range);
  Matrix x{inputs, 20};
  x(34, 19) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(code(x), Errc::not_finite);
}

TEST(TilePadsDeathTest, ASecondUseEndsTheProcess) {
  const Params params = parameters();
  TilePads pads = make_pads(params, 4);
  const Matrix x{inputs, 4};
  ASSERT_TRUE(encrypt_tile(params, std::move(pads), bounds, x));
  EXPECT_DEATH(static_cast<void>(encrypt_tile(params, std::move(pads), bounds, x)),  // NOLINT
               "used before");
}

TEST(TilePadsDeathTest, OtherParametersEndTheProcess) {
  const Matrix x{inputs, 4};
  EXPECT_DEATH(
      static_cast<void>(encrypt_tile(parameters(4), make_pads(parameters(), 4), bounds, x)),
      "fingerprint");
}

}  // namespace
}  // namespace hippocrypt::crypto
