// A coordinator that goes on from what was persisted.

#include "tests/federation/coordinator_fixture.hpp"

namespace hippocrypt::federation {
namespace {

using RoundResumeTest = CoordinatorTest;

SavedRun saved_in(std::uint32_t round, std::uint32_t attempt, Names participants) {
  SavedRun saved;
  saved.round = round - 1;
  saved.global = {5, 5};
  saved.attempt = PersistAttempt{round, attempt, std::move(participants), {}};
  return saved;
}

TEST_F(RoundResumeTest, GoesOnInTheAttemptThatWasOpen) {
  const auto start = resume(saved_in(2, 2, {"a", "b", "c"}));
  EXPECT_EQ(find<PersistGlobal>(start), nullptr);
  EXPECT_EQ(find<PersistAttempt>(start), nullptr);
  EXPECT_EQ(find<WakeAt>(start)->time, 10);
  const auto back = core_->on_join("b", 1);
  EXPECT_EQ(find<StartRound>(back)->round, 2U);
  EXPECT_EQ(find<StartRound>(back)->attempt, 2U);
  EXPECT_EQ(find<StartRound>(back)->values, (std::vector<float>{5, 5}));
  core_->on_join("a", 2);
  update("a", 3);
  update("b", 3);
  // c does not come back: a grace period, no more.
  const auto effects = core_->on_tick(10);
  EXPECT_EQ(find<PersistGlobal>(effects)->round, 2U);
  EXPECT_EQ(find<PersistGlobal>(effects)->values, (std::vector<float>{6, 6}));
  EXPECT_EQ(causes(find<RoundClosed>(effects)->summary).at("c"), AbsenceCause::never_joined);
}

TEST_F(RoundResumeTest, GoesOnBetweenRounds) {
  SavedRun saved;
  saved.round = 1;
  saved.global = {5, 5};
  saved.last_closed = RoundSummary{};
  saved.last_closed->round = 1;
  EXPECT_EQ(find<WakeAt>(resume(saved))->time, 10);
  const auto joined = core_->on_join("a", 1);
  EXPECT_EQ(find<Announce>(joined)->summary.round, 1U);
  // The quorum is there, but everybody has a grace period to come back.
  EXPECT_EQ(find<StartRound>(core_->on_join("c", 2)), nullptr);
  EXPECT_EQ(find<StartRound>(core_->on_join("b", 3))->round, 2U);
}

TEST_F(RoundResumeTest, WhoDoesNotComeBackIsAwaitedForAGrace) {
  SavedRun saved;
  saved.round = 1;
  saved.global = {5, 5};
  resume(saved);
  core_->on_join("a", 1);
  core_->on_join("c", 2);
  EXPECT_EQ(find<StartRound>(core_->on_tick(9.9)), nullptr);
  EXPECT_EQ(find<StartRound>(core_->on_tick(10))->to, (Names{"a", "c"}));
}

TEST_F(RoundResumeTest, AVoidAttemptStaysVoid) {
  resume(saved_in(2, 3, {}));
  core_->on_join("a", 1);
  core_->on_join("b", 1);
  const auto start = core_->on_tick(10);
  EXPECT_EQ(find<StartRound>(start)->attempt, 3U);
  EXPECT_EQ(find<PersistAttempt>(start)->participants, (Names{"a", "b"}));
}

TEST_F(RoundResumeTest, BeforeRoundOneNothingIsLost) {
  SavedRun saved;
  saved.global = {0, 0};
  resume(saved);
  core_->on_join("a", 1);
  EXPECT_EQ(find<StartRound>(core_->on_join("b", 1)), nullptr);  // c is awaited
  EXPECT_NE(find<StartRound>(core_->on_join("c", 1)), nullptr);
}

TEST_F(RoundResumeTest, AFinishedRunStaysFinished) {
  SavedRun saved;
  saved.round = 3;
  saved.global = {7, 7};
  EXPECT_NE(find<Finish>(resume(saved)), nullptr);
  EXPECT_EQ(find<Finish>(core_->on_join("a", 1))->values, (std::vector<float>{7, 7}));
}

TEST_F(RoundResumeTest, AFailedRunHasAllItsRetriesAgain) {
  SavedRun saved = saved_in(1, 3, {});
  resume(saved);
  EXPECT_FALSE(core_->failed());
  core_->on_tick(100);
  EXPECT_FALSE(core_->failed());
  core_->on_tick(200);
  EXPECT_TRUE(core_->failed());
}

TEST_F(RoundResumeTest, GoesOnInThePhaseThatWasOpen) {
  collectors_ = phased(2, 2);
  open();
  SavedRun saved = saved_in(1, 1, {"a", "b", "c"});
  saved.global = {0, 0};
  const auto keep = [&saved](const Effects& effects) {
    if (const auto* entry = find<PersistEntry>(effects)) saved.entries.push_back(entry->entry);
  };
  for (const auto* name : {"a", "b", "c"}) keep(say(name, RoundMessageKind::key_advert, 1));
  say("a", RoundMessageKind::masked_update, 2, {1, 1});
  say("b", RoundMessageKind::masked_update, 2, {3, 3});
  keep(core_->on_tick(11));
  ASSERT_EQ(saved.entries.size(), 2U);
  // Killed after the sum was persisted: it is not gathered again, only unmasked.
  resume(saved);
  const auto back = core_->on_join("a", 1);
  EXPECT_EQ(find<Send>(back)->outgoing.message.kind, RoundMessageKind::survivors);
  core_->on_join("b", 1);
  EXPECT_EQ(refusal(say("a", RoundMessageKind::masked_update, 2, {1, 1})), Errc::stale);
  say("a", RoundMessageKind::unmask_shares, 3);
  say("b", RoundMessageKind::unmask_shares, 3);
  EXPECT_EQ(core_->global(), (std::vector<float>{2, 2}));
}

TEST_F(RoundResumeTest, RefusesWhatDoesNotFit) {
  const auto error_of = [this](SavedRun saved) {
    return RoundCoordinator::resume(config_, std::make_unique<FedAvg>(), collectors_,
                                    std::move(saved), 0)
        .error()
        .code;
  };
  SavedRun longer;
  longer.round = 4;
  EXPECT_EQ(error_of(longer), Errc::mismatch);
  EXPECT_EQ(error_of(saved_in(1, 1, {"a", "x"})), Errc::mismatch);
  SavedRun another;
  another.strategy_state = {1};
  EXPECT_EQ(error_of(another), Errc::malformed);
  SavedRun masked = saved_in(1, 1, {"a", "b"});
  masked.entries.resize(1);
  EXPECT_EQ(error_of(masked), Errc::mismatch);
}

}  // namespace
}  // namespace hippocrypt::federation
