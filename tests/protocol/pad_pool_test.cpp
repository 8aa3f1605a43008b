#include "protocol/client/pad_pool.hpp"

#include <gtest/gtest.h>

#include "protocol/client/encrypted_oracle.hpp"
#include "tests/protocol/small_model.hpp"
#include "tests/protocol/test_transports.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::protocol {
namespace {

using model::LinearGroup;
using model::LinearSite;
using test::random_matrix;

const test::SmallModel& world() {
  static const test::SmallModel made = test::make_small_model();
  return made;
}

std::shared_ptr<const ServerSetup> setup() {
  return ServerSetup::parse(world().service->setup_frame(), world().params, world().config).value();
}

constexpr std::size_t plenty = std::size_t{1} << 24;
const PadPool::Call qkv{{0, LinearGroup::qkv}, Direction::forward, 2, 16};
const PadPool::Call out{{0, LinearGroup::attention_out}, Direction::forward, 2, 16};
const PadPool::Call down{{1, LinearGroup::down}, Direction::backward, 1, 16};

/// qkv, out, down, qkv, … as a training step would.
void go_round_once(PadPool& pool) {
  for (const auto& call : {qkv, out, down, qkv}) pool.begin(call);
}

TEST(PadPoolTest, LearnsTheOrderAndHasTheNextProductsReady) {
  SystemRandom random;
  PadPool pool{setup(), random, plenty};
  EXPECT_FALSE(pool.take());  // nothing is known yet
  go_round_once(pool);
  EXPECT_FALSE(pool.take());  // this product came before its pads
  pool.wait_until_full();
  EXPECT_EQ(pool.counts().made, 3U);  // two for out, one for down
  pool.begin(out);
  for (int tile = 0; tile < 2; ++tile) {
    const auto pads = pool.take();
    ASSERT_TRUE(pads);
    EXPECT_EQ(pads->inputs(), 48U);
    EXPECT_EQ(pads->outputs(), 48U);
    EXPECT_EQ(pads->tokens(), 16U);
  }
  EXPECT_FALSE(pool.take());
  EXPECT_EQ(pool.counts().used, 2U);
  pool.begin(down);
  const auto pads = pool.take();
  ASSERT_TRUE(pads);
  EXPECT_EQ(pads->inputs(), 48U);  // backward: rows of W
  EXPECT_EQ(pads->outputs(), 40U);
}

TEST(PadPoolTest, HoldsNoMoreThanItsLimit) {
  SystemRandom random;
  const std::size_t one_tile = (48 + 48) * 16 * 4;
  for (const std::size_t limit : {one_tile - 1, one_tile, 2 * one_tile, 2 * one_tile + 100}) {
    PadPool pool{setup(), random, limit};
    go_round_once(pool);
    pool.wait_until_full();
    EXPECT_LE(pool.bytes(), limit);
    EXPECT_EQ(pool.counts().made, limit / one_tile);
  }
}

TEST(PadPoolTest, WhatIsNoLongerExpectedIsDropped) {
  SystemRandom random;
  PadPool pool{setup(), random, plenty};
  go_round_once(pool);
  pool.wait_until_full();
  EXPECT_GT(pool.bytes(), 0U);
  pool.begin(PadPool::Call{{1, LinearGroup::gate_up}, Direction::forward, 1, 16});
  pool.wait_until_full();
  EXPECT_EQ(pool.bytes(), 0U);  // nothing has ever followed this product
}

TEST(PadPoolTest, MayDieWhileItWorks) {
  SystemRandom random;
  for (int i = 0; i < 20; ++i) {
    PadPool pool{setup(), random, plenty};
    go_round_once(pool);
  }
}

/// Two passes over all products, as a training loop makes them.
TEST(PadPoolOracleTest, ProductsWithPadsAreThoseWithout) {
  const auto& config = world().config;
  test::RecordingTransport transport{world().service};
  SystemRandom random;
  EncryptedOracle with{
      setup(), transport, random, {.capacity_tokens = 24, .tile_tokens = 8, .pad_bytes = plenty}};
  EncryptedOracle without{setup(), transport, random, {.capacity_tokens = 24, .tile_tokens = 8}};
  for (int pass = 0; pass < 3; ++pass) {
    for (std::uint32_t block = 0; block < config->blocks; ++block) {
      for (const auto group : {LinearGroup::qkv, LinearGroup::down}) {
        const Matrix x = random_matrix(config.in_features(group), 20, block);
        const Matrix y = with.forward({block, group}, x).value();
        const Matrix z = without.forward({block, group}, x).value();
        double difference = 0, size = 0;
        for (std::size_t i = 0; i < y.size(); ++i) {
          difference += std::pow(double{y.values()[i]} - double{z.values()[i]}, 2);
          size += std::pow(double{z.values()[i]}, 2);
        }
        EXPECT_LT(std::sqrt(difference / size), 2e-3);  // two draws of encryption noise
        with.pads()->wait_until_full();
      }
    }
  }
  // All tiles but those of the first pass and of its end, which nothing had announced.
  EXPECT_GE(with.pads()->counts().used, 2U * 4 * 3 - 3);
  EXPECT_EQ(without.pads(), nullptr);
}

TEST(PadPoolOracleTest, AFewTokensAtATimeHavePadsOfTheirNumber) {
  test::RecordingTransport transport{world().service};
  SystemRandom random;
  EncryptedOracle oracle{setup(), transport, random, {.tile_tokens = 64, .pad_bytes = plenty}};
  EncryptedOracle without{setup(), transport, random, {.tile_tokens = 64}};
  for (int token = 0; token < 3; ++token) {
    for (std::uint32_t block = 0; block < 2; ++block) {
      const LinearSite site{block, LinearGroup::qkv};
      const Matrix x = random_matrix(48, 1, 5 + block);
      const Matrix y = oracle.forward(site, x).value();
      const Matrix wanted = without.forward(site, x).value();
      for (std::size_t r = 0; r < y.rows(); ++r) EXPECT_NEAR(y(r, 0), wanted(r, 0), 0.05);
      oracle.pads()->wait_until_full();
    }
  }
  // All but those of the first round, of which nobody knew what follows.
  EXPECT_GE(oracle.pads()->counts().used, 3U);
  EXPECT_LE(oracle.pads()->bytes(), (48U + 80U) * 16 * 4 * 4);
}

TEST(PadPoolOracleTest, PartialTilesDoWithout) {
  test::RecordingTransport transport{world().service};
  SystemRandom random;
  EncryptedOracle oracle{setup(), transport, random, {.tile_tokens = 8, .pad_bytes = plenty}};
  for (int pass = 0; pass < 3; ++pass) {
    ASSERT_TRUE(oracle.forward({0, LinearGroup::qkv}, random_matrix(48, 11, 1)));
    ASSERT_TRUE(oracle.backward({0, LinearGroup::qkv}, random_matrix(80, 11, 1)));
    oracle.pads()->wait_until_full();
  }
  EXPECT_GT(oracle.pads()->counts().used, 0U);
}

}  // namespace
}  // namespace hippocrypt::protocol
