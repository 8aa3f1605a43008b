// A ciphertext and its decryption do not depend on the number of threads.

#include <gtest/gtest.h>

#include <limits>
#include <utility>

#include "crypto/client/tile_cipher.hpp"
#include "crypto/core/modulus.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::crypto {
namespace {

using test_support::SeededRandom;

constexpr RowNormBounds bounds{100, 500};
constexpr std::size_t inputs = 150, outputs = 90;  // several chunks, the last one short

const Params& params() {
  static const Params value = Params::named("test512", {}, true).value();
  return value;
}
const LanePolys& polys() {
  static const LanePolys value = [] {
    LanePolys made{inputs, 512};
    SeededSequence sequence{9, "polys"};
    for (auto& word : made.words()) word = static_cast<std::uint32_t>(sequence.below(modulus_q));
    return made;
  }();
  return value;
}
LanePolysView hints() {
  return {polys().view().words().first(lane_polys_words(outputs, 512)), outputs, 512};
}

Matrix activations(std::size_t tokens) {
  SeededSequence sequence{tokens, "x"};
  Matrix x{inputs, tokens};
  for (float& value : x.values()) value = static_cast<float>(sequence.normal());
  return x;
}

std::vector<float> row_scales() {
  SeededSequence sequence{1, "scales"};
  std::vector<float> scales(outputs);
  for (float& value : scales) value = static_cast<float>(sequence.uniform());
  return scales;
}

enum class Pads { none, ahead };

struct Outcome {
  Bytes body;
  Matrix y;
};

Outcome run(std::size_t tokens, std::size_t threads, Pads pads) {
  SeededRandom random{7};
  const Matrix x = activations(tokens);
  OneTimeSecret secret = OneTimeSecret::sample(params(), random);
  Outcome out{Bytes(tile_body_bytes(params(), inputs, tokens)), Matrix{outputs, tokens}};
  TileOpener opener =
      pads == Pads::none
          ? encrypt_tile_into(params(), polys().view(), bounds, x, std::move(secret), random,
                              out.body, threads)
                .value()
          : encrypt_tile_into(params(),
                              TilePads::make(params(), polys().view(), inputs, hints(), tokens,
                                             std::move(secret), random),
                              bounds, x, out.body, threads)
                .value();
  SeededSequence sequence{1, "answer"};
  Bytes answer(outputs * row_bytes(params().wire().download_bits, tokens));
  for (auto& byte : answer) byte = static_cast<std::uint8_t>(sequence.next_u64());
  EXPECT_TRUE(decrypt_tile_into(params(), hints(), answer, opener.token_scale, opener.key,
                                row_scales(), out.y.view(), threads));
  return out;
}

bool same(const Matrix& a, const Matrix& b) {
  return std::equal(a.values().begin(), a.values().end(), b.values().begin());
}

TEST(TileThreadsTest, AnyNumberOfThreadsGivesTheSameBytes) {
  for (const std::size_t tokens : {1U, 5U, 8U, 16U, 64U, 300U}) {
    const Outcome one = run(tokens, 1, Pads::none);
    for (const std::size_t threads : {1U, 2U, 3U, 40U}) {
      for (const Pads pads : {Pads::none, Pads::ahead}) {
        SCOPED_TRACE(std::to_string(tokens) + " tokens, " + std::to_string(threads) + " threads");
        const Outcome many = run(tokens, threads, pads);
        EXPECT_EQ(one.body, many.body);
        EXPECT_TRUE(same(one.y, many.y));
      }
    }
  }
}

TEST(TileThreadsTest, IsWhatTheSimpleCallsGive) {
  SeededRandom random{7};
  const Matrix x = activations(20);
  OneTimeSecret secret = OneTimeSecret::sample(params(), random);
  auto tile = encrypt_tile(params(), polys().view(), bounds, x, std::move(secret), random).value();
  EXPECT_EQ(tile.body, run(20, 2, Pads::none).body);
}

TEST(TileThreadsTest, ChunksHaveNoiseOfTheirOwn) {
  // With x = 0 and a zero mask a body is the noise alone, of which rounding leaves something.
  const Params loud = Params::create({"test", 512, 8, {}, true}).value();
  const LanePolys zero{inputs, 512};
  SeededRandom random{7};
  OneTimeSecret secret = OneTimeSecret::sample(loud, random);
  const Bytes body =
      encrypt_tile(loud, zero.view(), bounds, Matrix{inputs, 300}, std::move(secret), random)
          .value()
          .body;
  const auto rows = [&](std::size_t first) {
    const auto begin = body.begin() + static_cast<std::ptrdiff_t>(first * 900);
    return Bytes(begin, begin + 16 * 900);
  };
  for (std::size_t a = 0; a + 16 <= inputs; a += 16) {
    for (std::size_t b = a + 16; b + 16 <= inputs; b += 16) EXPECT_NE(rows(a), rows(b));
  }
}

TEST(TileThreadsTest, RefusesAsOneThreadDoes) {
  SeededRandom random{7};
  Matrix x = activations(20);
  x(149, 19) = std::numeric_limits<float>::infinity();
  Bytes body(tile_body_bytes(params(), inputs, 20));
  const auto refused = encrypt_tile_into(params(), polys().view(), bounds, x,
                                         OneTimeSecret::sample(params(), random), random, body, 3);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::not_finite);
  x(149, 19) = 0;
  auto opener = encrypt_tile_into(params(), polys().view(), bounds, x,
                                  OneTimeSecret::sample(params(), random), random, body, 3);
  ASSERT_TRUE(opener);
  Matrix y{outputs, 20};
  const Status status = decrypt_tile_into(params(), hints(), Bytes(7), opener->token_scale,
                                          opener->key, {}, y.view(), 3);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Errc::malformed);
}

}  // namespace
}  // namespace hippocrypt::crypto
