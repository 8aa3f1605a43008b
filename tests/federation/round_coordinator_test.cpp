// Who is in a round, what is refused, and in what order things happen. When they happen is in
// round_timing_test, what is tried again in round_retry_test, restarts in round_resume_test.

#include "federation/aggregator/round_coordinator.hpp"

#include <cmath>
#include <limits>

#include "federation/aggregator/measured_strategy.hpp"
#include "tests/federation/coordinator_fixture.hpp"

namespace hippocrypt::federation {
namespace {

using RoundCoordinatorTest = CoordinatorTest;

TEST_F(RoundCoordinatorTest, StartsWhenEverybodyHasJoinedAndPersistsFirst) {
  const auto started = create();
  EXPECT_EQ(find<PersistGlobal>(started)->round, 0U);
  EXPECT_EQ(find<WakeAt>(started)->time, 100);
  core_->on_join("b", 1);
  core_->on_join("a", 2);
  const auto effects = core_->on_join("c", 3);
  ASSERT_EQ(effects.size(), 3U);
  const auto& attempt = std::get<PersistAttempt>(effects[0]);
  EXPECT_EQ(attempt.round, 1U);
  EXPECT_EQ(attempt.attempt, 1U);
  EXPECT_EQ(attempt.participants, (Names{"a", "b", "c"}));
  EXPECT_FALSE(attempt.voided.has_value());
  const auto& start = std::get<StartRound>(effects[1]);
  EXPECT_EQ(start.to, (Names{"a", "b", "c"}));
  EXPECT_EQ(start.values, (std::vector<float>{0, 0}));
  EXPECT_EQ(std::get<WakeAt>(effects[2]).time, 11);  // a's grace ends at 12, b's at 11
}

TEST_F(RoundCoordinatorTest, PersistsBeforeItAnnouncesAndGoesOn) {
  open();
  EXPECT_TRUE(update("a", 1, {2, 0}).empty());
  update("b", 1, {0, 4});
  const auto effects = update("c", 1, {1, -1});
  EXPECT_EQ(std::get<PersistGlobal>(effects[0]).values, (std::vector<float>{1, 1}));
  EXPECT_EQ(std::get<PersistGlobal>(effects[0]).summary->contributed, (Names{"a", "b", "c"}));
  const auto& summary = std::get<RoundClosed>(effects[1]).summary;
  EXPECT_EQ(summary.outcome, RoundOutcome::closed);
  EXPECT_EQ(summary.round, 1U);
  EXPECT_EQ(summary.seconds, 1);
  EXPECT_TRUE(summary.absent.empty());
  EXPECT_EQ(std::get<Announce>(effects[2]).to, (Names{"a", "b", "c"}));
  EXPECT_EQ(std::get<PersistAttempt>(effects[3]).round, 2U);
  EXPECT_EQ(std::get<StartRound>(effects[4]).round, 2U);
}

TEST_F(RoundCoordinatorTest, SaysWhatAveragingBothFactorsGotWrong) {
  open();
  update("a", 1);
  update("b", 1);
  EXPECT_TRUE(std::isnan(find<RoundClosed>(update("c", 1))->aggregation_error)) << "not measured";
  core_ = std::make_unique<RoundCoordinator>(
      config_,
      std::make_unique<MeasuredStrategy>(std::make_unique<FedAvg>(),
                                         std::vector<LowRankShape>{{1, 1, 1}}),
      collectors_, std::vector<float>{0, 0});
  core_->start(0);
  for (const auto* name : {"a", "b", "c"}) core_->on_join(name, 0);
  core_->on_update(without("b", UpdateStatus::failed, "x"), 1);
  update("a", 1, {1, 1});
  const auto effects = update("c", 1, {3, 3});
  EXPECT_NEAR(find<RoundClosed>(effects)->aggregation_error, 0.2, 1e-6);
  EXPECT_TRUE(find<RoundClosed>(effects)->summary.note.empty());
}

TEST_F(RoundCoordinatorTest, EndsAfterTheLastRound) {
  config_.rounds = 1;
  open();
  update("a", 1);
  update("b", 1);
  const auto effects = update("c", 1);
  EXPECT_EQ(find<Finish>(effects)->values, (std::vector<float>{1, 1}));
  EXPECT_EQ(find<Finish>(effects)->to, (Names{"a", "b", "c"}));
  EXPECT_EQ(find<WakeAt>(effects), nullptr);
  EXPECT_TRUE(core_->finished());
  // Who comes back later is told.
  EXPECT_EQ(find<Finish>(core_->on_join("b", 50))->to, Names{"b"});
  EXPECT_EQ(refusal(update("a", 51)), Errc::stale);
}

TEST_F(RoundCoordinatorTest, NamesWhoGivesNothingAndWhy) {
  open();
  core_->on_update(without("a", UpdateStatus::sat_out, "no budget"), 1);
  update("b", 1, {2, 6});
  const auto effects = update("c", 1, {4, 2});
  const auto& summary = find<RoundClosed>(effects)->summary;
  EXPECT_EQ(summary.contributed, (Names{"b", "c"}));
  ASSERT_EQ(summary.absent.size(), 1U);
  EXPECT_EQ(summary.absent[0].hospital, "a");
  EXPECT_EQ(summary.absent[0].cause, AbsenceCause::sat_out);
  EXPECT_EQ(summary.absent[0].detail, "its privacy budget does not allow the round")
      << "what the hospital says of it is not repeated";
  EXPECT_EQ(core_->global(), (std::vector<float>{3, 4}));
  // It is in the next round again.
  EXPECT_EQ(find<StartRound>(effects)->to, (Names{"a", "b", "c"}));
  update("a", 2);
  update("b", 2);
  const auto failed = core_->on_update(without("c", UpdateStatus::failed, "no disk"), 2);
  EXPECT_EQ(causes(find<RoundClosed>(failed)->summary).at("c"), AbsenceCause::failed);
}

TEST_F(RoundCoordinatorTest, AFaultyUpdateIsRefusedAndHoldsNobodyUp) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const auto& faulty : {std::vector<float>{0}, std::vector<float>{0, nan}}) {
    open();
    EXPECT_EQ(refusal(update("a", 1, faulty)),
              faulty.size() == 1 ? Errc::mismatch : Errc::not_finite);
    EXPECT_EQ(refusal(update("a", 1)), Errc::stale);  // nor can it try again in this attempt
    update("b", 1);
    const auto effects = update("c", 1);
    const auto& absent = find<RoundClosed>(effects)->summary.absent;
    EXPECT_EQ(absent.at(0).cause, AbsenceCause::refused);
    EXPECT_FALSE(absent.at(0).detail.empty());
  }
}

