// Misuse of the engine that must not be possible.

#include <gtest/gtest.h>

#include "tests/privacy/dp_sgd/privacy_engine_fixture.hpp"

namespace hippocrypt::privacy {
namespace {

using PrivacyEngineDeathTest = PrivacyEngineTest;

TEST_F(PrivacyEngineDeathTest, GivesNoMoreLotsThanTheRoundHas) {
  PrivacyEngine engine = make_or_die();
  auto round = engine.begin_round(1, 1);
  ASSERT_TRUE(round.has_value());
  ASSERT_TRUE(round->next_lot().has_value());
  std::vector<float> out(4);
  round->privatize(round->accumulator(4), out);
  EXPECT_DEATH(static_cast<void>(round->next_lot()), "more lots than the round has");
}

TEST_F(PrivacyEngineDeathTest, ReleasesEveryLotOnceAndInTurn) {
  PrivacyEngine engine = make_or_die();
  auto round = engine.begin_round(1, 5);
  ASSERT_TRUE(round.has_value());
  std::vector<float> out(4);
  EXPECT_DEATH(round->privatize(round->accumulator(4), out), "no lot was drawn");
  ASSERT_TRUE(round->next_lot().has_value());
  EXPECT_DEATH(static_cast<void>(round->next_lot()), "not privatized");
  round->privatize(round->accumulator(4), out);
  EXPECT_DEATH(round->privatize(round->accumulator(4), out), "no lot was drawn");
}

TEST_F(PrivacyEngineDeathTest, RefusesSumsThatAreNotOfItsLot) {
  params_.sampling_rate = 1e-12;
  PrivacyEngine engine = make_or_die();
  auto round = engine.begin_round(1, 5);
  ASSERT_TRUE(round.has_value());
  ASSERT_TRUE(round->next_lot().has_value());
  std::vector<float> out(4);
  EXPECT_DEATH(round->privatize(LotAccumulator(4, params_.rule(1.0, 99.0)), out), "another norm");
  LotAccumulator lot = round->accumulator(4);
  lot.add(std::vector<float>(4, 1.0F));
  EXPECT_DEATH(round->privatize(std::move(lot), out), "more units than were drawn");
}

TEST_F(PrivacyEngineDeathTest, RefusesToDropWhereNoOverflowWasAccounted) {
  params_.sampling_rate = 1.0;
  params_.noise_multiplier = 20.0;
  dataset_.units = 2;
  PrivacyEngine engine = make_or_die();
  auto round = engine.begin_round(1, 1);
  ASSERT_TRUE(round.has_value());
  const std::vector<std::uint32_t> lengths(2, 100);
  EXPECT_DEATH(static_cast<void>(round->next_lot({lengths, 150})), "overflowed");
}

TEST_F(PrivacyEngineDeathTest, RefusesARoundThatWasMovedAway) {
  PrivacyEngine engine = make_or_die();
  auto round = engine.begin_round(1, 3);
  ASSERT_TRUE(round.has_value());
  PrivateRound moved = std::move(*round);
  EXPECT_EQ(round->steps_left(), 0U);
  EXPECT_DEATH(static_cast<void>(round->next_lot()), "moved away");
}

}  // namespace
}  // namespace hippocrypt::privacy
