#include "privacy/ledger/budget_report.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "privacy/accounting/overflow.hpp"
#include "tests/privacy/golden.hpp"
#include "tests/privacy/ledger/ledger_fixture.hpp"

namespace hippocrypt::privacy {
namespace {

std::vector<LedgerRow> rows_of(const std::vector<LedgerEntry>& entries) {
  std::vector<LedgerRow> rows;
  for (const LedgerEntry& entry : entries)
    rows.push_back({rows.size() + 1, ledger_row_version, entry, {}, {}});
  return rows;
}

TEST(BudgetReport, IsEmptyForAnUnknownDataSet) {
  const auto report = budget_report({}, 1e-5, 3.0, Hash256{});
  ASSERT_TRUE(report.has_value());
  EXPECT_TRUE(report->rows.empty());
  EXPECT_EQ(report->spent.epsilon, 0.0);
  EXPECT_EQ(report->remaining, 3.0);
  EXPECT_EQ(report->delta_total, 1e-5);
  EXPECT_EQ(report->rounds_that_fit, 0U);
}

TEST(BudgetReport, AccumulatesRowByRow) {
  LedgerEntry other = sample_entry(9);
  other.dataset.fill(9);
  const auto rows = rows_of({sample_entry(1), other, sample_entry(2), sample_entry(3)});
  const auto report = budget_report(rows, 1e-6, 3.0, sample_entry(1).dataset);
  ASSERT_TRUE(report.has_value());
  ASSERT_EQ(report->rows.size(), 3U);
  for (std::size_t i = 0; i < 3; ++i) {
    const SampledGaussian event{0.02, 1.1, 10 * (i + 1)};
    EXPECT_EQ(report->rows[i].rdp, rdp_epsilon({&event, 1}, 1e-6).epsilon);
    ASSERT_TRUE(report->rows[i].pld.has_value());
    EXPECT_EQ(*report->rows[i].pld, *pld_epsilon({&event, 1}, 1e-6));
    EXPECT_EQ(report->rows[i].epsilon, *report->rows[i].pld);
    EXPECT_EQ(report->rows[i].round, i + 1);
    EXPECT_EQ(report->rows[i].run, "run-1");
  }
  EXPECT_EQ(report->rows[1].id, 3U);
  EXPECT_EQ(report->spent.epsilon, report->rows.back().epsilon);
  EXPECT_EQ(report->steps, 30U);
  EXPECT_DOUBLE_EQ(report->remaining, 3.0 - report->spent.epsilon);
  EXPECT_DOUBLE_EQ(report->delta_total, 1e-6 + overflow_delta(1e-12, 30, report->spent.epsilon));
  BudgetAccountant account;
  account.add({0.02, 1.1, 30});
  EXPECT_EQ(report->rounds_that_fit, account.rounds_that_fit({0.02, 1.1, 10}, 1e-6, 3.0));
  EXPECT_EQ(report->events().size(), 3U);
}

TEST(BudgetReport, CountsWholeRoundsWhereSigmaFollowsASchedule) {
  std::vector<LedgerEntry> lots;
  for (const double sigma : {1.4, 1.2, 1.3}) {
    LedgerEntry lot = sample_entry(2);
    lot.noise_multiplier = sigma;
    lots.push_back(lot);
  }
  const auto report = budget_report(rows_of(lots), 1e-6, 3.0, sample_entry(1).dataset);
  ASSERT_TRUE(report.has_value());
  ASSERT_EQ(report->rows.size(), 3U);
  BudgetAccountant account;
  for (const SampledGaussian& event : report->events()) account.add(event);
  EXPECT_EQ(report->rounds_that_fit, account.rounds_that_fit({0.02, 1.2, 30}, 1e-6, 3.0));
  EXPECT_LT(report->rounds_that_fit, account.rounds_that_fit({0.02, 1.3, 10}, 1e-6, 3.0));
}

TEST(BudgetReport, ShowsTheLotsOfARoundAsOneRow) {
  std::vector<LedgerEntry> entries;
  for (const std::uint64_t round : {1U, 1U, 1U, 2U, 2U}) {
    entries.push_back(sample_entry(round));
    entries.back().steps = 1;
    entries.back().unix_time_s += static_cast<std::int64_t>(10 * entries.size());
  }
  entries.push_back(sample_entry(2));  // a schedule changed the noise
  entries.back().noise_multiplier = 1.3;
  entries.push_back(sample_entry(2));
  entries.back().run = "run-2";
  const auto report = budget_report(rows_of(entries), 1e-6, 3.0, sample_entry(1).dataset);
  ASSERT_TRUE(report.has_value());
  ASSERT_EQ(report->rows.size(), 4U);
  EXPECT_EQ(report->rows[0].steps, 3U);
  EXPECT_EQ(report->rows[0].id, 3U);
  EXPECT_EQ(report->rows[0].unix_time_s, entries[2].unix_time_s);
  const SampledGaussian three{0.02, 1.1, 3};
  EXPECT_EQ(report->rows[0].rdp, rdp_epsilon({&three, 1}, 1e-6).epsilon);
  EXPECT_EQ(report->rows[0].epsilon, *pld_epsilon({&three, 1}, 1e-6));
  EXPECT_EQ(report->rows[1].steps, 2U);
  EXPECT_EQ(report->rows[2].noise_multiplier, 1.3);
  EXPECT_EQ(report->rows[3].run, "run-2");
  EXPECT_EQ(report->steps, 25U);
  EXPECT_EQ(report->spent.epsilon, report->rows[3].epsilon);
}

TEST(BudgetReport, ShowsTheGoldenFigures) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  // Sixty rounds of a ledger, however they are cut into rows, must give the table's figure.
  const auto goldens = read_golden("rdp_gaussian.csv");
  HIPPOCRYPT_NEEDS_GOLDEN(goldens);
  for (const GoldenRow& golden : goldens) {
    auto left = static_cast<std::uint64_t>(number(golden, "steps"));
    std::vector<LedgerEntry> entries;
    while (left > 0) {
      LedgerEntry entry = sample_entry(entries.size());
      entry.sampling_rate = number(golden, "q");
      entry.noise_multiplier = number(golden, "sigma");
      entry.steps = entries.size() == 59 ? left : std::min<std::uint64_t>(left, 1 + left / 50);
      left -= entry.steps;
      entries.push_back(entry);
    }
    const auto rows = rows_of(entries);
    const auto report = budget_report(rows, number(golden, "delta"), infinity,
                                      sample_entry(0).dataset, {.most_pld_rows = 1});
    ASSERT_TRUE(report.has_value());
    EXPECT_NEAR(report->spent.rdp.epsilon, number(golden, "eps_rdp"), 1e-9) << golden.at("source");
    ASSERT_TRUE(report->spent.pld.has_value());
    EXPECT_NEAR(*report->spent.pld, number(golden, "eps_pld_fine"), 5e-4) << golden.at("source");
    EXPECT_TRUE(report->rows.back().pld.has_value());
    const auto tight =
        std::count_if(report->rows.begin(), report->rows.end(),
                      [](const BudgetReportRow& row) { return row.pld.has_value(); });
    EXPECT_EQ(tight, 1);
    for (std::size_t i = 1; i < report->rows.size(); ++i) {
      EXPECT_GE(report->rows[i].epsilon, report->rows[i - 1].epsilon);
    }
  }
}

TEST(BudgetReport, IsTheAccountOfAllRoundsAndOfOneDataSetOnly) {
  // What a report would say that forgot the rounds before, and one that added up epsilons.
  const auto rows = rows_of({sample_entry(1), sample_entry(2), sample_entry(3)});
  const auto report = budget_report(rows, 1e-6, 3.0, sample_entry(1).dataset);
  ASSERT_TRUE(report.has_value());
  const SampledGaussian round = sample_entry(1).event();
  const double reset_each_round = *pld_epsilon({&round, 1}, 1e-6);
  const double summed = 3.0 * reset_each_round;
  EXPECT_GT(report->spent.epsilon, 1.2 * reset_each_round);
  EXPECT_LT(report->spent.epsilon, 0.8 * summed);
  const SampledGaussian all{round.sampling_rate, round.noise_multiplier, 3 * round.steps};
  EXPECT_EQ(report->spent.epsilon, *pld_epsilon({&all, 1}, 1e-6));
}

TEST(BudgetReport, RefusesRowsOfBothUnits) {
  LedgerEntry note = sample_entry(2);
  note.unit = PrivacyUnit::note;
  const auto rows = rows_of({sample_entry(1), note});
  const auto report = budget_report(rows, 1e-5, 3.0, note.dataset);
  ASSERT_FALSE(report.has_value());
  EXPECT_EQ(report.error().code, Errc::mismatch);
}

TEST(BudgetReport, RefusesImpossibleQuestions) {
  EXPECT_EQ(budget_report({}, 0.0, 3.0, {}).error().code, Errc::out_of_range);
  EXPECT_EQ(budget_report({}, std::nan(""), 3.0, {}).error().code, Errc::out_of_range);
  EXPECT_EQ(budget_report({}, 1e-5, 0.0, {}).error().code, Errc::out_of_range);
  EXPECT_EQ(budget_report({}, 1e-5, std::nan(""), {}).error().code, Errc::out_of_range);
}

}  // namespace
}  // namespace hippocrypt::privacy
