// How long rounds wait, and for whom. Hospitals a, b, c; deadline 100 s, grace 10 s.

#include "tests/federation/coordinator_fixture.hpp"

namespace hippocrypt::federation {
namespace {

using RoundTimingTest = CoordinatorTest;

TEST_F(RoundTimingTest, ASilentHospitalCostsOneGrace) {
  open();
  update("a", 1);
  update("b", 1);
  EXPECT_EQ(find<RoundClosed>(core_->on_tick(9.9)), nullptr);
  const auto effects = core_->on_tick(10);
  const auto& summary = find<RoundClosed>(effects)->summary;
  EXPECT_EQ(summary.contributed, (Names{"a", "b"}));
  EXPECT_EQ(causes(summary).at("c"), AbsenceCause::silent);
  EXPECT_EQ(summary.absent[0].detail, "no sign of life for 10 s");
}

TEST_F(RoundTimingTest, ALostConnectionCostsNoMoreAndItsCauseIsNamed) {
  open();
  update("a", 1);
  update("b", 1);
  beat("c", 4);
  EXPECT_EQ(find<RoundClosed>(core_->on_lost("c", "connection reset", 5)), nullptr);
  const auto effects = core_->on_tick(14);
  EXPECT_EQ(find<RoundClosed>(effects)->summary.absent.at(0).detail,
            "no sign of life for 10 s; connection reset");
}

TEST_F(RoundTimingTest, AsksToBeWokenWhenTheNextGraceEnds) {
  open();
  update("a", 2);
  update("b", 3);
  const auto effects = core_->on_tick(10);
  EXPECT_NE(find<RoundClosed>(effects), nullptr);
  // a was last seen at 2: round 2 is looked at again at 12.
  EXPECT_EQ(find<WakeAt>(effects)->time, 12);
  EXPECT_TRUE(core_->on_tick(11).empty());  // too early does no harm
}

TEST_F(RoundTimingTest, EverySignOfLifeCounts) {
  open();
  update("a", 1);
  update("b", 1);
  beat("c", 9);
  EXPECT_TRUE(core_->on_tick(18).empty() || find<RoundClosed>(core_->on_tick(18)) == nullptr);
  core_->on_alive("c", 18);  // a piece of a message
  EXPECT_EQ(find<RoundClosed>(core_->on_tick(27)), nullptr);
  core_->on_join("c", 27);
  EXPECT_EQ(find<RoundClosed>(core_->on_tick(36)), nullptr);
  core_->on_update({"c", 9, 9, UpdateStatus::contributed, {}, {}}, 36);  // even one that is stale
  EXPECT_EQ(find<RoundClosed>(core_->on_tick(45)), nullptr);
  EXPECT_NE(find<RoundClosed>(core_->on_tick(46)), nullptr);
}

TEST_F(RoundTimingTest, SlowButAliveIsAwaitedUntilDeadlineAndGrace) {
  open();
  update("a", 1);
  update("b", 1);
  EXPECT_EQ(find<RoundClosed>(pass({"c"}, 1, 109.9)), nullptr);
  const auto effects = core_->on_tick(110);
  const auto& summary = find<RoundClosed>(effects)->summary;
  EXPECT_EQ(causes(summary).at("c"), AbsenceCause::late);
  EXPECT_EQ(summary.seconds, 110);
  // Late ones are in the next round, and hear that they were pruned.
  const auto& told = find<Announce>(effects)->to;
  EXPECT_NE(std::find(told.begin(), told.end(), "c"), told.end());
}

TEST_F(RoundTimingTest, WhoAnswersInTheGraceAfterTheDeadlineIsIn) {
  open();
  pass({"a", "b", "c"}, 1, 105);
  update("a", 105);
  update("b", 106);
  EXPECT_EQ(find<RoundClosed>(update("c", 109))->summary.contributed, (Names{"a", "b", "c"}));
}

TEST_F(RoundTimingTest, AnUpdateAfterTheEndIsStaleAndItsSenderInTheNextRound) {
  open();
  const Update late = answer("c", {50, 50});
  update("a", 1);
  update("b", 1);
  const auto end = pass({"a", "b", "c"}, 1, 110);
  EXPECT_EQ(find<StartRound>(end)->to, (Names{"a", "b", "c"}));
  EXPECT_EQ(refusal(core_->on_update(late, 111)), Errc::stale);
  EXPECT_EQ(core_->global(), (std::vector<float>{1, 1}));
  update("a", 112);
  update("b", 112);
  EXPECT_EQ(find<RoundClosed>(update("c", 112))->summary.contributed.size(), 3U);
}

TEST_F(RoundTimingTest, ASilentHospitalThatComesBackInTimeIsAwaitedAgain) {
  open();
  update("a", 1);
  beat("b", 8);
  beat("b", 16);  // c was silent from 0 on, but b is still at work
  EXPECT_EQ(find<RoundClosed>(core_->on_tick(17)), nullptr);
  const auto back = core_->on_join("c", 20);
  EXPECT_EQ(find<StartRound>(back)->to, Names{"c"});
  EXPECT_EQ(find<RoundClosed>(update("b", 21)), nullptr);
  EXPECT_EQ(find<RoundClosed>(update("c", 25))->summary.contributed, (Names{"a", "b", "c"}));
}

TEST_F(RoundTimingTest, OneWithinItsGraceIsInTheRoundThatStarts) {
  open();
  update("c", 1);
  core_->on_lost("c", "cut", 2);
  update("a", 3);
  const auto second = update("b", 3);
  EXPECT_EQ(find<PersistAttempt>(second)->participants, (Names{"a", "b", "c"}));
  EXPECT_EQ(find<StartRound>(second)->to, (Names{"a", "b"}));  // it cannot be reached
  EXPECT_EQ(find<StartRound>(core_->on_join("c", 6))->round, 2U);
}

TEST_F(RoundTimingTest, BeforeRoundOneEverybodyIsAwaitedUntilTheDeadline) {
  create();
  pass({}, 0, 0);
  core_->on_join("a", 0);
  core_->on_join("b", 0);
  EXPECT_EQ(find<StartRound>(pass({"a", "b"}, 0, 99)), nullptr);
  const auto effects = core_->on_tick(100);
  EXPECT_EQ(find<StartRound>(effects)->to, (Names{"a", "b"}));
  update("a", 101);
  const auto closed = update("b", 101);
  EXPECT_EQ(causes(find<RoundClosed>(closed)->summary).at("c"), AbsenceCause::never_joined);
}

TEST_F(RoundTimingTest, WhoJoinedAndFellSilentIsNotCountedAsThere) {
  create();
  core_->on_join("a", 0);
  core_->on_join("b", 0);
  const auto effects = pass({"b"}, 0, 100);
  EXPECT_EQ(find<StartRound>(effects), nullptr);
  const auto& summary = find<RoundClosed>(effects)->summary;
  EXPECT_EQ(summary.outcome, RoundOutcome::retried);
  EXPECT_EQ(causes(summary), (std::map<std::string, AbsenceCause>{
                                 {"a", AbsenceCause::silent}, {"c", AbsenceCause::never_joined}}));
}

TEST_F(RoundTimingTest, MessagesThatTakeNoWorkAreAwaitedForAGrace) {
  collectors_ = phased(2, 2);
  open();
  say("a", RoundMessageKind::key_advert, 1);
  say("b", RoundMessageKind::key_advert, 1);
  EXPECT_EQ(find<Send>(pass({"a", "b", "c"}, 1, 9.9)), nullptr);
  const auto setup = core_->on_tick(10);  // c was alive all the time
  EXPECT_NE(find<Send>(setup), nullptr);
  EXPECT_EQ(refusal(say("c", RoundMessageKind::key_advert, 11)), Errc::stale);
  pass({"a", "b", "c"}, 11, 50);
  say("a", RoundMessageKind::masked_update, 50, {1, 3});
  EXPECT_NE(find<Send>(say("b", RoundMessageKind::masked_update, 50, {3, 1})), nullptr);
  say("a", RoundMessageKind::unmask_shares, 51);
  const auto closed = say("b", RoundMessageKind::unmask_shares, 51);
  EXPECT_EQ(causes(find<RoundClosed>(closed)->summary).at("c"), AbsenceCause::late);
  EXPECT_EQ(core_->global(), (std::vector<float>{2, 2}));
}

}  // namespace
}  // namespace hippocrypt::federation
