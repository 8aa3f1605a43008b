#include "privacy/accounting/analytic_gaussian.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "tests/privacy/golden.hpp"

namespace hippocrypt::privacy {
namespace {

TEST(GaussianDelta, AgreesWithValuesOfManyDigits) {
  // mpmath, 60 digits.
  struct Case {
    double noise, epsilon, delta;
  };
  for (const Case& c : {
           Case{0.3, 0.5, 0.87822261633462831},
           Case{0.3, 20.0, 3.0612650184698595e-6},
           Case{0.9, 0.0, 0.42148527849205597},
           Case{0.5, 2.0, 0.33189799877682939},
           Case{1.0, 1.0, 0.12693673750664395},
           Case{1.0, 5.0, 5.7937216919194941e-7},
           Case{1.0, -0.5, 0.53807941621222624},
           Case{0.5, -3.0, 0.9593644458409631},
           Case{2.0, 10.0, 9.8551206108501659e-89},
           Case{20.0, 0.25, 3.0281134088657962e-9},
           Case{1000.0, 0.001, 8.3357132125208489e-5},
           Case{1000000.0, 1e-06, 8.3315512245425403e-8},
           Case{1000000.0, 0.0, 3.9894228040141606e-7},
           Case{3.0, 8.0, 1.0362724045822815e-127},
       }) {
    EXPECT_NEAR(gaussian_delta(c.noise, c.epsilon) / c.delta, 1.0, 2e-13)
        << c.noise << ' ' << c.epsilon;
  }
}

TEST(GaussianDelta, GoesToItsLimits) {
  EXPECT_EQ(gaussian_delta(1e-3, 1.0), 1.0);
  EXPECT_EQ(gaussian_delta(1.0, 1e6), 0.0);
  EXPECT_EQ(gaussian_delta(1e-160, 1e6), 1.0);
}

TEST(GaussianNoiseMultiplier, AgreesWithEveryRowOfTheTable) {
  const auto rows = read_golden("gaussian_analytic.csv");
  HIPPOCRYPT_NEEDS_GOLDEN(rows);
  EXPECT_EQ(rows.size(), 16U);
  int above_split = 0;  // delta >= delta0: the branch that public code gets wrong
  for (const GoldenRow& row : rows) {
    const EpsilonDelta target{number(row, "eps"), number(row, "delta")};
    const Result<double> noise = gaussian_noise_multiplier(target);
    ASSERT_TRUE(noise.has_value());
    const double expected = number(row, "sigma_analytic(sensitivity=1)");
    EXPECT_NEAR(*noise / expected, 1.0, 1e-12) << target.epsilon << ' ' << target.delta;
    above_split += target.delta >= number(row, "delta0_case_split") ? 1 : 0;
  }
  EXPECT_EQ(above_split, 2);
}

TEST(GaussianNoiseMultiplier, IsTheLeastThatIsEnough) {
  for (const double epsilon : {0.0, 1e-3, 0.7, 3.0, 40.0, 1000.0}) {
    for (const double delta : {1e-100, 1e-12, 1e-5, 0.2, 0.9}) {
      const Result<double> noise = gaussian_noise_multiplier({epsilon, delta});
      ASSERT_TRUE(noise.has_value());
      EXPECT_LE(gaussian_delta(*noise, epsilon), delta) << epsilon << ' ' << delta;
      EXPECT_GT(gaussian_delta(*noise * (1.0 - 1e-11), epsilon), delta) << epsilon << ' ' << delta;
    }
  }
}

TEST(GaussianEpsilon, AgreesWithEveryRowOfTheTable) {
  const auto rows = read_golden("gaussian_analytic_inverse.csv");
  HIPPOCRYPT_NEEDS_GOLDEN(rows);
  EXPECT_EQ(rows.size(), 8U);
  for (const GoldenRow& row : rows) {
    const Result<double> epsilon = gaussian_epsilon(number(row, "sigma"), number(row, "delta"));
    ASSERT_TRUE(epsilon.has_value());
    EXPECT_NEAR(*epsilon / number(row, "eps_exact"), 1.0, 1e-12) << row.at("sigma");
  }
}

TEST(GaussianEpsilon, IsTheLeastThatIsEnough) {
  for (const double noise : {0.01, 0.3, 1.0, 7.0, 1e3}) {
    for (const double delta : {1e-100, 1e-12, 1e-5, 0.2}) {
      const Result<double> epsilon = gaussian_epsilon(noise, delta);
      ASSERT_TRUE(epsilon.has_value());
      EXPECT_LE(gaussian_delta(noise, *epsilon), delta);
      if (*epsilon > 0.0) {
        EXPECT_GT(gaussian_delta(noise, *epsilon * (1.0 - 1e-11)), delta);
      }
    }
  }
  EXPECT_EQ(*gaussian_epsilon(100.0, 0.1), 0.0);
  EXPECT_EQ(*gaussian_epsilon(0.0, 0.1), std::numeric_limits<double>::infinity());
}

TEST(GaussianCalibration, RefusesWhatHasNoMeaning) {
  constexpr double infinity = std::numeric_limits<double>::infinity();
  for (const EpsilonDelta& bad :
       {EpsilonDelta{-0.1, 1e-5}, EpsilonDelta{std::nan(""), 1e-5}, EpsilonDelta{infinity, 1e-5},
        EpsilonDelta{1.0, 0.0}, EpsilonDelta{1.0, 1.0}, EpsilonDelta{1.0, std::nan("")}}) {
    const Result<double> noise = gaussian_noise_multiplier(bad);
    ASSERT_FALSE(noise.has_value());
    EXPECT_EQ(noise.error().code, Errc::out_of_range);
  }
  EXPECT_EQ(gaussian_epsilon(-1.0, 1e-5).error().code, Errc::out_of_range);
  EXPECT_EQ(gaussian_epsilon(infinity, 1e-5).error().code, Errc::out_of_range);
  EXPECT_EQ(gaussian_epsilon(1.0, 2.0).error().code, Errc::out_of_range);
}

}  // namespace
}  // namespace hippocrypt::privacy
