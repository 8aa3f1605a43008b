#include "privacy/dp_forward/forward_account.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "privacy/accounting/analytic_gaussian.hpp"
#include "tests/privacy/golden.hpp"
#include "tests/privacy/ledger/ledger_fixture.hpp"

namespace hippocrypt::privacy {
namespace {

LedgerRow forward_row(double noise_multiplier, std::uint64_t steps = 1) {
  LedgerRow row;
  row.entry = sample_entry(0);
  row.entry.mechanism = Mechanism::matrix_gaussian;
  row.entry.unit = PrivacyUnit::sequence;
  row.entry.relation = NeighbouringRelation::any_pair;
  row.entry.noise_multiplier = noise_multiplier;
  row.entry.steps = steps;
  return row;
}

TEST(ForwardAccount, IsExactForOneRelease) {
  const auto rows = read_golden("gaussian_analytic_inverse.csv");
  HIPPOCRYPT_NEEDS_GOLDEN(rows);
  for (const GoldenRow& row : rows) {
    ForwardAccount account;
    account.add(number(row, "sigma"), 1);
    EXPECT_NEAR(account.epsilon(number(row, "delta")) / number(row, "eps_exact"), 1.0, 1e-10);
  }
}

TEST(ForwardAccount, ComposesReleasesExactly) {
  ForwardAccount account;
  EXPECT_EQ(account.epsilon(1e-5), 0.0);
  EXPECT_TRUE(std::isinf(account.noise_multiplier()));
  account.add(2.0, 4);  // four at 2 are one at 1
  EXPECT_NEAR(account.epsilon(1e-5), 4.37717809568122, 1e-10);
  account.add(1.0, 3);
  EXPECT_NEAR(account.noise_multiplier(), 0.5, 1e-15);
  EXPECT_EQ(account.releases(), 7U);
}

TEST(ForwardReport, CountsItsOwnRowsOfTheDataSetOnly) {
  LedgerRow sgd;
  sgd.entry = sample_entry(1);
  LedgerRow elsewhere = forward_row(0.1);
  elsewhere.entry.dataset.fill(8);
  const std::vector<LedgerRow> rows{sgd, forward_row(2.0, 3), elsewhere, forward_row(2.0)};
  const auto report = forward_report(rows, sgd.entry.dataset, 1e-5, 5.0).value();
  EXPECT_EQ(report.releases, 4U);
  EXPECT_NEAR(report.epsilon, 4.37717809568122, 1e-10);
  EXPECT_NEAR(report.remaining, 5.0 - report.epsilon, 1e-12);
  EXPECT_EQ(forward_report({}, sgd.entry.dataset, 1e-5, 5.0)->epsilon, 0.0);
  EXPECT_EQ(forward_report(rows, sgd.entry.dataset, 1e-5, 1.0)->remaining, 0.0);
}

TEST(ForwardReport, RefusesImpossibleTargets) {
  for (const double delta : {0.0, 1.0, std::numeric_limits<double>::quiet_NaN()}) {
    EXPECT_EQ(forward_report({}, {}, delta, 1.0).error().code, Errc::out_of_range);
  }
  EXPECT_EQ(forward_report({}, {}, 1e-5, 0.0).error().code, Errc::out_of_range);
}

}  // namespace
}  // namespace hippocrypt::privacy
