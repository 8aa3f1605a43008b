#include "model/schedule.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace hippocrypt::model {
namespace {

Schedule of(ScheduleKind kind, std::uint64_t warmup, std::uint64_t steps, double peak = 1.0,
            double final_fraction = 0.1) {
  return Schedule::create({kind, peak, final_fraction, warmup, steps}).value();
}

TEST(ScheduleTest, EveryKindWarmsUpLinearlyToThePeak) {
  for (const auto kind : {ScheduleKind::constant, ScheduleKind::linear, ScheduleKind::cosine}) {
    const Schedule schedule = of(kind, 10, 100, 2.0);
    EXPECT_DOUBLE_EQ(schedule.at(0), 0.2) << to_string(kind);
    EXPECT_DOUBLE_EQ(schedule.at(4), 1.0) << to_string(kind);
    EXPECT_DOUBLE_EQ(schedule.at(9), 2.0) << to_string(kind);
    EXPECT_DOUBLE_EQ(schedule.at(10), 2.0) << to_string(kind);
  }
}

TEST(ScheduleTest, ConstantStaysLinearAndCosineFallToTheFraction) {
  const Schedule constant = of(ScheduleKind::constant, 0, 11);
  const Schedule linear = of(ScheduleKind::linear, 0, 11);
  const Schedule cosine = of(ScheduleKind::cosine, 0, 11);
  EXPECT_DOUBLE_EQ(constant.at(10), 1.0);
  for (std::uint64_t step = 0; step < 11; ++step) {
    EXPECT_NEAR(linear.at(step), 1.0 - 0.09 * static_cast<double>(step), 1e-15);
    const double turn = std::cos(std::acos(-1.0) * static_cast<double>(step) / 10.0);
    EXPECT_NEAR(cosine.at(step), 0.1 + 0.45 * (1.0 + turn), 1e-15);
  }
  EXPECT_DOUBLE_EQ(linear.at(1000), 0.1) << "beyond the end it stays";
  EXPECT_DOUBLE_EQ(cosine.at(1000), 0.1);
}

TEST(ScheduleTest, ShortTrainingsHaveARateToo) {
  EXPECT_DOUBLE_EQ(of(ScheduleKind::cosine, 0, 1).at(0), 1.0);
  EXPECT_DOUBLE_EQ(of(ScheduleKind::linear, 3, 4).at(3), 1.0);
  EXPECT_DOUBLE_EQ(of(ScheduleKind::cosine, 100, 10).at(9), 0.1) << "a warm-up that never ends";
}

TEST(ScheduleTest, RefusesWhatIsNoSchedule) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto code = [](double peak, double fraction, std::uint64_t steps) {
    return Schedule::create({ScheduleKind::linear, peak, fraction, 0, steps}).error().code;
  };
  EXPECT_EQ(code(-1.0, 0.0, 1), Errc::out_of_range);
  EXPECT_EQ(code(nan, 0.0, 1), Errc::out_of_range);
  EXPECT_EQ(code(std::numeric_limits<double>::infinity(), 0.0, 1), Errc::out_of_range);
  EXPECT_EQ(code(1.0, 1.1, 1), Errc::out_of_range);
  EXPECT_EQ(code(1.0, nan, 1), Errc::out_of_range);
  EXPECT_EQ(code(1.0, 0.0, 0), Errc::out_of_range);
}

}  // namespace
}  // namespace hippocrypt::model
