#include "privacy/audit/statistics.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.hpp"

namespace hippocrypt::privacy::audit {
namespace {

TEST(AuditStatisticsTest, TailsHaveTheirTextbookValues) {
  EXPECT_NEAR(two_sided_normal(1.959963984540054), 0.05, 1e-12);
  EXPECT_NEAR(upper_chi_square(3.841458820694124, 1), 0.05, 1e-12);
  EXPECT_NEAR(lower_chi_square(3.940299136120, 10), 0.05, 1e-9);
  EXPECT_NEAR(upper_chi_square(1074.679448, 1000), 0.05, 1e-6);
  EXPECT_EQ(two_sided_chi_square(0, 10'000), 0.0);
  EXPECT_EQ(two_sided_chi_square(1e9, 10'000), 0.0);
  EXPECT_EQ(two_sided_chi_square(std::nan(""), 10), 0.0);
  EXPECT_NEAR(binomial_at_least(10, 0.5, 8), 56.0 / 1024, 1e-12);
  EXPECT_NEAR(two_sided_binomial(10, 0.5, 8), 112.0 / 1024, 1e-12);
  EXPECT_EQ(binomial_at_least(10, 0.5, 0), 1.0);
  EXPECT_EQ(binomial_at_least(10, 0.5, 11), 0.0);
}

TEST(AuditStatisticsTest, ClopperPearsonLimitsMeetTheirTails) {
  const double upper = clopper_pearson_upper(100, 5, 0.025);
  EXPECT_NEAR(1 - binomial_at_least(100, upper, 6), 0.025, 1e-10);
  const double lower = clopper_pearson_lower(100, 5, 0.025);
  EXPECT_NEAR(binomial_at_least(100, lower, 5), 0.025, 1e-10);
  EXPECT_EQ(clopper_pearson_lower(100, 0, 0.025), 0.0);
  EXPECT_EQ(clopper_pearson_upper(100, 100, 0.025), 1.0);
}

TEST(AuditStatisticsTest, KolmogorovSmirnovKnowsItsLaw) {
  SeededSequence sequence{1, "uniform"};
  const auto uniform = [](double x) { return x; };
  int small = 0;
  constexpr int trials = 400;
  for (int trial = 0; trial < trials; ++trial) {
    std::vector<double> values(200);
    for (double& x : values) x = sequence.uniform();
    if (kolmogorov_smirnov(values, uniform) < 0.05) ++small;
  }
  EXPECT_NEAR(small, 20, 14);  // binomial: 20 with a deviation of 4.4
  std::vector<double> squeezed(2000);
  for (double& x : squeezed) x = 0.1 + 0.8 * sequence.uniform();
  EXPECT_LT(kolmogorov_smirnov(squeezed, uniform), 1e-6);
  squeezed[7] = std::nan("");
  EXPECT_EQ(kolmogorov_smirnov(squeezed, uniform), 0.0);
}

TEST(AuditStatisticsTest, RanksShareTies) {
  const std::vector<double> values{5, 1, 5, 3};
  EXPECT_EQ(ranks(values), (std::vector<double>{3.5, 1, 3.5, 2}));
  const std::vector<double> same{1, 1}, other{1, 2}, falling{2, 1};
  EXPECT_EQ(correlation(same, other), 0.0);
  EXPECT_DOUBLE_EQ(correlation(falling, other), -1.0);
}

}  // namespace
}  // namespace hippocrypt::privacy::audit
