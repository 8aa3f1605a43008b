// What a planted bug would hide: fixed-size or shuffled lots accounted as if they were Poisson
// samples, a ledger that starts anew every round, epsilons added up.

#include <cmath>

#include <gtest/gtest.h>

#include "privacy/accounting/amplification.hpp"
#include "privacy/accounting/analytic_gaussian.hpp"
#include "privacy/accounting/budget_accountant.hpp"
#include "tests/privacy/golden.hpp"

namespace hippocrypt::privacy {
namespace {

SampledGaussian event_of(const GoldenRow& row) {
  return {number(row, "batch") / number(row, "n"), number(row, "sigma(noise/C)"),
          static_cast<std::uint64_t>(number(row, "steps"))};
}

TEST(SamplingScheme, AgreesWithTheTableWhereWeHaveTheMechanism) {
  const auto rows = read_golden("sampling_scheme_cost.csv");
  HIPPOCRYPT_NEEDS_GOLDEN(rows);
  EXPECT_EQ(rows.size(), 4U);
  for (const GoldenRow& row : rows) {
    const SampledGaussian event = event_of(row);
    const double delta = number(row, "delta");
    EXPECT_NEAR(rdp_epsilon({&event, 1}, delta).epsilon, number(row, "eps_poisson_addremove_rdp"),
                1e-6);
    EXPECT_NEAR(*pld_epsilon({&event, 1}, delta), number(row, "eps_poisson_addremove_pld"), 2e-5);
    EXPECT_NEAR(*epsilon_without_amplification({&event, 1}, delta),
                number(row, "eps_no_amplification_epochs_gaussian"), 1e-5);
  }
}

TEST(SamplingScheme, FixedSizeLotsAccountedAsPoissonWouldBeFarTooLow) {
  const auto rows = read_golden("sampling_scheme_cost.csv");
  HIPPOCRYPT_NEEDS_GOLDEN(rows);
  for (const GoldenRow& row : rows) {
    const SampledGaussian event = event_of(row);
    const double delta = number(row, "delta");
    const double claimed = *pld_epsilon({&event, 1}, delta);  // what the bug prints
    const double provable = std::min(*epsilon_without_amplification({&event, 1}, delta),
                                     number(row, "eps_fixedbatch_wor_replace_rdp"));
    EXPECT_GT(provable, 3.4 * claimed);
    // At the claimed epsilon, lots in which a unit is sure to be once an epoch have another delta.
    const double uses = std::ceil(event.sampling_rate * static_cast<double>(event.steps) - 1e-9);
    const double sigma = event.noise_multiplier / std::sqrt(uses);
    EXPECT_GT(gaussian_delta(sigma, claimed), 1000.0 * delta);
  }
}

TEST(AccountOverRounds, ResettingEveryRoundOrAddingEpsilonsUpGivesOtherFigures) {
  const SampledGaussian round{0.02, 1.0, 25};
  const double delta = 1e-5;
  BudgetAccountant account;
  const double one_round = *pld_epsilon({&round, 1}, delta);  // the bug that forgets
  for (int i = 0; i < 12; ++i) account.add(round);
  const double spent = account.spent(delta).epsilon;
  EXPECT_GT(spent, 1.5 * one_round);
  EXPECT_LT(spent, 0.5 * 12.0 * one_round);  // the bug that adds up
  const SampledGaussian all{0.02, 1.0, 300};
  EXPECT_EQ(spent, *pld_epsilon({&all, 1}, delta));
}

}  // namespace
}  // namespace hippocrypt::privacy
