// What the engine releases from the grid, with flat and adaptive clipping.

#include <cmath>

#include <gtest/gtest.h>

#include "tests/privacy/dp_sgd/privacy_engine_fixture.hpp"

namespace hippocrypt::privacy {
namespace {

using GridReleaseTest = PrivacyEngineTest;

TEST_F(GridReleaseTest, ReleasesMultiplesOfTheGridUnitOnly) {
  params_.expected_lot = 1.0;
  PrivacyEngine engine = make_or_die();
  auto round = engine.begin_round(1, 1);
  ASSERT_TRUE(round.has_value());
  ASSERT_TRUE(round->next_lot().has_value());
  std::vector<float> out(1000);
  round->privatize(round->accumulator(1000), out);
  // sigma 1: 2^26 grid units a clip norm of 0.5; float keeps 24 bits of them.
  for (const float value : out) {
    const double integer = std::ldexp(static_cast<double>(value), 27);
    EXPECT_EQ(integer, std::nearbyint(integer));
  }
}

TEST_F(GridReleaseTest, MovesAnAdaptiveClipTowardsTheQuantile) {
  params_.sampling_rate = 1.0;
  params_.budget = infinity;
  params_.clipping = Clipping::adaptive;
  params_.noise_multiplier = 0.1;
  params_.adaptive = {0.5, 0.3, 2.0};
  params_.expected_lot = 200;
  dataset_.units = 200;
  params_.clip = 0.01;
  PrivacyEngine engine = make_or_die();
  // Norms spread evenly over (0, 2]: the median is 1.
  for (int step = 0; step < 60; ++step) {
    auto round = engine.begin_round(1, 1);
    ASSERT_TRUE(round.has_value());
    const auto members = round->next_lot().value();
    LotAccumulator lot = round->accumulator(10);
    for (const std::size_t unit : members) {
      std::vector<float> gradient(10, 0.0F);
      gradient[unit % 10] = static_cast<float>(unit + 1) / 100.0F;
      lot.add(gradient);
    }
    std::vector<float> out(10);
    round->privatize(std::move(lot), out);
  }
  auto last = engine.begin_round(1, 1);
  ASSERT_TRUE(last.has_value());
  EXPECT_NEAR(last->clip(), 1.0, 0.1);
  EXPECT_NE(ledger_->rows().back().entry.clip, 0.01);
  EXPECT_EQ(ledger_->rows().back().entry.noise_multiplier, 0.1);
}

TEST_F(GridReleaseTest, GivesAnAdaptiveGradientTheNoiseThatTheCounterLeavesIt) {
  params_.sampling_rate = 1e-12;
  params_.budget = infinity;
  params_.clipping = Clipping::adaptive;
  params_.adaptive.count_noise = 0.6;  // little, so that the gradient's must be far above sigma
  PrivacyEngine engine = make_or_die();
  auto round = engine.begin_round(1, 1);
  ASSERT_TRUE(round.has_value());
  ASSERT_TRUE(round->next_lot().has_value());
  constexpr std::size_t size = 40'000;
  std::vector<float> out(size);
  round->privatize(round->accumulator(size), out);
  double squares = 0.0;
  for (const float value : out) squares += std::pow(static_cast<double>(value) * 10.0 / 0.5, 2);
  const double variance = 1.0 / (1.0 - 1.0 / (1.2 * 1.2));  // (sigma^-2 - (2 sigma_b)^-2)^-1
  EXPECT_NEAR(squares / size / variance, 1.0, 0.036);
}

TEST_F(GridReleaseTest, RefusesACounterWithTooLittleNoise) {
  params_.clipping = Clipping::adaptive;
  params_.adaptive.count_noise = 0.5;
  EXPECT_EQ(make().error().code, Errc::invalid_config);
  EXPECT_NE(make().error().detail.find("clip_count_noise"), std::string::npos);
  params_.adaptive = {1.5, 0.2, 10};
  EXPECT_EQ(make().error().code, Errc::out_of_range);
  params_.adaptive = {0.5, 0.0, 10};
  EXPECT_EQ(make().error().code, Errc::out_of_range);
  params_.adaptive = {0.5, 0.2, infinity};
  EXPECT_EQ(make().error().code, Errc::out_of_range);
}

TEST_F(GridReleaseTest, FollowsTheSchedulesOfNoiseAndClip) {
  params_.sampling_rate = 1e-12;
  params_.budget = infinity;
  params_.noise_schedule = {StepScheduleKind::exponential, 0.25, 3, 4};  // 1, 1/2, 1/4
  params_.clip_schedule = {StepScheduleKind::linear, 1.5, 3, 4};         // 0.5, 1, 1.5
  PrivacyEngine engine = make_or_die();
  auto round = engine.begin_round(1, 3);
  ASSERT_TRUE(round.has_value());
  constexpr std::size_t size = 40'000;
  for (int step = 0; step < 3; ++step) {
    ASSERT_TRUE(round->next_lot().has_value());
    EXPECT_DOUBLE_EQ(round->clip(), 0.5 + 0.5 * step);
    std::vector<float> out(size);
    round->privatize(round->accumulator(size), out);
    const double deviation = std::ldexp(1.0, -step) * (0.5 + 0.5 * step) / 10.0;
    double squares = 0.0;
    for (const float value : out) squares += std::pow(static_cast<double>(value) / deviation, 2);
    EXPECT_NEAR(squares / size, 1.0, 0.036) << step;
  }
}

TEST_F(GridReleaseTest, ChargesEachLotWithItsOwnMultiplier) {
  params_.budget = infinity;
  params_.noise_schedule = {StepScheduleKind::linear, 3.0, 101, 4};  // 1, 1.02, ...
  params_.clip_schedule = {StepScheduleKind::linear, 1.5, 101, 4};
  PrivacyEngine engine = make_or_die();
  auto round = engine.begin_round(1, 3, 50);
  ASSERT_TRUE(round.has_value());
  for (int step = 0; step < 3; ++step) {
    ASSERT_TRUE(round->next_lot().has_value());
    std::vector<float> out(4);
    round->privatize(round->accumulator(4), out);
    const LedgerEntry& entry = ledger_->rows().back().entry;
    EXPECT_DOUBLE_EQ(entry.noise_multiplier, 2.0 + 0.02 * step);
    EXPECT_DOUBLE_EQ(entry.clip, 1.0 + 0.01 * step);
    EXPECT_EQ(entry.steps, 1U);
  }
}

TEST_F(GridReleaseTest, LooksAtASchedulesLeastNoiseBeforeARound) {
  params_.noise_schedule = {StepScheduleKind::linear, 0.3, 100, 4};
  PrivacyEngine engine = make_or_die();
  EXPECT_TRUE(engine.begin_round(1, 10, 0).has_value());
  EXPECT_EQ(engine.begin_round(1, 10, 90).error().code, Errc::budget_exhausted);
}

}  // namespace
}  // namespace hippocrypt::privacy
