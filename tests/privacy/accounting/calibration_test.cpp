#include "privacy/accounting/calibration.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "privacy/accounting/budget_accountant.hpp"
#include "tests/privacy/golden.hpp"

namespace hippocrypt::privacy {
namespace {

TEST(NoiseMultiplierFor, AgreesWithEveryRowOfTheTable) {
  const auto rows = read_golden("noise_calibration.csv");
  HIPPOCRYPT_NEEDS_GOLDEN(rows);
  EXPECT_EQ(rows.size(), 10U);
  for (const GoldenRow& row : rows) {
    const NoiseTarget target{number(row, "target_eps"), number(row, "delta"), number(row, "q"),
                             static_cast<std::uint64_t>(number(row, "steps"))};
    const auto rdp = noise_multiplier_for(target, Accountant::rdp);
    const auto pld = noise_multiplier_for(target, Accountant::pld);
    ASSERT_TRUE(rdp.has_value() && pld.has_value());
    EXPECT_NEAR(*rdp, number(row, "sigma_rdp_exact_opacus_grid"), 2e-6) << row.at("source");
    EXPECT_NEAR(*pld / number(row, "sigma_pld"), 1.0, 1e-5) << row.at("source");
    // Never too little noise.
    const SampledGaussian event{target.sampling_rate, *pld, target.steps};
    EXPECT_LE(*pld_epsilon({&event, 1}, target.delta), target.epsilon);
  }
}

TEST(NoiseMultiplierFor, CountsWhatIsSpent) {
  const std::vector<SampledGaussian> spent{{0.02, 0.8, 150}};
  const NoiseTarget target{4.0, 1e-5, 0.02, 100};
  const auto noise = noise_multiplier_for(target, Accountant::smaller, spent);
  ASSERT_TRUE(noise.has_value());
  BudgetAccountant account;
  account.add(spent[0]);
  EXPECT_LE(account.spent_with({0.02, *noise, 100}, 1, 1e-5).epsilon, 4.0);
  EXPECT_GT(account.spent_with({0.02, *noise * (1.0 - 1e-5), 100}, 1, 1e-5).epsilon, 4.0);
  const NoiseTarget less{2.0, 1e-5, 0.02, 100};  // more than that is spent already
  const auto none = noise_multiplier_for(less, Accountant::smaller, spent);
  ASSERT_FALSE(none.has_value());
  EXPECT_EQ(none.error().code, Errc::out_of_range);
}

TEST(NoiseMultiplierFor, RefusesWhatHasNoMeaning) {
  const double infinity = std::numeric_limits<double>::infinity();
  for (const NoiseTarget& bad :
       {NoiseTarget{0.0, 1e-5, 0.1, 10}, NoiseTarget{infinity, 1e-5, 0.1, 10},
        NoiseTarget{1.0, 0.0, 0.1, 10}, NoiseTarget{1.0, 1e-5, 1.5, 10},
        NoiseTarget{1.0, 1e-5, 0.1, 0}}) {
    const auto noise = noise_multiplier_for(bad, Accountant::smaller);
    ASSERT_FALSE(noise.has_value());
    EXPECT_EQ(noise.error().code, Errc::out_of_range);
  }
  const auto tiny = noise_multiplier_for({1.0, 1e-13, 0.1, 10}, Accountant::pld);
  ASSERT_FALSE(tiny.has_value());
  EXPECT_NE(tiny.error().detail.find("delta"), std::string::npos);
  EXPECT_TRUE(noise_multiplier_for({1.0, 1e-13, 0.1, 10}, Accountant::smaller).has_value());
}

TEST(StepsFor, MatchesAPublishedFigure) {
  // jax_privacy's doctest: sigma 3, epsilon 2, q 0.1, delta 1e-6 leave 155 steps.
  EXPECT_EQ(steps_for({0.1, 3.0, 1}, 2.0, 1e-6), 155U);
  const std::vector<SampledGaussian> spent{{0.1, 3.0, 100}};
  EXPECT_EQ(steps_for({0.1, 3.0, 1}, 2.0, 1e-6, spent), 55U);
}

TEST(RdpEpsilonRefined, IsTheGridsOrALittleLess) {
  for (const SampledGaussian& event :
       {SampledGaussian{0.01, 1.0, 300}, SampledGaussian{0.001, 3.0, 50000},
        SampledGaussian{0.001, 30.0, 1}, SampledGaussian{0.25, 5.0, 60}}) {
    const double refined = rdp_epsilon_refined({&event, 1}, 1e-5).epsilon;
    EXPECT_LE(refined, rdp_epsilon({&event, 1}, 1e-5, default_orders()).epsilon);
    EXPECT_LE(refined, rdp_epsilon({&event, 1}, 1e-5).epsilon);
    EXPECT_GT(refined, *pld_epsilon({&event, 1}, 1e-5));
  }
  // Where the shown grid ends at order 63, the optimum is far beyond.
  const SampledGaussian much_noise{0.001, 30.0, 1};
  EXPECT_LT(rdp_epsilon_refined({&much_noise, 1}, 1e-5).epsilon,
            0.1 * rdp_epsilon({&much_noise, 1}, 1e-5).epsilon);
}

TEST(RdpEpsilonClassic, AgreesWithTheTableAndWithAbadi) {
  const auto rows = read_golden("rdp_gaussian.csv");
  HIPPOCRYPT_NEEDS_GOLDEN(rows);
  for (const GoldenRow& row : rows) {
    const SampledGaussian event{number(row, "q"), number(row, "sigma"),
                                static_cast<std::uint64_t>(number(row, "steps"))};
    EXPECT_NEAR(rdp_epsilon_classic({&event, 1}, number(row, "delta")).epsilon,
                number(row, "eps_classic"), 1e-9);
  }
}

}  // namespace
}  // namespace hippocrypt::privacy
