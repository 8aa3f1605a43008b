#include "federation/client/solo_trainer.hpp"

#include <gtest/gtest.h>

#include "tests/support/tiny_site.hpp"

namespace hippocrypt::federation {
namespace {

using test_support::TinyFederation;
using test_support::TinySite;

TEST(SoloPlanTest, StretchesEndAtRoundsAndCheckpoints) {
  const SoloPlan plan{3, 4, 5};
  std::vector<std::uint64_t> ends, rounds;
  for (std::uint64_t done = 0; done < plan.total_steps();) {
    const Stretch stretch = next_stretch(plan, done);
    EXPECT_EQ(stretch.first_step, done);
    done += stretch.count;
    ends.push_back(done);
    rounds.push_back(stretch.round);
  }
  EXPECT_EQ(ends, (std::vector<std::uint64_t>{4, 5, 8, 10, 12}));
  EXPECT_EQ(rounds, (std::vector<std::uint64_t>{1, 2, 2, 3, 3}));
  EXPECT_EQ(next_stretch(plan, 6).count, 2U) << "a run may go on anywhere";
}

class SoloTrainerTest : public ::testing::Test {
 protected:
  SoloTrainerTest()
      : tiny_{std::string{"solo_"} +
              ::testing::UnitTest::GetInstance()->current_test_info()->name()} {
    tiny_.config.privacy.noise_multiplier = 0;
    tiny_.config.privacy.sampling_rate = 0.3;
    tiny_.config.training.learning_rate = 0.01;
    tiny_.config.training.schedule = ScheduleKind::cosine;
    tiny_.config.run = {.name = "solo", .seed = 3, .rounds = 3, .steps_per_round = 3};
  }
  Status train(TinySite& tiny, std::vector<float>& values, std::uint64_t stop_after = 1000) {
    std::atomic<bool> stop{false};
    return train_solo(
        tiny.site->trainer(), plan_, values, stop,
        [&](const StepReport& report) { stop = report.step == stop_after; },
        [&] {
          kept_.push_back(tiny.site->trainer().steps_done());
          saved_values_ = values;
          saved_optimizer_ = tiny.site->trainer().optimizer_state();
          return Status{};
        });
  }

  TinyFederation tiny_;
  SoloPlan plan_{3, 3, 4};
  std::vector<std::uint64_t> kept_;
  std::vector<float> saved_values_;
  OptimizerState saved_optimizer_;
};

TEST_F(SoloTrainerTest, AnInterruptedRunGoesOnBitForBit) {
  TinySite whole{tiny_, "whole.sqlite"};
  auto expected = whole.site->start_values();
  ASSERT_TRUE(train(whole, expected));
  EXPECT_EQ(kept_, (std::vector<std::uint64_t>{4, 8, 9}));
  for (const std::uint64_t stop_after : {1U, 3U, 4U, 7U}) {
    TinySite first{tiny_, "first" + std::to_string(stop_after) + ".sqlite"};
    auto values = first.site->start_values();
    const Status stopped = train(first, values, stop_after);
    ASSERT_FALSE(stopped);
    EXPECT_EQ(stopped.error().code, Errc::cancelled);
    EXPECT_EQ(kept_.back(), stop_after);
    TinySite second{tiny_, "second" + std::to_string(stop_after) + ".sqlite"};
    auto resumed = saved_values_;
    ASSERT_TRUE(second.site->trainer().restore(saved_optimizer_, stop_after));
    ASSERT_TRUE(train(second, resumed));
    EXPECT_EQ(resumed, expected) << stop_after;
  }
}

TEST_F(SoloTrainerTest, TheLedgerIsChargedBeforeAndNeverRefunded) {
  tiny_.config.privacy.noise_multiplier = 1;
  TinySite first{tiny_, "ledger.sqlite", LotSource::secret};
  auto values = first.site->start_values();
  ASSERT_FALSE(train(first, values, 2));
  EXPECT_EQ(first.site->engine().status(1).steps, 2U) << "the lots that were drawn";
  TinySite second{tiny_, "ledger.sqlite", LotSource::secret};
  ASSERT_TRUE(second.site->trainer().restore(saved_optimizer_, 2));
  ASSERT_TRUE(train(second, values));
  EXPECT_EQ(second.site->engine().status(1).steps, 2U + 7U);
}

TEST_F(SoloTrainerTest, ASpentBudgetKeepsWhatWasReached) {
  tiny_.config.privacy.noise_multiplier = 1;
  TinySite probe{tiny_, "probe.sqlite"};
  auto values = probe.site->start_values();
  const std::atomic<bool> never{false};
  ASSERT_TRUE(probe.site->trainer().take_steps({1, 0, 5}, values, never, [](const auto&) {}));
  tiny_.config.privacy.budget = probe.site->engine().status(1).spent.epsilon;
  TinySite tiny{tiny_, "budget.sqlite"};
  values = tiny.site->start_values();
  const Status status = train(tiny, values);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Errc::budget_exhausted);
  EXPECT_EQ(kept_, (std::vector<std::uint64_t>{4, 4})) << "due, and before the error";
}

TEST_F(SoloTrainerTest, ADivergedTrainingIsNotKept) {
  tiny_.config.training.learning_rate = 3e38;
  tiny_.config.training.schedule = ScheduleKind::constant;
  tiny_.config.privacy.expected_lot = 0.01;  // beyond the largest float at the first step
  tiny_.config.training.optimizer = OptimizerKind::sgd;
  TinySite tiny{tiny_, "diverged.sqlite"};
  auto values = tiny.site->start_values();
  const Status status = train(tiny, values);
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Errc::not_finite);
  EXPECT_TRUE(kept_.empty());
}

TEST_F(SoloTrainerTest, AnErrorOfTheKeeperEndsTheRun) {
  TinySite tiny{tiny_, "keeper.sqlite"};
  auto values = tiny.site->start_values();
  const std::atomic<bool> never{false};
  const Status status = train_solo(
      tiny.site->trainer(), plan_, values, never, [](const auto&) {},
      [] {
        return Status{Error{Errc::io, "full"}};
      });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Errc::io);
  EXPECT_EQ(tiny.site->trainer().steps_done(), 4U);
}

}  // namespace
}  // namespace hippocrypt::federation
