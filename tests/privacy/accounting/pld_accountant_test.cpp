#include "privacy/accounting/pld_accountant.hpp"

#include <cmath>
#include <ctime>
#include <limits>

#include <gtest/gtest.h>

#include "privacy/accounting/analytic_gaussian.hpp"
#include "tests/privacy/golden.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

double epsilon_of(const std::vector<SampledGaussian>& events, double delta) {
  const Result<double> epsilon = pld_epsilon(events, delta);
  if (!epsilon.has_value()) ADD_FAILURE() << epsilon.error().detail;
  return epsilon.has_value() ? *epsilon : -1.0;
}

TEST(PldAccountant, AgreesWithEveryRowOfTheGaussianTable) {
  const auto rows = read_golden("rdp_gaussian.csv");
  HIPPOCRYPT_NEEDS_GOLDEN(rows);
  EXPECT_EQ(rows.size(), 27U);
  for (const GoldenRow& row : rows) {
    const SampledGaussian event{number(row, "q"), number(row, "sigma"),
                                static_cast<std::uint64_t>(number(row, "steps"))};
    const double epsilon = epsilon_of({event}, number(row, "delta"));
    EXPECT_GE(epsilon, number(row, "eps_pld_fine") - 1e-4) << row.at("source");
    EXPECT_LE(epsilon, number(row, "eps_pld_fine") + 5e-4) << row.at("source");
    // Where the table has a Gaussian's exact value instead of a bracket, all three are one number.
    const bool is_bracket = number(row, "eps_prv_lower") < number(row, "eps_prv_upper");
    const double slack = is_bracket ? 0.0 : 1e-8;
    EXPECT_GE(epsilon, number(row, "eps_prv_lower") - slack) << row.at("source");
    EXPECT_LE(epsilon, number(row, "eps_prv_upper") + slack) << row.at("source");
    EXPECT_LT(epsilon, number(row, "eps_rdp")) << row.at("source");
  }
}

TEST(PldAccountant, AgreesWithTheTableOfChangingSchedules) {
  const auto rows = read_golden("rdp_hetero.csv");
  HIPPOCRYPT_NEEDS_GOLDEN(rows);
  EXPECT_EQ(rows.size(), 5U);
  for (const GoldenRow& row : rows) {
    std::vector<SampledGaussian> events;
    for (const std::string& segment : split_csv(row.at("segments(q:sigma:steps;...)"), ';')) {
      const auto parts = split_csv(segment, ':');
      ASSERT_EQ(parts.size(), 3U);
      events.push_back({std::stod(parts[0]), std::stod(parts[1]), std::stoull(parts[2])});
    }
    const double epsilon = epsilon_of(events, number(row, "delta"));
    EXPECT_GE(epsilon, number(row, "eps_pld_h1e-5") - 1e-4) << row.at("source");
    EXPECT_LE(epsilon, number(row, "eps_pld_h1e-5") + 1e-5) << row.at("source");
  }
}

TEST(PldAccountant, IsNeverBelowTheExactGaussian) {
  // Nearly no sampling, but not the closed form: the grid, the FFT and the truncation at work.
  for (const std::uint64_t steps : {1U, 7U, 400U}) {
    for (const double delta : {1e-3, 1e-8, 1e-12}) {
      const double sigma = 1.5 * std::sqrt(static_cast<double>(steps));
      const double exact = *gaussian_epsilon(1.5, delta);
      EXPECT_NEAR(epsilon_of({{1.0, sigma, steps}}, delta) / exact, 1.0, 1e-11);
      const double nearly = epsilon_of({{1.0 - 1e-15, sigma, steps}}, delta);
      EXPECT_GE(nearly, exact * (1.0 - 1e-12)) << steps << ' ' << delta;
      EXPECT_LE(nearly, exact + 2e-5) << steps << ' ' << delta;
    }
  }
}

TEST(PldAccountant, DoesNotDependOnHowStepsAreSplitOrOrdered) {
  EXPECT_EQ(epsilon_of({{0.02, 1.0, 100}, {0.016, 1.5, 1}, {0.02, 1.0, 200}}, 1e-5),
            epsilon_of({{0.016, 1.5, 1}, {0.02, 1.0, 300}}, 1e-5));
}

TEST(PldAccountant, PromisesWhatItWillSayAfterwardsAndGrows) {
  PldAccountant accountant;
  const SampledGaussian event{0.02, 1.1, 25};
  accountant.add({0.05, 2.0, 40});
  double last = *accountant.epsilon(1e-5);
  for (int i = 0; i < 6; ++i) {
    const double promised = *accountant.epsilon_with(event, 1, 1e-5);
    accountant.add(event);
    EXPECT_EQ(*accountant.epsilon(1e-5), promised);
    EXPECT_GT(promised, last);
    last = promised;
  }
  EXPECT_EQ(accountant.steps(), 40U + 6U * 25U);
}

