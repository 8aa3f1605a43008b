#include "privacy/accounting/budget_accountant.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "tests/privacy/golden.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double delta = 1e-5;

TEST(BudgetAccountant, ShowsBothFiguresAndTheSmaller) {
  BudgetAccountant account;
  account.add({0.016, 1.0, 100});
  account.add({0.016, 1.0, 200});
  const SpentEpsilon spent = account.spent(delta);
  EXPECT_NEAR(spent.rdp.epsilon, 2.091822547481, 1e-9);
  ASSERT_TRUE(spent.pld.has_value());
  EXPECT_NEAR(*spent.pld, 1.742316925, 1e-4);
  EXPECT_EQ(spent.epsilon, *spent.pld);
  EXPECT_EQ(account.steps(), 300U);
  const SpentEpsilon more = account.spent_with({0.016, 1.0, 50}, 2, delta);
  account.add({0.016, 1.0, 100});
  EXPECT_EQ(account.spent(delta).epsilon, more.epsilon);
}

TEST(BudgetAccountant, FallsBackToTheRenyiFigureAndSaysWhy) {
  BudgetAccountant account;
  account.add({0.1, 0.02, 3});  // too little noise for the PLD
  const SpentEpsilon spent = account.spent(delta);
  EXPECT_FALSE(spent.pld.has_value());
  EXPECT_EQ(spent.epsilon, spent.rdp.epsilon);
  EXPECT_NE(spent.pld_missing.find("noise multiplier"), std::string::npos);
  EXPECT_TRUE(account.fits({0.1, 0.02, 1}, delta, 2.0 * spent.epsilon));
  EXPECT_FALSE(account.fits({0.1, 0.02, 1}, delta, 0.5 * spent.epsilon));
  // A delta that the PLD refuses.
  BudgetAccountant small;
  small.add({0.1, 2.0, 3});
  EXPECT_FALSE(small.spent(1e-13).pld.has_value());
  EXPECT_GT(small.spent(1e-13).epsilon, 0.0);
}

TEST(BudgetAccountant, GrantsWhatEitherBoundAllowsAndNotOneStepMore) {
  const SampledGaussian lot{0.02, 1.0, 1};
  const double budget = 2.0;
  BudgetAccountant account;
  std::uint64_t granted = 0;
  while (account.fits(lot, delta, budget)) {
    account.add(lot);
    ASSERT_LT(++granted, 1000U);
  }
  EXPECT_LE(*account.spent(delta).pld, budget);
  EXPECT_GT(*account.spent_with(lot, 1, delta).pld, budget);
  EXPECT_GT(account.spent(delta).rdp.epsilon, budget) << "RDP alone would have stopped earlier";
  EXPECT_EQ(BudgetAccountant{}.rounds_that_fit(lot, delta, budget), granted);
  EXPECT_GT(granted, rounds_that_fit({}, lot, delta, budget));
}

TEST(BudgetAccountant, DoesNotGrantByAnOldAnswer) {
  const SampledGaussian lot{0.02, 1.0, 1};
  BudgetAccountant account;
  account.add({0.02, 1.0, 200});
  const double budget = *account.spent_with(lot, 4, delta).pld;
  ASSERT_TRUE(account.fits(lot, delta, budget));
  // Another mechanism, a smaller delta or a smaller budget is another question.
  EXPECT_FALSE(account.fits({0.5, 0.6, 1}, delta, budget));
  EXPECT_FALSE(account.fits(lot, delta * 1e-3, budget));
  EXPECT_FALSE(account.fits(lot, delta, *account.spent(delta).pld));
  account.add({0.3, 1.0, 1});
  EXPECT_FALSE(account.fits(lot, delta, budget));
}

TEST(BudgetAccountant, CountsRoundsToTheLastOne) {
  BudgetAccountant account;
  account.add({0.05, 2.0, 40});
  const SampledGaussian round{0.02, 1.0, 10};
  for (const double budget : {1.0, 1.5, 3.0, 6.0}) {
    const std::uint64_t fit = account.rounds_that_fit(round, delta, budget);
    if (fit > 0) {
      EXPECT_LE(account.spent_with(round, fit, delta).epsilon, budget);
    }
    EXPECT_GT(account.spent_with(round, fit + 1, delta).epsilon, budget);
  }
  EXPECT_EQ(account.rounds_that_fit(round, delta, infinity), max_counted_rounds);
  EXPECT_EQ(account.rounds_that_fit({0.02, 0.0, 1}, delta, 100.0), 0U);
  EXPECT_EQ(account.rounds_that_fit(round, delta, 1e-3), 0U);
}

TEST(Remarks, ExplainAZeroAMissingFigureAndTheEdgeOfTheGrid) {
  BudgetAccountant account;
  EXPECT_TRUE(remarks(account.spent(delta), account.steps(), delta).empty());
  account.add({1e-6, 1.0, 1});
  const auto zero = remarks(account.spent(delta), account.steps(), delta);
  ASSERT_GE(zero.size(), 1U);
  EXPECT_NE(zero[0].find("epsilon is 0 although 1 steps"), std::string::npos);
  BudgetAccountant little;
  little.add({0.5, 0.02, 10});
  const auto lines = remarks(little.spent(delta), little.steps(), delta);
  ASSERT_EQ(lines.size(), 2U);
  EXPECT_NE(lines[0].find("no PLD figure"), std::string::npos);
  EXPECT_NE(lines[1].find("first or last"), std::string::npos);
}

}  // namespace
}  // namespace hippocrypt::privacy
