// Attempts that are void, what is tried again, and when a run stops. Quorum 2 of a, b, c; one
// retry.

#include "tests/federation/coordinator_fixture.hpp"

namespace hippocrypt::federation {
namespace {

using RoundRetryTest = CoordinatorTest;

TEST_F(RoundRetryTest, WithoutItsQuorumAnAttemptIsVoidAndTriedAgainAfterAHeartbeat) {
  open();
  update("a", 1, {8, 8});
  core_->on_update(without("b", UpdateStatus::failed, "the server is away"), 1);
  const auto effects = core_->on_update(without("c", UpdateStatus::failed, "likewise"), 2);
  const auto& next = std::get<PersistAttempt>(effects[0]);
  EXPECT_EQ(next.attempt, 2U);
  EXPECT_TRUE(next.participants.empty());
  EXPECT_EQ(next.voided->outcome, RoundOutcome::retried);
  const auto& summary = std::get<RoundClosed>(effects[1]).summary;
  EXPECT_EQ(summary.attempt, 1U);
  EXPECT_EQ(causes(summary).size(), 2U);
  EXPECT_EQ(std::get<Announce>(effects[2]).to, (Names{"a", "b", "c"}));
  EXPECT_EQ(find<StartRound>(effects), nullptr);
  EXPECT_EQ(find<WakeAt>(effects)->time, 5);
  EXPECT_TRUE(find<StartRound>(core_->on_tick(4.9)) == nullptr);
  const auto again = core_->on_tick(5);
  EXPECT_EQ(find<StartRound>(again)->attempt, 2U);
  EXPECT_EQ(find<StartRound>(again)->to, (Names{"a", "b", "c"}));
  EXPECT_EQ(core_->global(), (std::vector<float>{0, 0}));
  EXPECT_EQ(refusal(core_->on_update({"a", 1, 1, UpdateStatus::contributed, {}, {8, 8}}, 6)),
            Errc::stale);
  update("a", 6, {8, 8});
  update("b", 6, {4, 4});
  update("c", 6, {0, 0});
  EXPECT_EQ(core_->global(), (std::vector<float>{4, 4}));
}

TEST_F(RoundRetryTest, WithoutAQuorumThatIsThereItWaitsForOne) {
  open();
  update("a", 1);
  core_->on_lost("b", "cut", 1);
  core_->on_lost("c", "cut", 1);
  const auto effects = pass({"a"}, 1, 30);
  EXPECT_EQ(find<RoundClosed>(effects)->summary.outcome, RoundOutcome::retried);
  EXPECT_EQ(find<StartRound>(effects), nullptr);
  EXPECT_EQ(find<StartRound>(core_->on_join("b", 31))->to, (Names{"a", "b"}));
}

TEST_F(RoundRetryTest, AfterTheLastRetryTheRunStopsAndKeepsWhatIsCommitted) {
  open();
  for (const auto* name : {"a", "b", "c"}) update(name, 1, {3, 3});
  const auto all = pass({"a"}, 2, 500);
  const auto* failed = find<RunFailed>(all);
  ASSERT_NE(failed, nullptr);
  EXPECT_EQ(failed->cause, RunFailure::quorum_missed);
  EXPECT_NE(failed->detail.find("round 2 was void 2 times"), std::string::npos) << failed->detail;
  EXPECT_TRUE(core_->failed());
  EXPECT_EQ(core_->global(), (std::vector<float>{3, 3}));
  EXPECT_EQ(core_->rounds_over(), 1U);
  EXPECT_EQ(find<RunFailed>(core_->on_join("b", 501))->to, Names{"b"});
  EXPECT_TRUE(core_->on_tick(600).empty());
}

TEST_F(RoundRetryTest, EveryRoundHasItsOwnRetries) {
  open();
  for (int i = 0; i < 3; ++i) {
    const double now = 20.0 * i;
    for (const auto* name : {"a", "b"}) {
      core_->on_update(without(name, UpdateStatus::failed, "x"), now + 1);
    }
    EXPECT_EQ(core_->attempt(), 2U);
    core_->on_join("a", now + 5);
    core_->on_join("b", now + 5);
    core_->on_join("c", now + 5);
    for (const auto* name : {"a", "b", "c"}) update(name, now + 6);
  }
  EXPECT_TRUE(core_->finished());
}

TEST_F(RoundRetryTest, WhereBudgetsRuleTheQuorumOutNothingIsTriedAgain) {
  open();
  core_->on_update(without("a", UpdateStatus::sat_out, "no budget"), 1);
  EXPECT_FALSE(core_->failed());
  const auto effects = core_->on_update(without("b", UpdateStatus::sat_out, "no budget"), 1);
  EXPECT_LT(place<RoundClosed>(effects), place<RunFailed>(effects));
  EXPECT_EQ(find<RunFailed>(effects)->cause, RunFailure::budgets_exhausted);
  EXPECT_EQ(find<RunFailed>(effects)->to, (Names{"a", "b", "c"}));
}

TEST_F(RoundRetryTest, WithFewerThanTheQuorumLeftTheRunStopsAtOnce) {
  create();
  core_->on_withdrawn("a", "x", 1);
  EXPECT_FALSE(core_->failed());
  const auto effects = core_->on_withdrawn("b", "y", 1);
  EXPECT_EQ(find<RunFailed>(effects)->cause, RunFailure::too_few_left);
  EXPECT_STREQ(to_string(RunFailure::quorum_missed), "quorum_missed");
  EXPECT_STREQ(to_string(RunFailure::too_few_left), "too_few_left");
  EXPECT_STREQ(to_string(RunFailure::budgets_exhausted), "budgets_exhausted");
}

TEST_F(RoundRetryTest, TooFewAnswersInTheSetupAreTriedAgain) {
  collectors_ = phased(2, 2);
  open();
  say("a", RoundMessageKind::key_advert, 1);
  const auto effects = pass({"a", "b", "c"}, 1, 10);
  EXPECT_EQ(find<RoundClosed>(effects)->summary.outcome, RoundOutcome::retried);
  EXPECT_EQ(core_->attempt(), 2U);
}

/// Round 1 of a collector with phases, up to where two of three have sent masked updates.
class RoundUnmaskTest : public CoordinatorTest {
 protected:
  RoundUnmaskTest() {
    collectors_ = phased(2, 2);
    open();
    for (const auto* name : {"a", "b", "c"}) say(name, RoundMessageKind::key_advert, 1);
    say("a", RoundMessageKind::masked_update, 2, {1, 1});
    say("b", RoundMessageKind::masked_update, 2, {3, 3});
  }
};

TEST_F(RoundUnmaskTest, PersistsTheSumBeforeItIsAnnounced) {
  const auto effects = core_->on_tick(11);  // c was last seen at 1
  ASSERT_NE(find<PersistEntry>(effects), nullptr);
  EXPECT_LT(place<PersistEntry>(effects), place<Send>(effects));
  EXPECT_EQ(find<Send>(effects)->outgoing.message.kind, RoundMessageKind::survivors);
}

TEST_F(RoundUnmaskTest, ContributionsStayWhenTheirSenderDoesNotUnmask) {
  collectors_ = phased(2, 1);
  open();
  for (const auto* name : {"a", "b", "c"}) say(name, RoundMessageKind::key_advert, 1);
  for (const auto* name : {"a", "b", "c"}) say(name, RoundMessageKind::masked_update, 2, {3, 3});
  say("a", RoundMessageKind::unmask_shares, 3);
  const auto effects = pass({"a"}, 3, 12);
  const auto& summary = find<RoundClosed>(effects)->summary;
  EXPECT_EQ(summary.outcome, RoundOutcome::closed);
  EXPECT_EQ(summary.contributed, (Names{"a", "b", "c"}));
  EXPECT_EQ(summary.note, "unmasked by 1");
}

TEST_F(RoundUnmaskTest, WithoutEnoughToUnmaskTheRoundIsSkippedAndNotTriedAgain) {
  core_->on_tick(11);
  core_->on_join("a", 11);
  core_->on_join("b", 11);
  say("a", RoundMessageKind::unmask_shares, 12);
  const auto effects = pass({"a"}, 12, 21);
  EXPECT_EQ(find<PersistGlobal>(effects)->values, (std::vector<float>{0, 0}));
  EXPECT_EQ(find<RoundClosed>(effects)->summary.outcome, RoundOutcome::skipped);
  EXPECT_EQ(core_->rounds_over(), 1U);
  EXPECT_EQ(core_->attempt(), 1U);
}

TEST_F(RoundUnmaskTest, WhoComesBackIsRemindedOfThePhase) {
  const auto updates = core_->on_join("c", 5);
  EXPECT_NE(find<StartRound>(updates), nullptr);
  EXPECT_EQ(find<Send>(updates)->outgoing.message.kind, RoundMessageKind::key_book);
  say("c", RoundMessageKind::masked_update, 6, {2, 2});
  const auto unmask = core_->on_join("a", 7);
  EXPECT_EQ(find<Send>(unmask)->outgoing.message.kind, RoundMessageKind::survivors);
}

}  // namespace
}  // namespace hippocrypt::federation
