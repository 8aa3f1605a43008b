#include "privacy/accounting/rdp_accountant.hpp"

#include <cmath>
#include <limits>

#include <gtest/gtest.h>

#include "tests/privacy/golden.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

TEST(RdpOrders, AreTheGridsOfTheReferences) {
  EXPECT_EQ(opacus_orders().size(), 151U);
  EXPECT_EQ(opacus_orders().front(), 1.1);
  EXPECT_EQ(opacus_orders()[98], 10.9);
  EXPECT_EQ(opacus_orders()[99], 12.0);
  EXPECT_EQ(opacus_orders().back(), 63.0);
  EXPECT_EQ(dp_accounting_orders().size(), 156U);
  EXPECT_EQ(dp_accounting_orders()[99], 11.0);
  EXPECT_EQ(dp_accounting_orders().back(), 1024.0);
  EXPECT_EQ(default_orders().size(), 156U + 9U + 5U);
  EXPECT_EQ(default_orders().front(), 1.01);
  EXPECT_EQ(&shown_orders(), &opacus_orders());
}

TEST(RdpAccountant, AgreesWithEveryRowOfTheGaussianTable) {
  const auto rows = read_golden("rdp_gaussian.csv");
  HIPPOCRYPT_NEEDS_GOLDEN(rows);
  EXPECT_EQ(rows.size(), 27U);
  for (const GoldenRow& row : rows) {
    const SampledGaussian event{number(row, "q"), number(row, "sigma"),
                                static_cast<std::uint64_t>(number(row, "steps"))};
    const double delta = number(row, "delta");
    const EpsilonAtOrder shown = rdp_epsilon({&event, 1}, delta);
    EXPECT_NEAR(shown.epsilon, number(row, "eps_rdp"), 1e-9) << row.at("source");
    EXPECT_DOUBLE_EQ(shown.order, number(row, "opt_order")) << row.at("source");
    const EpsilonAtOrder other = rdp_epsilon({&event, 1}, delta, dp_accounting_orders());
    EXPECT_NEAR(other.epsilon, number(row, "eps_rdp_exact_dpacc_grid"), 1e-9) << row.at("source");
    // dp_accounting's own code returns an upper bound.
    EXPECT_LE(other.epsilon, number(row, "eps_rdp_dpacc_code") + 1e-9) << row.at("source");
    // A grid with more orders can only be better, and the tight accountant is below all.
    EXPECT_LE(rdp_epsilon({&event, 1}, delta, default_orders()).epsilon, other.epsilon);
    EXPECT_GT(shown.epsilon, number(row, "eps_pld_fine"));
  }
}

TEST(RdpAccountant, AgreesWithTheTableOfChangingSchedules) {
  const auto rows = read_golden("rdp_hetero.csv");
  HIPPOCRYPT_NEEDS_GOLDEN(rows);
  for (const GoldenRow& row : rows) {
    std::vector<SampledGaussian> events;
    for (const std::string& segment : split_csv(row.at("segments(q:sigma:steps;...)"), ';')) {
      const auto parts = split_csv(segment, ':');
      ASSERT_EQ(parts.size(), 3U);
      events.push_back({std::stod(parts[0]), std::stod(parts[1]), std::stoull(parts[2])});
    }
    const EpsilonAtOrder result = rdp_epsilon(events, number(row, "delta"));
    EXPECT_NEAR(result.epsilon, number(row, "eps_rdp"), 1e-9) << row.at("source");
    EXPECT_DOUBLE_EQ(result.order, number(row, "opt_order")) << row.at("source");
  }
}

TEST(RdpAccountant, DoesNotDependOnHowStepsAreSplitOrOrdered) {
  const std::vector<SampledGaussian> split{{0.02, 1.0, 100}, {0.016, 1.5, 1}, {0.02, 1.0, 200}};
  const std::vector<SampledGaussian> joined{{0.016, 1.5, 1}, {0.02, 1.0, 300}};
  EXPECT_EQ(rdp_epsilon(split, 1e-5).epsilon, rdp_epsilon(joined, 1e-5).epsilon);
}

TEST(RdpAccountant, SaysZeroWhenNothingWasReleased) {
  EXPECT_EQ(rdp_epsilon({}, 1e-5).epsilon, 0.0);
  const SampledGaussian none{0.0, 1.0, 100};
  EXPECT_EQ(rdp_epsilon({&none, 1}, 1e-5).epsilon, 0.0);
  const SampledGaussian no_steps{0.5, 0.0, 0};
  EXPECT_EQ(rdp_epsilon({&no_steps, 1}, 1e-5).epsilon, 0.0);
}

TEST(RdpAccountant, NeverGoesBelowZero) {
  const SampledGaussian event{0.1, 100.0, 1};
  EXPECT_EQ(rdp_epsilon({&event, 1}, 0.9).epsilon, 0.0);
}

TEST(RdpAccountant, IsInfiniteWithoutNoise) {
  const SampledGaussian event{0.1, 0.0, 1};
  EXPECT_EQ(rdp_epsilon({&event, 1}, 1e-5).epsilon, infinity);
}

TEST(RdpAccountant, SaysWhenTheBestOrderIsAtTheEdgeOfTheGrid) {
  const SampledGaussian much_noise{0.001, 30.0, 1};
  const EpsilonAtOrder at_end = rdp_epsilon({&much_noise, 1}, 1e-5);
  EXPECT_EQ(at_end.order, 63.0);
  EXPECT_TRUE(at_end.at_grid_edge);
  const SampledGaussian little_noise{0.5, 0.2, 1000};
  EXPECT_TRUE(rdp_epsilon({&little_noise, 1}, 1e-5).at_grid_edge);
  const SampledGaussian usual{0.01, 1.0, 300};
  EXPECT_FALSE(rdp_epsilon({&usual, 1}, 1e-5).at_grid_edge);
}

