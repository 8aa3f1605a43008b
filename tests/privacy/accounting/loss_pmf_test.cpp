#include "privacy/accounting/loss_pmf.hpp"

#include <cmath>
#include <numeric>

#include <gtest/gtest.h>

namespace hippocrypt::privacy {
namespace {

struct Case {
  double q;
  double sigma;
  double spacing;
};

const std::vector<Case> cases{{0.04, 1.5, 0x1p-10}, {0.2, 0.5, 0x1p-7},  {1.0, 1.0, 0x1p-6},
                              {0.999, 0.8, 0x1p-6}, {0.01, 0.1, 0x1p-3}, {0.3, 20.0, 0x1p-14},
                              {1e-4, 2.0, 0x1p-18}, {0.5, 0.05, 0x1p-1}, {0.01, 1.0, 0x1p-3}};

/// delta at `epsilon` of the masses, by its definition.
double delta_of(const LossPmf& pmf, double epsilon) {
  long double sum = pmf.infinite_mass;
  for (std::size_t i = 0; i < pmf.mass.size(); ++i) {
    if (pmf.loss(i) > epsilon) {
      sum += static_cast<long double>(pmf.mass[i]) *
             -std::expm1(static_cast<long double>(epsilon - pmf.loss(i)));
    }
  }
  return static_cast<double>(sum);
}

template <class Check>
void for_each_case(const Check& check) {
  for (const Case& c : cases) {
    const SampledStep step{c.q, c.sigma};
    const LossPmfs pmfs = discretise_loss(step, {c.spacing, 12.0});
    SCOPED_TRACE(testing::Message() << "q " << c.q << ", sigma " << c.sigma);
    check(step, Direction::remove, pmfs.remove);
    check(step, Direction::add, pmfs.add);
  }
}

TEST(LossPmf, HasTheCurveOfTheStepOnItsGrid) {
  for_each_case([](const SampledStep& step, Direction direction, const LossPmf& pmf) {
    const std::size_t stride = pmf.mass.size() / 40 + 1;
    for (std::size_t i = 0; i < pmf.mass.size(); i += stride) {
      const double expected = sampled_gaussian_delta(step, direction, pmf.loss(i));
      if (expected < 1e-23) continue;  // what is cut off, 1e-33, is then in sight
      const double actual = delta_of(pmf, pmf.loss(i)) * (1.0 + mass_relative_error);
      // The closed form has its own rounding, relative to 1 below 0.
      const double closed_form_error = 1e-12 * expected + (pmf.loss(i) < 0.0 ? 1e-15 : 0.0);
      EXPECT_GE(actual, expected - closed_form_error) << pmf.loss(i);
      EXPECT_LE(actual, expected * (1.0 + 1e-9) + closed_form_error) << pmf.loss(i);
    }
  });
}

TEST(LossPmf, LiesAboveTheCurveBetweenGridPoints) {
  for_each_case([](const SampledStep& step, Direction direction, const LossPmf& pmf) {
    for (std::size_t i = 0; i + 1 < pmf.mass.size(); i += pmf.mass.size() / 40 + 1) {
      const double epsilon = pmf.loss(i) + 0.37 * pmf.spacing;
      const double expected = sampled_gaussian_delta(step, direction, epsilon);
      if (expected < 1e-23 || epsilon < 0.0) continue;
      EXPECT_GE(delta_of(pmf, epsilon) * (1.0 + mass_relative_error), expected * (1.0 - 1e-12));
    }
  });
}

TEST(LossPmf, IsAProbability) {
  for_each_case([](const SampledStep&, Direction, const LossPmf& pmf) {
    const double sum = std::accumulate(pmf.mass.begin(), pmf.mass.end(), 0.0);
    EXPECT_NEAR(sum + pmf.infinite_mass, 1.0, 1e-12);
    for (const double mass : pmf.mass) EXPECT_GE(mass, 0.0);
  });
}

TEST(LossPmf, CutsOffNoMoreThanItsReachSays) {
  const LossPmfs wide = discretise_loss({0.1, 1.0}, {0x1p-6, 12.0});
  const LossPmfs narrow = discretise_loss({0.1, 1.0}, {0x1p-6, 4.0});
  EXPECT_LT(narrow.remove.mass.size(), wide.remove.mass.size());
  EXPECT_NEAR(narrow.remove.infinite_mass, 3.167e-5, 1e-8);  // Phi(-4)
  for (const double epsilon : {0.0, 0.5, 2.0}) {
    EXPECT_GE(delta_of(narrow.remove, epsilon), delta_of(wide.remove, epsilon));
    EXPECT_LE(delta_of(narrow.remove, epsilon), delta_of(wide.remove, epsilon) + 6.4e-5);
    EXPECT_GE(delta_of(narrow.add, epsilon), delta_of(wide.add, epsilon));
  }
}

TEST(LossDeviation, IsThatOfTheRatioWhereLossesAreSmall) {
  const double q = 1e-3;
  const double sigma = 3.0;
  EXPECT_NEAR(loss_deviation({q, sigma}) / (q * std::sqrt(std::expm1(1.0 / (sigma * sigma)))), 1.0,
              0.01);
  EXPECT_NEAR(loss_deviation({1.0, 2.0}), 0.5, 1e-6);
}

TEST(LossPmfDeathTest, RefusesWhatItCannotHold) {
  EXPECT_DEATH(discretise_loss({0.1, 0.01}, {0x1p-6, 12.0}), "smallest_loss_sigma");
  EXPECT_DEATH(discretise_loss({0.1, 1.0}, {0x1p-60, 12.0}), "most_cells");
}

}  // namespace
}  // namespace hippocrypt::privacy
