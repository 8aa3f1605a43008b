#include "privacy/accounting/hockey_stick.hpp"

#include <cmath>

#include <gtest/gtest.h>

#include "privacy/accounting/analytic_gaussian.hpp"
#include "tests/privacy/golden.hpp"

namespace hippocrypt::privacy {
namespace {

TEST(SampledGaussianDelta, AgreesWithEveryRowOfTheTable) {
  const auto rows = read_golden("pld_single_step.csv");
  HIPPOCRYPT_NEEDS_GOLDEN(rows);
  EXPECT_EQ(rows.size(), 30U);
  for (const GoldenRow& row : rows) {
    const SampledStep step{number(row, "q"), number(row, "sigma")};
    const double epsilon = number(row, "eps");
    for (const auto& [direction, column] : {std::pair{Direction::remove, "delta_remove_exact"},
                                            std::pair{Direction::add, "delta_add_exact"}}) {
      const double expected = number(row, column);
      EXPECT_NEAR(sampled_gaussian_delta(step, direction, epsilon), expected, 1e-12 * expected)
          << step.sampling_rate << ' ' << step.noise_multiplier << ' ' << epsilon << ' ' << column;
    }
  }
}

TEST(SampledGaussianDelta, IsTheGaussianWithoutSampling) {
  for (const double epsilon : {-1.0, 0.0, 0.3, 2.0}) {
    const double expected = gaussian_delta(1.3, epsilon);
    for (const Direction direction : {Direction::remove, Direction::add}) {
      EXPECT_NEAR(sampled_gaussian_delta({1.0, 1.3}, direction, epsilon), expected, 1e-15);
    }
  }
}

TEST(SampledGaussianDelta, OfTheTwoDirectionsIsOneCurve) {
  // delta(P|Q, epsilon) = 1 - e^epsilon + e^epsilon delta(Q|P, -epsilon).
  const SampledStep step{0.1, 0.9};
  for (const double epsilon : {-3.0, -0.4, -0.05, 0.0, 0.05, 1.0}) {
    const double removed = sampled_gaussian_delta(step, Direction::remove, epsilon);
    const double added = sampled_gaussian_delta(step, Direction::add, -epsilon);
    EXPECT_NEAR(removed, 1.0 - std::exp(epsilon) * (1.0 - added), 1e-14) << epsilon;
  }
}

}  // namespace
}  // namespace hippocrypt::privacy
