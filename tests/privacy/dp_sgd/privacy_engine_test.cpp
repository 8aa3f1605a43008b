#include "privacy/dp_sgd/privacy_engine.hpp"

#include <cmath>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "privacy/accounting/overflow.hpp"
#include "privacy/ledger/budget_report.hpp"
#include "tests/privacy/dp_sgd/privacy_engine_fixture.hpp"

namespace hippocrypt::privacy {
namespace {

double epsilon_of(std::uint64_t steps) {
  const SampledGaussian event{0.02, 1.0, steps};
  BudgetAccountant account;
  account.add(event);
  return account.spent(1e-5).epsilon;
}

TEST_F(PrivacyEngineTest, ChargesEveryLotBeforeItIsDrawn) {
  PrivacyEngine engine = make_or_die();
  std::vector<std::pair<LotStage, std::size_t>> seen;  // and the rows that another connection sees
  engine.watch([&](LotStage stage) {
    seen.emplace_back(stage, open_or_die(LedgerMode::must_exist).rows().size());
  });
  auto round = engine.begin_round(1, 5);
  ASSERT_TRUE(round.has_value());
  EXPECT_EQ(round->ledger_row(), 0U);
  EXPECT_TRUE(seen.empty());
  std::vector<float> out(4);
  for (std::size_t lot = 0; lot < 2; ++lot) {
    ASSERT_TRUE(round->next_lot().has_value());
    round->privatize(round->accumulator(4), out);
    EXPECT_EQ(round->ledger_row(), lot + 1);
  }
  using Stage = LotStage;
  EXPECT_EQ(seen, (std::vector<std::pair<LotStage, std::size_t>>{{Stage::planned, 0U},
                                                                 {Stage::charged, 1U},
                                                                 {Stage::drawn, 1U},
                                                                 {Stage::summed, 1U},
                                                                 {Stage::noised, 1U},
                                                                 {Stage::planned, 1U},
                                                                 {Stage::charged, 2U},
                                                                 {Stage::drawn, 2U},
                                                                 {Stage::summed, 2U},
                                                                 {Stage::noised, 2U}}));
}

TEST_F(PrivacyEngineTest, WritesWhatItRunsIntoTheRow) {
  PrivacyEngine engine = make_or_die();
  ASSERT_TRUE(spend(engine, 1, 1).has_value());
  Ledger other = open_or_die(LedgerMode::must_exist);
  ASSERT_EQ(other.rows().size(), 1U);
  const LedgerEntry& entry = other.rows()[0].entry;
  EXPECT_EQ(entry.run, "run-a");
  EXPECT_EQ(entry.hospital, "st-elsewhere");
  EXPECT_EQ(entry.round, 1U);
  EXPECT_EQ(entry.dataset, dataset_.fingerprint);
  EXPECT_EQ(entry.unit, PrivacyUnit::patient);
  EXPECT_EQ(entry.relation, NeighbouringRelation::add_remove);
  EXPECT_EQ(entry.mechanism, Mechanism::poisson_sampled_gaussian);
  EXPECT_EQ(entry.clipping, Clipping::flat);
  EXPECT_EQ(entry.noise, NoiseKind::discrete_gaussian);
  EXPECT_EQ(entry.sampler, "seeded_simulation");
  EXPECT_EQ(entry.noise_source, "injected_random");
  EXPECT_EQ(entry.clipping, Clipping::flat);
  EXPECT_EQ(entry.noise, NoiseKind::discrete_gaussian);
  EXPECT_EQ(entry.sampling_rate, 0.02);
  EXPECT_EQ(entry.noise_multiplier, 1.0);
  EXPECT_EQ(entry.clip, 0.5);
  EXPECT_EQ(entry.steps, 1U);
  EXPECT_EQ(entry.delta, 1e-5);
  EXPECT_EQ(entry.unix_time_s, 1'700'000'000);
  EXPECT_EQ(entry.software_version, "0.1.0");
}

TEST_F(PrivacyEngineTest, SpendsWhatTheFormulaSaysAndNeverLess) {
  PrivacyEngine engine = make_or_die();
  EXPECT_EQ(engine.status(10).spent.epsilon, 0.0);
  double last = 0.0;
  for (std::uint64_t round = 1; round <= 8; ++round) {
    ASSERT_TRUE(spend(engine, round, 10).has_value());
    const BudgetStatus status = engine.status(10);
    EXPECT_EQ(status.spent.epsilon, epsilon_of(10 * round));
    EXPECT_GT(status.spent.epsilon, last);
    EXPECT_EQ(status.steps, 10 * round);
    EXPECT_DOUBLE_EQ(status.remaining, 2.0 - status.spent.epsilon);
    EXPECT_EQ(status.delta_total, 1e-5);
    last = status.spent.epsilon;
  }
}

TEST_F(PrivacyEngineTest, RefusesTheRoundThatWouldExceedTheBudget) {
  PrivacyEngine engine = make_or_die();
  const std::uint64_t fit = engine.status(10).rounds_that_fit;
  ASSERT_GT(fit, 3U);
  for (std::uint64_t round = 1; round <= fit; ++round) {
    ASSERT_TRUE(spend(engine, round, 10).has_value()) << round;
    EXPECT_EQ(engine.status(10).rounds_that_fit, fit - round);
  }
  const auto refused = engine.begin_round(fit + 1, 10);
  ASSERT_FALSE(refused.has_value());
  EXPECT_EQ(refused.error().code, Errc::budget_exhausted);
  EXPECT_NE(refused.error().detail.find("budget is 2"), std::string::npos)
      << refused.error().detail;
  EXPECT_EQ(ledger_->rows().size(), 10 * fit);
  EXPECT_LE(engine.status(10).spent.epsilon, 2.0);
  // Fewer steps may still fit.
  if (engine.status(1).rounds_that_fit > 0) {
    EXPECT_TRUE(engine.begin_round(fit + 1, 1).has_value());
  }
}

TEST_F(PrivacyEngineTest, StartsWhereTheLastRunOnTheseDataEnded) {
  {
    PrivacyEngine first = make_or_die("run-a");
    ASSERT_TRUE(spend(first, 1, 60).has_value());
  }
  ledger_.emplace(open_or_die(LedgerMode::must_exist));
  PrivacyEngine second = make_or_die("run-b");
  EXPECT_EQ(second.status(10).spent.epsilon, epsilon_of(60));
  ASSERT_TRUE(spend(second, 1, 10).has_value());
  EXPECT_EQ(second.status(10).spent.epsilon, epsilon_of(70));
  dataset_.fingerprint.fill(4);
  EXPECT_EQ(make_or_die("run-c").status(10).spent.epsilon, 0.0);
}

TEST_F(PrivacyEngineTest, CountsWhatAnotherProcessSpentInTheMeantime) {
  PrivacyEngine engine = make_or_die();
  Ledger other = open_or_die();
  auto rival = PrivacyEngine::create(params_, other, dataset_, {"run-b", "st-elsewhere", "0.1.0"},
                                     sampler_, noise_, [] { return std::int64_t{0}; });
  ASSERT_TRUE(rival.has_value());
  std::uint64_t granted = 0;
  while (true) {
    PrivacyEngine& turn = granted % 2 == 0 ? engine : *rival;
    const auto spent = spend(turn, granted, 10);
    if (!spent.has_value()) {
      EXPECT_EQ(spent.error().code, Errc::budget_exhausted);
      break;
    }
    ++granted;
  }
  EXPECT_EQ(granted, BudgetAccountant{}.rounds_that_fit({0.02, 1.0, 10}, 1e-5, 2.0));
  EXPECT_GT(granted, rounds_that_fit({}, {0.02, 1.0, 10}, 1e-5, 2.0)) << "RDP would grant fewer";
}

TEST_F(PrivacyEngineTest, NeverExceedsTheBudgetThoughTwoRoundsAreUnderWay) {
  // Both rounds were found to fit while nothing was charged; together they do not.
  PrivacyEngine engine = make_or_die();
  Ledger other = open_or_die();
  auto rival = PrivacyEngine::create(params_, other, dataset_, {"run-b", "st-elsewhere", "0.1.0"},
                                     sampler_, noise_, [] { return std::int64_t{0}; });
  ASSERT_TRUE(rival.has_value());
  const std::uint64_t fit = engine.status(1).rounds_that_fit;
  auto mine = engine.begin_round(1, fit);
  auto theirs = rival->begin_round(1, fit);
  ASSERT_TRUE(mine.has_value() && theirs.has_value());
  std::vector<float> out(1);
  std::uint64_t taken = 0;
  Status refused;
  while (refused.has_value()) {
    PrivateRound& turn = taken % 2 == 0 ? *mine : *theirs;
    const auto lot = turn.next_lot();
    if (lot.has_value()) {
      turn.privatize(turn.accumulator(1), out);
      ++taken;
    } else {
      refused = lot.error();
    }
  }
  EXPECT_EQ(refused.error().code, Errc::budget_exhausted);
  EXPECT_EQ(taken, fit);
  ASSERT_TRUE(ledger_->refresh().has_value());
  EXPECT_EQ(ledger_->rows().size(), fit);
  EXPECT_LE(engine.status(1).spent.epsilon, 2.0);
}

TEST_F(PrivacyEngineTest, ChargesARepeatedRoundAgain) {
  PrivacyEngine engine = make_or_die();
  ASSERT_TRUE(spend(engine, 1, 10).has_value());
  ASSERT_TRUE(spend(engine, 1, 10).has_value());
  EXPECT_EQ(engine.status(10).spent.epsilon, epsilon_of(20));
}

TEST_F(PrivacyEngineTest, ARoundThatEndsEarlyCostsTheLotsThatWereDrawn) {
  PrivacyEngine engine = make_or_die();
  {
    auto round = engine.begin_round(1, 50);
    ASSERT_TRUE(round.has_value());
    std::vector<float> out(1);
    for (int lot = 0; lot < 3; ++lot) {
      ASSERT_TRUE(round->next_lot().has_value());
      round->privatize(round->accumulator(1), out);
    }
  }
  EXPECT_EQ(engine.status(10).spent.epsilon, epsilon_of(3));
}

TEST_F(PrivacyEngineTest, TrainsWithoutPrivacyOnlyUnderAnInfiniteBudget) {
  params_.noise_multiplier = 0.0;
  EXPECT_EQ(make().error().code, Errc::invalid_config);
  params_.budget = infinity;
  PrivacyEngine open_ended = make_or_die();
  ASSERT_TRUE(spend(open_ended, 1, 1).has_value());
  EXPECT_EQ(open_ended.status(1).spent.epsilon, infinity);
  EXPECT_EQ(open_ended.status(1).rounds_that_fit, max_counted_rounds);
  // What was released without noise cannot be taken back by a later, careful run.
  params_.noise_multiplier = 5.0;
  params_.budget = 100.0;
  EXPECT_EQ(make_or_die("run-b").begin_round(1, 1).error().code, Errc::budget_exhausted);
}

TEST_F(PrivacyEngineTest, RefusesImpossibleSettings) {
  const DpSgdParams good = params_;
  params_.delta = 0.0;
  EXPECT_EQ(make().error().code, Errc::out_of_range);
  params_ = good;
  dataset_.units = 0;
  EXPECT_EQ(make().error().code, Errc::out_of_range);
  dataset_.units = 10;
  EXPECT_EQ(make("").error().code, Errc::out_of_range);
  EXPECT_EQ(make(std::string(300, 'x')).error().code, Errc::out_of_range);
  PrivacyEngine engine = make_or_die();
  EXPECT_EQ(engine.begin_round(1, 0).error().code, Errc::out_of_range);
  EXPECT_EQ(engine.begin_round(1, UINT64_MAX).error().code, Errc::out_of_range);
  EXPECT_EQ(engine.begin_round(1, max_ledger_rows + 1).error().code, Errc::limit_exceeded);
  EXPECT_TRUE(ledger_->rows().empty());
}

TEST_F(PrivacyEngineTest, RefusesAnotherUnitOnTheSameData) {
  PrivacyEngine patients = make_or_die();
  ASSERT_TRUE(spend(patients, 1, 1).has_value());
  dataset_.unit = PrivacyUnit::note;
  EXPECT_EQ(make().error().code, Errc::mismatch);
}

TEST_F(PrivacyEngineTest, NoticesAnotherUnitThatCameLater) {
  dataset_.unit = PrivacyUnit::note;
  PrivacyEngine notes = make_or_die();
  LedgerEntry entry = sample_entry(1);
  entry.dataset = dataset_.fingerprint;
  ASSERT_TRUE(ledger_->charge(entry).has_value());
  EXPECT_EQ(notes.begin_round(1, 1).error().code, Errc::mismatch);
}

TEST_F(PrivacyEngineTest, PassesOnTheLedgersErrors) {
  PrivacyEngine engine = make_or_die();
  auto round = engine.begin_round(1, 2);
  ASSERT_TRUE(round.has_value());
  std::vector<float> out(1);
  ASSERT_TRUE(round->next_lot().has_value());
  round->privatize(round->accumulator(1), out);
  force_sql("UPDATE head SET rows = 0");
  EXPECT_EQ(round->next_lot().error().code, Errc::tampered);
  EXPECT_EQ(round->steps_left(), 1U);
  EXPECT_EQ(engine.begin_round(2, 1).error().code, Errc::tampered);
}

TEST_F(PrivacyEngineTest, AddsNoiseOfSigmaTimesClipAndDividesByTheConstant) {
  params_.sampling_rate = 1.0;
  params_.budget = infinity;
  dataset_.units = 3;
  PrivacyEngine engine = make_or_die();
  auto round = engine.begin_round(1, 1);
  ASSERT_TRUE(round.has_value());
  constexpr std::size_t size = 40'000;
  LotAccumulator lot = round->accumulator(size);
  EXPECT_EQ(lot.rule().clip, 0.5);
  ASSERT_EQ(round->next_lot().value().size(), 3U);
  std::vector<float> gradient(size, 0.0F);
  gradient[0] = 1000.0F;
  for (int unit = 0; unit < 3; ++unit) lot.add(gradient);
  std::vector<float> out(size);
  round->privatize(std::move(lot), out);
  double squares = 0.0;
  for (std::size_t i = 1; i < size; ++i) {
    const double value = static_cast<double>(out[i]) * 10.0 / 0.5;  // undo the divisor and the clip
    squares += value * value;
  }
  // Chi-square with 39,999 degrees: five deviations are 3.5 %.
  EXPECT_NEAR(squares / (size - 1), 1.0, 0.036);
  // Three clipped gradients, 0.5 each, over 10, within six deviations of the noise (0.05).
  EXPECT_NEAR(static_cast<double>(out[0]), 0.15, 0.3);
}

TEST_F(PrivacyEngineTest, AddsNoiseToEmptyLots) {
  params_.sampling_rate = 1e-12;
  PrivacyEngine engine = make_or_die();
  auto round = engine.begin_round(1, 2);
  ASSERT_TRUE(round.has_value());
  std::vector<float> last(100, 0.0F);
  for (int step = 0; step < 2; ++step) {
    EXPECT_TRUE(round->next_lot().value().empty());
    std::vector<float> out(100, 0.0F);
    round->privatize(round->accumulator(100), out);
    for (const float value : out) EXPECT_NE(value, 0.0F);
    EXPECT_NE(out, last);
    last = out;
  }
  EXPECT_EQ(round->steps_left(), 0U);
}

TEST_F(PrivacyEngineTest, GivesTheExactMeanWithoutNoise) {
  params_.sampling_rate = 1.0;
  params_.noise_multiplier = 0.0;
  params_.budget = infinity;
  dataset_.units = 2;
  PrivacyEngine engine = make_or_die();
  auto round = engine.begin_round(1, 1);
  ASSERT_TRUE(round.has_value());
  ASSERT_TRUE(round->next_lot().has_value());
  LotAccumulator lot = round->accumulator(2);
  lot.add(std::vector<float>{0.25F, 0.0F});
  lot.add(std::vector<float>{0.0F, -0.25F});
  std::vector<float> out(2);
  round->privatize(std::move(lot), out);
  EXPECT_FLOAT_EQ(out[0], 0.025F);
  EXPECT_FLOAT_EQ(out[1], -0.025F);
}

TEST_F(PrivacyEngineTest, DropsUnitsThatDoNotFitAndShowsWhatItCosts) {
  params_.sampling_rate = 1.0;
  params_.noise_multiplier = 20.0;
  params_.overflow_probability = 1e-9;
  dataset_.units = 10;
  PrivacyEngine engine = make_or_die();
  auto round = engine.begin_round(1, 1);
  ASSERT_TRUE(round.has_value());
  const std::vector<std::uint32_t> lengths(10, 100);
  EXPECT_EQ(round->next_lot({lengths, 450}).value().size(), 4U);
  const BudgetStatus status = engine.status(1);
  EXPECT_DOUBLE_EQ(status.delta_total, 1e-5 + overflow_delta(1e-9, 1, status.spent.epsilon));
  EXPECT_EQ(engine.delta_total(), status.delta_total);
}

TEST_F(PrivacyEngineTest, MovesRounds) {
  PrivacyEngine engine = make_or_die();
  auto first = engine.begin_round(1, 3);
  ASSERT_TRUE(first.has_value());
  PrivateRound round = std::move(first).value();
  PrivateRound moved = std::move(round);
  EXPECT_EQ(moved.steps_left(), 3U);
  ASSERT_TRUE(moved.next_lot().has_value());
  EXPECT_EQ(moved.steps_left(), 2U);
}

}  // namespace
}  // namespace hippocrypt::privacy