TEST_F(RoundCoordinatorTest, AMessageOfAnotherKindOfFederationIsRefused) {
  open();
  EXPECT_EQ(refusal(say("a", RoundMessageKind::masked_update, 1)), Errc::unsupported);
  update("b", 1);
  EXPECT_EQ(causes(find<RoundClosed>(update("c", 1))->summary).at("a"), AbsenceCause::refused);
}

TEST_F(RoundCoordinatorTest, RefusesStrangersInEveryEvent) {
  open();
  EXPECT_EQ(refusal(core_->on_join("x", 1)), Errc::mismatch);
  EXPECT_EQ(refusal(update("x", 1)), Errc::mismatch);
  EXPECT_EQ(refusal(say("x", RoundMessageKind::key_advert, 1)), Errc::mismatch);
  EXPECT_EQ(refusal(beat("x", 1)), Errc::mismatch);
  EXPECT_EQ(refusal(core_->on_alive("x", 1)), Errc::mismatch);
  EXPECT_TRUE(core_->on_lost("x", "cut", 1).empty());
  EXPECT_TRUE(core_->on_withdrawn("x", "broken", 1).empty());
}

TEST_F(RoundCoordinatorTest, WhoHasNotJoinedIsAskedTo) {
  create();
  core_->on_join("a", 0);
  EXPECT_EQ(refusal(beat("b", 1)), Errc::unavailable);
  EXPECT_EQ(refusal(update("b", 1)), Errc::unavailable);
  EXPECT_EQ(refusal(core_->on_alive("b", 1)), Errc::unavailable);
  core_->on_withdrawn("a", "its data are gone", 1);
  EXPECT_EQ(refusal(beat("a", 2)), Errc::unavailable);
}

TEST_F(RoundCoordinatorTest, ARepeatedOrPastUpdateIsStaleAndCountsOnce) {
  open();
  EXPECT_EQ(refusal(core_->on_update({"a", 2, 1, UpdateStatus::contributed, {}, {9, 9}}, 1)),
            Errc::stale);
  EXPECT_EQ(refusal(core_->on_update({"a", 1, 2, UpdateStatus::contributed, {}, {9, 9}}, 1)),
            Errc::stale);
  const auto first = answer("a");
  core_->on_update(first, 1);
  EXPECT_EQ(refusal(core_->on_update(first, 1)), Errc::stale);
  update("b", 1);
  update("c", 1);
  EXPECT_EQ(core_->global(), (std::vector<float>{1, 1}));
  EXPECT_EQ(refusal(core_->on_update(first, 1)), Errc::stale);  // of the round before
}

TEST_F(RoundCoordinatorTest, BeforeAnAttemptIsOpenAMessageIsStale) {
  create();
  core_->on_join("a", 0);
  EXPECT_EQ(refusal(update("a", 1)), Errc::stale);
}