TEST(RdpAccountant, PromisesWhatItWillSayAfterwards) {
  RdpAccountant accountant;
  const SampledGaussian event{0.02, 1.1, 25};
  accountant.add({0.05, 2.0, 40});
  double last = accountant.epsilon(1e-5).epsilon;
  for (int i = 0; i < 20; ++i) {
    const double promised = accountant.epsilon_with(event, 1, 1e-5).epsilon;
    accountant.add(event);
    EXPECT_EQ(accountant.epsilon(1e-5).epsilon, promised);
    EXPECT_GT(promised, last);
    last = promised;
  }
  EXPECT_EQ(accountant.steps(), 40U + 20U * 25U);
}

TEST(RoundsThatFit, IsTheLastCountUnderTheBudget) {
  const std::vector<SampledGaussian> spent{{0.02, 1.0, 100}};
  const SampledGaussian round{0.02, 1.0, 10};
  for (const double budget : {1.5, 2.0, 3.0, 5.0, 8.0, 20.0}) {
    const std::uint64_t fit = rounds_that_fit(spent, round, 1e-5, budget);
    const auto epsilon_after = [&](std::uint64_t count) {
      const std::vector<SampledGaussian> all{{0.02, 1.0, 100 + 10 * count}};
      return rdp_epsilon(all, 1e-5).epsilon;
    };
    if (fit > 0) {
      EXPECT_LE(epsilon_after(fit), budget);
    }
    EXPECT_GT(epsilon_after(fit + 1), budget);
  }
}

TEST(RoundsThatFit, IsCappedAndCanBeNone) {
  const SampledGaussian round{0.02, 1.0, 10};
  EXPECT_EQ(rounds_that_fit({}, round, 1e-5, infinity), max_counted_rounds);
  EXPECT_EQ(rounds_that_fit({}, {1e-9, 50.0, 1}, 1e-5, 1.0), max_counted_rounds);
  EXPECT_EQ(rounds_that_fit({}, round, 1e-5, 1e-3), 0U);
  EXPECT_EQ(rounds_that_fit({}, {0.02, 0.0, 1}, 1e-5, 100.0), 0U);
}

TEST(RoundsThatFit, MatchesAPublishedFigure) {
  // jax_privacy's doctest gives 155 steps with PLD; RDP must allow fewer.
  const std::uint64_t fit = rounds_that_fit({}, {0.1, 3.0, 1}, 1e-6, 2.0);
  EXPECT_LT(fit, 155U);
  EXPECT_GT(fit, 120U);
}

TEST(SigmaFor, AgreesWithTheCalibrationTable) {
  const auto rows = read_golden("noise_calibration.csv");
  HIPPOCRYPT_NEEDS_GOLDEN(rows);
  EXPECT_EQ(rows.size(), 10U);
  for (const GoldenRow& row : rows) {
    const NoiseTarget target{number(row, "target_eps"), number(row, "delta"), number(row, "q"),
                             static_cast<std::uint64_t>(number(row, "steps"))};
    const Result<double> sigma = sigma_for(target);
    ASSERT_TRUE(sigma.has_value());
    EXPECT_NEAR(*sigma, number(row, "sigma_rdp_exact_opacus_grid"), 1e-6);
    const SampledGaussian event{target.sampling_rate, *sigma, target.steps};
    EXPECT_LE(rdp_epsilon({&event, 1}, target.delta).epsilon, target.epsilon);
  }
}

TEST(SigmaFor, ReachesLargeTargetsWithLittleNoise) {
  const NoiseTarget target{1e4, 1e-5, 0.1, 10};
  const Result<double> sigma = sigma_for(target);
  ASSERT_TRUE(sigma.has_value());
  EXPECT_LT(*sigma, 0.1);
  const SampledGaussian event{0.1, *sigma, 10};
  EXPECT_LE(rdp_epsilon({&event, 1}, 1e-5).epsilon, 1e4);
}

TEST(SigmaFor, RefusesImpossibleTargets) {
  const NoiseTarget good{1.0, 1e-5, 0.1, 10};
  const auto code = [](NoiseTarget target) {
    const auto result = sigma_for(target);
    return result.has_value() ? Errc::cancelled : result.error().code;
  };
  NoiseTarget bad = good;
  for (const double epsilon : {0.0, -1.0, infinity, std::nan("")}) {
    bad.epsilon = epsilon;
    EXPECT_EQ(code(bad), Errc::out_of_range);
  }
  bad = good;
  for (const double delta : {0.0, 1.0, std::nan("")}) {
    bad.delta = delta;
    EXPECT_EQ(code(bad), Errc::out_of_range);
  }
  bad = good;
  for (const double rate : {0.0, 1.1, std::nan("")}) {
    bad.sampling_rate = rate;
    EXPECT_EQ(code(bad), Errc::out_of_range);
  }
  bad = good;
  bad.steps = 0;
  EXPECT_EQ(code(bad), Errc::out_of_range);
  // Even without any divergence the conversion at order 63 leaves 0.1 at this delta.
  bad = good;
  bad.epsilon = 0.01;
  EXPECT_EQ(code(bad), Errc::out_of_range);
}

TEST(RdpAccountantDeathTest, RefusesWhatHasNoMeaning) {
  const SampledGaussian event{0.1, 1.0, 1};
  EXPECT_DEATH(static_cast<void>(rdp_epsilon({&event, 1}, 0.0)), "delta");
  const std::vector<double> descending{3.0, 2.0};
  EXPECT_DEATH(static_cast<void>(rdp_epsilon({&event, 1}, 0.1, descending)), "is_sorted");
}

}  // namespace
}  // namespace hippocrypt::privacy
