#include "federation/client/local_trainer.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "tests/support/tiny_site.hpp"

namespace hippocrypt::federation {
namespace {

using test_support::TinyFederation;
using test_support::TinySite;

std::string unique_name() {
  return std::string{"trainer_"} + ::testing::UnitTest::GetInstance()->current_test_info()->name();
}

class LocalTrainerTest : public ::testing::Test {
 protected:
  LocalTrainerTest() {
    tiny_.config.privacy.noise_multiplier = 0;
    tiny_.config.privacy.sampling_rate = 0.3;
    tiny_.config.training.learning_rate = 0.01;
  }
  /// The values after `steps` steps, and their reports.
  std::vector<float> train(std::uint64_t steps, std::size_t threads = 1) {
    static int run = 0;
    TinySite tiny{tiny_, std::to_string(++run) + ".sqlite", LotSource::seeded_by_step, threads};
    auto values = tiny.site->start_values();
    reports_.clear();
    const Status status = tiny.site->trainer().take_steps(
        {1, 0, steps}, values, never_, [this](const auto& report) { reports_.push_back(report); });
    EXPECT_TRUE(status) << status.error().detail;
    columns_ = std::move(tiny.oracle.columns);
    return values;
  }

  TinyFederation tiny_{unique_name()};
  std::vector<StepReport> reports_;
  std::vector<std::size_t> columns_;  // of every product
  const std::atomic<bool> never_{false};
};

TEST_F(LocalTrainerTest, AccumulatedPassesAreOneLargeOne) {
  tiny_.config.privacy.sampling_rate = 0.7;
  tiny_.config.encryption.train_tiles = 4;  // 2048 tokens
  const auto one = train(3);
  const auto losses = reports_;
  tiny_.config.encryption.train_tiles = 1;
  tiny_.config.training.accumulate = 5;  // passes of 512 tokens
  const auto several = train(3);
  ASSERT_EQ(one.size(), several.size());
  double difference = 0, norm = 0;
  for (std::size_t i = 0; i < one.size(); ++i) {
    difference += std::pow(static_cast<double>(one[i]) - static_cast<double>(several[i]), 2);
    norm += std::pow(static_cast<double>(one[i]), 2);
  }
  EXPECT_GT(norm, 0);
  EXPECT_LT(std::sqrt(difference / norm), 1e-3);
  for (std::size_t i = 0; i < losses.size(); ++i) {
    EXPECT_GT(reports_[i].tokens, 512U) << "a lot that one pass would hold shows nothing";
    EXPECT_EQ(reports_[i].tokens, losses[i].tokens);
    EXPECT_NEAR(reports_[i].loss, losses[i].loss, 1e-4);
  }
}

TEST_F(LocalTrainerTest, WorkDoesNotFollowTheLotWhereSomebodyWatches) {
  tiny_.config.encryption.train_tiles = 4;
  tiny_.config.encryption.oracle = OracleKind::plain_fp32;
  const auto alone = train(3);
  const auto losses = reports_;
  std::sort(columns_.begin(), columns_.end());
  EXPECT_LT(columns_.front(), columns_.back()) << "without a server, work follows the lot";

  tiny_.config.encryption.oracle = OracleKind::encrypted;
  const auto watched = train(3);
  EXPECT_THAT(columns_, ::testing::Each(4 * tiny_.config.encryption.tile_tokens));
  double difference = 0, norm = 0;
  for (std::size_t i = 0; i < alone.size(); ++i) {
    difference += std::pow(static_cast<double>(alone[i]) - static_cast<double>(watched[i]), 2);
    norm += std::pow(static_cast<double>(alone[i]), 2);
  }
  EXPECT_GT(norm, 0);
  EXPECT_LT(std::sqrt(difference / norm), 1e-3) << "dummies must not teach";
  for (std::size_t i = 0; i < losses.size(); ++i) {
    EXPECT_EQ(reports_[i].tokens, losses[i].tokens);
    EXPECT_NEAR(reports_[i].loss, losses[i].loss, 1e-4);
  }
}

TEST_F(LocalTrainerTest, FollowsTheScheduleOverRounds) {
  tiny_.config.run = {.name = "tiny", .seed = 1, .rounds = 2, .steps_per_round = 4};
  tiny_.config.training.schedule = ScheduleKind::linear;
  tiny_.config.training.warmup_steps = 2;
  tiny_.config.training.final_learning_rate = 0.5;
  TinySite tiny{tiny_, "schedule.sqlite"};
  std::vector<double> rates;
  for (std::uint32_t round = 1; round <= 2; ++round) {
    ASSERT_TRUE(tiny.site->trainer().train_round(
        round, 4, tiny.site->start_values(), never_,
        [&](const StepReport& report) { rates.push_back(report.learning_rate); }));
  }
  const std::vector<double> expected{0.005, 0.01, 0.01, 0.009, 0.008, 0.007, 0.006, 0.005};
  ASSERT_EQ(rates.size(), expected.size());
  for (std::size_t i = 0; i < rates.size(); ++i) EXPECT_NEAR(rates[i], expected[i], 1e-12) << i;
}

TEST_F(LocalTrainerTest, EveryConfigurationLowersTheLoss) {
  tiny_.config.privacy.sampling_rate = 1;
  tiny_.config.privacy.clip = 1e30;
  tiny_.config.encryption.train_tiles = 8;
  tiny_.config.privacy.expected_lot = 18;
  const auto expect_falling = [this](const char* what) {
    train(8);
    EXPECT_LT(reports_.back().loss, reports_.front().loss - 1e-3) << what;
  };
  expect_falling("adamw");
  tiny_.config.training.loss = LossTokens::completion;
  expect_falling("completion");
  tiny_.config.training.optimizer = OptimizerKind::sgd;
  tiny_.config.training.momentum = 0.9;
  tiny_.config.training.learning_rate = 0.5;
  expect_falling("sgd with momentum");
  tiny_.config.training.backprop = Backprop::top_gradient;
  tiny_.config.adapter.targets = {"o", "down"};
  expect_falling("top gradient");
}

TEST_F(LocalTrainerTest, ThreadsDoNotChangeTheResult) { EXPECT_EQ(train(2, 1), train(2, 3)); }

TEST_F(LocalTrainerTest, StopsBetweenStepsAndKeepsWholeOnes) {
  TinySite tiny{tiny_, "stop.sqlite"};
  std::atomic<bool> stop{false};
  auto values = tiny.site->start_values();
  const Status status = tiny.site->trainer().take_steps(
      {1, 0, 5}, values, stop, [&](const StepReport& report) { stop = report.step == 2; });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Errc::cancelled);
  EXPECT_EQ(tiny.site->trainer().steps_done(), 2U);
  EXPECT_EQ(values, train(2));
  EXPECT_EQ(tiny.site->engine().status(1).steps, 2U) << "the lots that were drawn";
}

TEST_F(LocalTrainerTest, ARestoredTrainerGoesOnBitForBit) {
  const auto whole = train(5);
  TinySite first{tiny_, "first.sqlite"}, second{tiny_, "second.sqlite"};
  auto values = first.site->start_values();
  const auto ignore = [](const StepReport&) {};
  ASSERT_TRUE(first.site->trainer().take_steps({1, 0, 3}, values, never_, ignore));
  auto& trainer = second.site->trainer();
  ASSERT_TRUE(trainer.restore(first.site->trainer().optimizer_state(), 3));
  ASSERT_TRUE(trainer.take_steps({1, 3, 2}, values, never_, ignore));
  EXPECT_EQ(trainer.steps_done(), 5U);
  EXPECT_EQ(values, whole);
  const Status wrong = trainer.restore(model::SgdState{{1.0F}}, 3);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Errc::mismatch);
}

TEST_F(LocalTrainerTest, RefusesWhatTheBudgetDoesNotAllow) {
  tiny_.config.privacy.noise_multiplier = 1;
  tiny_.config.privacy.budget = 0.01;
  TinySite tiny{tiny_, "budget.sqlite"};
  auto values = tiny.site->start_values();
  const Status status =
      tiny.site->trainer().take_steps({1, 0, 2}, values, never_, [](const StepReport&) { FAIL(); });
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, Errc::budget_exhausted);
  EXPECT_EQ(values, tiny.site->start_values());
}

TEST_F(LocalTrainerTest, SaysThatTrainingDiverged) {
  tiny_.config.training.learning_rate = 1e38;
  tiny_.config.training.optimizer = OptimizerKind::sgd;
  TinySite tiny{tiny_, "diverged.sqlite"};
  const auto update = tiny.site->trainer().train_round(1, 4, tiny.site->start_values(), never_,
                                                       [](const StepReport&) {});
  ASSERT_FALSE(update);
  EXPECT_EQ(update.error().code, Errc::not_finite);
}

}  // namespace
}  // namespace hippocrypt::federation
