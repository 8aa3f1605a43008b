#include "privacy/dp_sgd/step_schedule.hpp"

#include <gtest/gtest.h>

#include "privacy/dp_sgd/dp_sgd_params.hpp"

namespace hippocrypt::privacy {
namespace {

TEST(StepSchedule, RunsFromTheFirstValueToTheLast) {
  for (const auto kind :
       {StepScheduleKind::linear, StepScheduleKind::exponential, StepScheduleKind::step}) {
    const StepSchedule schedule{kind, 0.5, 100, 4};
    EXPECT_DOUBLE_EQ(schedule.at(2.0, 0), 2.0);
    EXPECT_DOUBLE_EQ(schedule.at(2.0, 99), 0.5);
    EXPECT_DOUBLE_EQ(schedule.at(2.0, 1'000'000), 0.5);
    double before = 2.0;
    for (std::uint64_t step = 0; step < 100; ++step) {
      EXPECT_LE(schedule.at(2.0, step), before);
      before = schedule.at(2.0, step);
    }
  }
}

TEST(StepSchedule, HasItsKindsValues) {
  EXPECT_DOUBLE_EQ((StepSchedule{StepScheduleKind::linear, 1.0, 11, 4}).at(2.0, 5), 1.5);
  EXPECT_NEAR((StepSchedule{StepScheduleKind::exponential, 1.0, 11, 4}).at(4.0, 5), 2.0, 1e-15);
  const StepSchedule stages{StepScheduleKind::step, 1.0, 12, 3};
  const double expected[] = {4, 4, 4, 4, 2, 2, 2, 2, 1, 1, 1, 1};
  for (std::uint64_t step = 0; step < 12; ++step) {
    EXPECT_NEAR(stages.at(4.0, step), expected[step], 1e-15) << step;
  }
  EXPECT_EQ((StepSchedule{}).at(3.0, 77), 3.0);
  EXPECT_EQ((StepSchedule{StepScheduleKind::linear, 1.0, 1, 4}).at(3.0, 0), 3.0);
}

TEST(StepSchedule, TheSmallestMultiplierIsThatOfSomeStep) {
  DpSgdParams params;
  params.noise_multiplier = 1.0;
  params.noise_schedule = {StepScheduleKind::linear, 2.0, 5, 4};
  EXPECT_DOUBLE_EQ(params.smallest_multiplier(1, 3), 1.25);
  params.noise_schedule.last = 0.2;
  EXPECT_DOUBLE_EQ(params.smallest_multiplier(1, 3), 0.4);
  EXPECT_DOUBLE_EQ(params.smallest_multiplier(1, 1), 0.8);
}

TEST(StepSchedule, RefusesWhatHasNoPrivacyOrNoMeaning) {
  DpSgdParams params{.sampling_rate = 0.1,
                     .noise_multiplier = 1.0,
                     .clip = 1.0,
                     .expected_lot = 4.0,
                     .delta = 1e-5,
                     .budget = 1.0,
                     .overflow_probability = 0.0};
  params.noise_schedule = {StepScheduleKind::linear, 0.5, 10, 4};
  params.clip_schedule = {StepScheduleKind::exponential, 0.5, 10, 4};
  EXPECT_TRUE(params.check());
  DpSgdParams bad = params;
  bad.noise_schedule.last = 0.0;
  EXPECT_EQ(bad.check().error().code, Errc::out_of_range);
  bad = params;
  bad.clip_schedule.last = -1.0;
  EXPECT_EQ(bad.check().error().code, Errc::out_of_range);
  bad = params;
  bad.clipping = Clipping::adaptive;
  EXPECT_EQ(bad.check().error().code, Errc::invalid_config);
  bad = params;
  bad.noise_multiplier = 0.0;
  bad.budget = std::numeric_limits<double>::infinity();
  EXPECT_EQ(bad.check().error().code, Errc::out_of_range);
}

}  // namespace
}  // namespace hippocrypt::privacy
