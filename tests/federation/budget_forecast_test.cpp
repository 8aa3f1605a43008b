#include "federation/plan/budget_forecast.hpp"

#include <gtest/gtest.h>

#include "privacy/dp_sgd/privacy_engine.hpp"

namespace hippocrypt::federation {
namespace {

constexpr std::size_t units = 40;

privacy::DpSgdParams params_with(double budget) {
  privacy::DpSgdParams params;
  params.sampling_rate = 0.1;
  params.noise_multiplier = 0.8;
  params.clip = 1;
  params.expected_lot = 4;
  params.delta = 1e-5;
  params.budget = budget;
  params.overflow_probability = 1e-9;
  return params;
}

RunConfig run_of(std::uint32_t rounds, std::uint32_t steps) {
  RunConfig run;
  run.rounds = rounds;
  run.steps_per_round = steps;
  return run;
}

/// What a hospital really spends, with the engine that trains.
struct RealRun {
  privacy::Ledger ledger = privacy::Ledger::in_memory().value();
  std::uint32_t rounds = 0;
  privacy::BudgetStatus status;

  void train(const RunConfig& run, const privacy::DpSgdParams& params) {
    privacy::SeededUniformSource lots{SeededSequence{1, "lots"}};
    SystemRandom noise;
    auto engine =
        privacy::PrivacyEngine::create(params, ledger, {sha256(as_bytes("data")), {}, units},
                                       {"run", "st-anna", "test"}, lots, noise, [] { return 1; })
            .value();
    for (std::uint32_t round = 1; round <= run.rounds; ++round) {
      const std::uint64_t first = (round - 1) * std::uint64_t{run.steps_per_round};
      auto permit = engine.begin_round(round, run.steps_per_round, first);
      if (!permit) continue;
      ++rounds;
      for (std::uint32_t step = 0; step < run.steps_per_round; ++step) {
        ASSERT_TRUE(permit->next_lot());
        float out = 0;
        permit->privatize(permit->accumulator(1), {&out, 1});
      }
    }
    status = engine.status(run.steps_per_round);
  }
};

void expect_same(const BudgetForecast& forecast, const RealRun& real) {
  EXPECT_EQ(forecast.after.epsilon, real.status.spent.epsilon);
  EXPECT_EQ(forecast.after.rdp.epsilon, real.status.spent.rdp.epsilon);
  EXPECT_EQ(forecast.after.pld, real.status.spent.pld);
  EXPECT_EQ(forecast.delta_total, real.status.delta_total);
  EXPECT_EQ(forecast.rounds, real.rounds);
}

TEST(BudgetForecast, IsWhatARunSpends) {
  const auto params = params_with(100);
  const auto run = run_of(3, 4);
  RealRun real;
  real.train(run, params);
  const auto forecast = forecast_budget(run, PrivacyUnit::patient, params, {}).value();
  expect_same(forecast, real);
  EXPECT_EQ(forecast.steps, 12U);
  EXPECT_EQ(forecast.last_round, 3U);
  EXPECT_EQ(forecast.before.epsilon, 0);
}

TEST(BudgetForecast, NamesTheLastRoundThatTheBudgetAllows) {
  const auto run = run_of(6, 4);
  const double after_two = forecast_budget(run_of(2, 4), PrivacyUnit::patient, params_with(100), {})
                               .value()
                               .after.epsilon;
  const auto params = params_with(after_two * 1.001);
  RealRun real;
  real.train(run, params);
  const auto forecast = forecast_budget(run, PrivacyUnit::patient, params, {}).value();
  expect_same(forecast, real);
  EXPECT_EQ(forecast.rounds, 2U);
  EXPECT_EQ(forecast.last_round, 2U);
}

TEST(BudgetForecast, ASmallBudgetAllowsNone) {
  const auto forecast =
      forecast_budget(run_of(2, 4), PrivacyUnit::patient, params_with(1e-3), {}).value();
  EXPECT_EQ(forecast.rounds, 0U);
  EXPECT_EQ(forecast.last_round, 0U);
  EXPECT_EQ(forecast.after.epsilon, 0);
}

TEST(BudgetForecast, GoesOnFromWhatTheLedgerHolds) {
  const auto params = params_with(100);
  RealRun real;
  real.train(run_of(2, 3), params);
  const std::vector<privacy::LedgerRow> before{real.ledger.rows().begin(),
                                               real.ledger.rows().end()};
  const double spent = real.status.spent.epsilon;
  real.rounds = 0;
  real.train(run_of(2, 5), params);
  const auto forecast = forecast_budget(run_of(2, 5), PrivacyUnit::patient, params, before).value();
  expect_same(forecast, real);
  EXPECT_EQ(forecast.before.epsilon, spent);
  EXPECT_EQ(forecast.steps_before, 6U);
  EXPECT_EQ(forecast.steps, 10U);
}

TEST(BudgetForecast, FollowsAScheduleOfNoise) {
  auto params = params_with(100);
  params.noise_schedule = {privacy::StepScheduleKind::linear, 0.6, 12, 4};
  RealRun real;
  real.train(run_of(3, 4), params);
  expect_same(forecast_budget(run_of(3, 4), PrivacyUnit::patient, params, {}).value(), real);
}

TEST(BudgetForecast, RefusesRowsOfAnotherUnit) {
  RealRun real;
  real.train(run_of(1, 1), params_with(100));
  const std::vector<privacy::LedgerRow> before{real.ledger.rows().begin(),
                                               real.ledger.rows().end()};
  const auto forecast = forecast_budget(run_of(1, 1), PrivacyUnit::note, params_with(100), before);
  ASSERT_FALSE(forecast);
  EXPECT_EQ(forecast.error().code, Errc::mismatch);
}

TEST(BudgetForecast, RefusesWhatNoLedgerHolds) {
  const auto forecast =
      forecast_budget(run_of(1U << 20, 2), PrivacyUnit::patient, params_with(100), {});
  ASSERT_FALSE(forecast);
  EXPECT_EQ(forecast.error().code, Errc::limit_exceeded);
}

TEST(BudgetForecast, RefusesConstantsThatNoRunAccepts) {
  auto params = params_with(100);
  params.sampling_rate = 2;
  const auto forecast = forecast_budget(run_of(1, 1), PrivacyUnit::patient, params, {});
  ASSERT_FALSE(forecast);
  EXPECT_EQ(forecast.error().code, Errc::out_of_range);
}

}  // namespace
}  // namespace hippocrypt::federation