TEST(PldAccountant, HasItsLimits) {
  EXPECT_EQ(epsilon_of({}, 1e-5), 0.0);
  EXPECT_EQ(epsilon_of({{0.0, 1.0, 100}, {0.5, 0.0, 0}}, 1e-5), 0.0);
  EXPECT_EQ(epsilon_of({{0.1, 0.0, 1}}, 1e-5), infinity);
  EXPECT_EQ(epsilon_of({{1.0, 0.0, 1}}, 1e-5), infinity);
  EXPECT_EQ(epsilon_of({{0.1, 100.0, 1}}, 0.9), 0.0);
  EXPECT_EQ(epsilon_of({{1e-6, 1.0, 1}}, 1e-5), 0.0);  // total variation below delta
}

TEST(PldAccountant, RefusesWhatItCannotDoInOneSentence) {
  const auto refuses = [](const std::vector<SampledGaussian>& events, double delta, Errc code,
                          const char* text) {
    const Result<double> epsilon = pld_epsilon(events, delta);
    ASSERT_FALSE(epsilon.has_value()) << *epsilon;
    EXPECT_EQ(epsilon.error().code, code);
    EXPECT_NE(epsilon.error().detail.find(text), std::string::npos) << epsilon.error().detail;
  };
  const SampledGaussian usual{0.01, 1.0, 100};
  for (const double delta : {9.9e-13, 0.0, 1.0, -1.0, std::nan("")}) {
    refuses({usual}, delta, Errc::out_of_range, "delta");
  }
  refuses({{0.1, 0.01, 10}}, 1e-5, Errc::unsupported, "noise multiplier");
  refuses({{0.01, 1.0, std::uint64_t{1} << 50U}}, 1e-5, Errc::limit_exceeded, "RDP");
  refuses({{0.5, 0.2, 100'000'000}}, 1e-5, Errc::limit_exceeded, "cells");
  std::vector<SampledGaussian> many;
  for (int i = 0; i < 33; ++i) many.push_back({0.01 + 0.001 * i, 1.0, 1});
  refuses(many, 1e-5, Errc::limit_exceeded, "33 different sampling rates");
}

TEST(PldAccountant, TakesNeighboursOfALongNoiseScheduleForTheNoisiest) {
  std::vector<SampledGaussian> schedule;
  for (int i = 0; i < 400; ++i) schedule.push_back({0.02, 1.2 * std::exp(-0.001 * i), 1});
  const double epsilon = epsilon_of(schedule, 1e-5);
  // Between the account of more noise and of less in every step, and still below RDP.
  double more_noise = 0.0;
  {
    std::vector<SampledGaussian> bins;
    for (int bin = 0; bin < 20; ++bin) bins.push_back({0.02, 1.2 * std::exp(-0.02 * bin), 20});
    more_noise = epsilon_of(bins, 1e-5);
  }
  EXPECT_GT(epsilon, more_noise);
  EXPECT_LT(epsilon, 1.05 * more_noise);
  EXPECT_LT(epsilon, rdp_epsilon(schedule, 1e-5).epsilon);
  // No noise among them is still no privacy.
  schedule.push_back({0.02, 0.0, 1});
  EXPECT_EQ(epsilon_of(schedule, 1e-5), infinity);
}

TEST(PldAccountant, AnswersOrRefusesEverywhere) {
  for (const double q : {1e-9, 0.03, 1.0 - 1e-9}) {
    for (const double sigma : {0.05, 0.3, 1.0, 1e5}) {
      for (const std::uint64_t steps : {std::uint64_t{1}, std::uint64_t{3'000'000}}) {
        const SampledGaussian event{q, sigma, steps};
        const Result<double> epsilon = pld_epsilon({&event, 1}, 1e-6);
        if (!epsilon.has_value()) {
          EXPECT_NE(epsilon.error().code, Errc::out_of_range);
          continue;
        }
        EXPECT_GE(*epsilon, 0.0) << q << ' ' << sigma << ' ' << steps;
        // The gap to the Renyi figure must not be negative by more than the grid may cost.
        EXPECT_LE(*epsilon, rdp_epsilon({&event, 1}, 1e-6, default_orders()).epsilon + 0.02)
            << q << ' ' << sigma << ' ' << steps;
      }
    }
  }
}

TEST(PldAccountant, NeedsLessThanTwoSecondsForTenThousandSteps) {
  for (const auto& [q, sigma] :
       {std::pair{0.01, 4.0}, std::pair{0.02, 0.7}, std::pair{0.001, 0.6}, std::pair{0.2, 1.0}}) {
    const std::clock_t start = std::clock();
    EXPECT_GT(epsilon_of({{q, sigma, 10'000}}, 1e-6), 0.0);
    const double seconds = static_cast<double>(std::clock() - start) / CLOCKS_PER_SEC;
    EXPECT_LT(seconds, 2.0) << q << ' ' << sigma;
  }
}

}  // namespace
}  // namespace hippocrypt::privacy