TEST_F(RoundCoordinatorTest, WhoWithdrawsIsNotAwaitedUntilItJoinsAgain) {
  create();
  core_->on_join("a", 0);
  core_->on_join("b", 0);
  const auto start = core_->on_withdrawn("c", "its notes cannot be read", 1);
  EXPECT_EQ(find<StartRound>(start)->to, (Names{"a", "b"}));
  update("a", 2);
  const auto closed = update("b", 2);
  const auto& absent = find<RoundClosed>(closed)->summary.absent;
  EXPECT_EQ(absent.at(0).cause, AbsenceCause::failed);
  EXPECT_EQ(absent.at(0).detail, "its notes cannot be read");
  // Repaired, it joins in the middle of round 2 and takes part from round 3.
  const auto joined = core_->on_join("c", 3);
  EXPECT_EQ(find<StartRound>(joined), nullptr);
  EXPECT_EQ(refusal(update("c", 3)), Errc::stale);
  update("a", 4);
  const auto next = update("b", 4);
  EXPECT_EQ(causes(find<RoundClosed>(next)->summary).at("c"), AbsenceCause::late);
  EXPECT_EQ(find<StartRound>(next)->to, (Names{"a", "b", "c"}));
}

TEST_F(RoundCoordinatorTest, WithdrawingInTheMiddleOfARoundEndsTheWait) {
  open();
  update("a", 1);
  update("b", 1);
  const auto effects = core_->on_withdrawn("c", "its disk is full", 2);
  EXPECT_EQ(causes(find<RoundClosed>(effects)->summary).at("c"), AbsenceCause::failed);
}

TEST_F(RoundCoordinatorTest, WhoComesBackWhileAwaitedGetsTheRoundAgain) {
  open();
  update("a", 1);
  core_->on_lost("b", "cut", 2);
  const auto back = core_->on_join("b", 5);
  ASSERT_NE(find<StartRound>(back), nullptr);
  EXPECT_EQ(find<StartRound>(back)->to, Names{"b"});
  EXPECT_EQ(find<StartRound>(back)->round, 1U);
  // Its answer is there: nothing is to be done but wait.
  EXPECT_EQ(find<StartRound>(core_->on_join("a", 5)), nullptr);
  update("b", 6);
  EXPECT_EQ(find<RoundClosed>(update("c", 6))->summary.contributed, (Names{"a", "b", "c"}));
}

TEST_F(RoundCoordinatorTest, WhoComesBackIsToldHowTheLastRoundEnded) {
  open();
  core_->on_lost("c", "cut", 1);
  update("a", 2);
  update("b", 2);
  const auto closed = core_->on_tick(10);  // c's grace is over
  EXPECT_EQ(find<Announce>(closed)->to, (Names{"a", "b"}));
  const auto back = core_->on_join("c", 20);
  ASSERT_NE(find<Announce>(back), nullptr);
  EXPECT_EQ(find<Announce>(back)->to, Names{"c"});
  EXPECT_EQ(causes(find<Announce>(back)->summary).at("c"), AbsenceCause::silent);
}

TEST_F(RoundCoordinatorTest, AnIdleHospitalThatIsAwaitedIsToldAgain) {
  open();
  const auto idle = [this](double now) { return core_->on_heartbeat({"a", 0, 0}, now); };
  EXPECT_EQ(find<StartRound>(idle(3)), nullptr);  // the start may be on its way
  EXPECT_EQ(find<StartRound>(beat("a", 6)), nullptr);
  EXPECT_EQ(find<StartRound>(idle(6))->to, Names{"a"});
  EXPECT_EQ(find<StartRound>(idle(7)), nullptr);
  update("a", 8);
  EXPECT_EQ(find<StartRound>(idle(20)), nullptr);
}

/// A strategy whose arithmetic goes wrong.
class BrokenStrategy : public Strategy {
 public:
  explicit BrokenStrategy(Result<std::vector<float>> result) : result_{std::move(result)} {}
  Result<std::vector<float>> apply(std::span<const float>, const Contributions&) override {
    return result_;
  }

 private:
  Result<std::vector<float>> result_;
};

TEST_F(RoundCoordinatorTest, WithoutAUsableResultTheRoundIsSkipped) {
  const float infinity = std::numeric_limits<float>::infinity();
  const std::vector<Result<std::vector<float>>> results{
      Error{Errc::mismatch, "x"}, std::vector<float>{1}, std::vector<float>{1, infinity}};
  for (const auto& result : results) {
    core_ = std::make_unique<RoundCoordinator>(config_, std::make_unique<BrokenStrategy>(result),
                                               collectors_, std::vector<float>{0, 0});
    core_->start(0);
    for (const auto& name : config_.hospitals) core_->on_join(name, 0);
    update("a", 1);
    update("b", 1);
    const auto effects = update("c", 1);
    EXPECT_EQ(find<PersistGlobal>(effects)->values, (std::vector<float>{0, 0}));
    EXPECT_EQ(find<RoundClosed>(effects)->summary.outcome, RoundOutcome::skipped);
    EXPECT_FALSE(find<RoundClosed>(effects)->summary.note.empty());
    EXPECT_EQ(find<StartRound>(effects)->round, 2U);
  }
}

}  // namespace
}  // namespace hippocrypt::federation
