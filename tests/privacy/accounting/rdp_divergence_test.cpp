#include "privacy/accounting/rdp_divergence.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "tests/privacy/golden.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double relative_error(double value, double exact) {
  return std::abs(value - exact) / std::abs(exact);
}

TEST(RdpDivergence, AgreesWithTheExactTable) {
  const auto rows = read_golden("rdp_per_order.csv");
  HIPPOCRYPT_NEEDS_GOLDEN(rows);
  double worst = 0.0;
  for (const GoldenRow& row : rows) {
    const SampledStep step{number(row, "q"), number(row, "sigma")};
    const double error = relative_error(rho(step, number(row, "alpha")), number(row, "rdp_exact"));
    EXPECT_LT(error, 1e-12) << row.at("q") << " " << row.at("sigma") << " " << row.at("alpha");
    worst = std::max(worst, error);
  }
  RecordProperty("worst_relative_error", std::to_string(worst * 1e15) + "e-15");
  EXPECT_GE(rows.size(), 114U);
}

TEST(RdpDivergence, QuadratureAgreesWithTheExactTable) {
  const auto rows = read_golden("rdp_per_order.csv");
  HIPPOCRYPT_NEEDS_GOLDEN(rows);
  for (const GoldenRow& row : rows) {
    const SampledStep step{number(row, "q"), number(row, "sigma")};
    if (step.sampling_rate == 1.0) continue;  // closed form
    const double value = rho_by_quadrature(step, number(row, "alpha"));
    EXPECT_LT(relative_error(value, number(row, "rdp_exact")), 1e-12)
        << row.at("q") << " " << row.at("sigma") << " " << row.at("alpha");
  }
}

TEST(RdpDivergence, QuadratureAgreesWithTheIntegerSum) {
  for (const double q : {1e-6, 1e-4, 0.008, 0.1, 0.5, 0.95}) {
    for (const double sigma : {0.16, 0.5, 1.0, 5.8, 100.0}) {
      for (const int order : {2, 3, 7, 12, 37, 63, 128, 256, 512}) {
        const SampledStep step{q, sigma};
        const double by_sum = rho_by_integer_sum(step, order);
        EXPECT_LT(relative_error(rho_by_quadrature(step, order), by_sum), 1e-12)
            << q << " " << sigma << " " << order;
      }
    }
  }
}

TEST(RdpDivergence, KeepsItsDigitsWhereTheExcessIsTiny) {
  // Computed with 30 digits.
  EXPECT_LT(relative_error(rho({1e-6, 1.0}, 27.0), 3.372888963403272e-11), 1e-12);
}

TEST(RdpDivergence, HasItsEdgeCases) {
  EXPECT_EQ(rho({0.0, 1.0}, 2.0), 0.0);
  EXPECT_EQ(rho({0.0, 0.0}, 2.0), 0.0);
  EXPECT_EQ(rho({0.5, 0.0}, 2.0), infinity);
  EXPECT_EQ(rho({1.0, 0.0}, 2.0), infinity);
  EXPECT_DOUBLE_EQ(rho({1.0, 2.0}, 3.5), 3.5 / 8.0);
  EXPECT_EQ(rho({0.5, 1e-200}, 2.0), infinity);
  EXPECT_EQ(rho({0.5, 1e-200}, 2.5), infinity);
}

TEST(RdpDivergence, GrowsWithOrderAndSamplingRateAndFallsWithNoise) {
  double last = 0.0;
  for (const double order : {1.01, 1.1, 1.9, 2.0, 2.1, 10.9, 11.0, 63.0, 127.5, 128.0, 129.0}) {
    const double value = rho({0.01, 1.0}, order);
    EXPECT_GT(value, last) << order;
    last = value;
  }
  EXPECT_LT(rho({0.01, 1.0}, 4.5), rho({0.02, 1.0}, 4.5));
  EXPECT_GT(rho({0.01, 1.0}, 4.5), rho({0.01, 1.1}, 4.5));
}

TEST(RdpDivergence, IsAnUpperBoundForFractionalOrdersAtVeryLittleNoise) {
  for (const double q : {0.01, 0.05, 0.9}) {
    for (const double order : {1.1, 1.5, 2.5, 7.3}) {
      const SampledStep step{q, 0.0999};
      const double exact = rho_by_quadrature(step, order);
      EXPECT_GE(rho(step, order), exact * (1.0 - 1e-12)) << q << " " << order;
      EXPECT_LE(rho(step, order), exact + std::log(1.0 / q) + 0.01) << q << " " << order;
      EXPECT_LE(rho(step, order), order / (2.0 * 0.0999 * 0.0999));
    }
  }
}

TEST(RdpDivergenceDeathTest, RefusesWhatHasNoMeaning) {
  EXPECT_DEATH(static_cast<void>(rho({0.5, 1.0}, 1.0)), "order > 1");
  EXPECT_DEATH(static_cast<void>(rho({1.5, 1.0}, 2.0)), "q <= 1");
  EXPECT_DEATH(static_cast<void>(rho({0.5, -1.0}, 2.0)), "sigma >= 0");
}

}  // namespace
}  // namespace hippocrypt::privacy
