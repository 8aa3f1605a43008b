#include "privacy/audit/one_run.hpp"

#include <gtest/gtest.h>

#include <boost/math/distributions/normal.hpp>
#include <cmath>

#include "privacy/audit/statistics.hpp"
#include "tests/privacy/golden.hpp"

namespace hippocrypt::privacy::audit {
namespace {

std::uint64_t count(const GoldenRow& row, const std::string& column) {
  return static_cast<std::uint64_t>(number(row, column));
}

TEST(OneRunGoldenTest, AgreesWithTheReference) {
  const auto rows = read_golden("audit_one_run.csv");
  HIPPOCRYPT_NEEDS_GOLDEN(rows);
  std::size_t p_values = 0, bounds = 0, gaussian = 0, limits = 0;
  for (const GoldenRow& row : rows) {
    const std::string& kind = row.at("kind");
    const double value = number(row, "value");
    if (kind == "clopper_pearson_upper") {
      ++limits;
      EXPECT_NEAR(clopper_pearson_upper(count(row, "m_or_n"), count(row, "correct_v_or_k"),
                                        number(row, "significance")),
                  value, 1e-10);
      continue;
    }
    const Guesses guesses{count(row, "m_or_n"), count(row, "guesses_r"),
                          count(row, "correct_v_or_k")};
    if (kind == "p_value") {
      ++p_values;
      EXPECT_NEAR(one_run_p_value(guesses, number(row, "eps"), number(row, "delta")), value, 1e-10);
    } else if (kind == "eps_lower") {
      ++bounds;
      EXPECT_NEAR(one_run_epsilon(guesses, number(row, "delta"), number(row, "significance")),
                  value, 1e-6);
    } else {
      ++gaussian;
      EXPECT_EQ(kind, "eps_lower_fdp_gaussian");
      EXPECT_NEAR(
          one_run_epsilon_gaussian(guesses, number(row, "delta"), number(row, "significance")),
          value, 1e-6);
    }
  }
  EXPECT_EQ(p_values, 10U);
  EXPECT_EQ(bounds, 8U);
  EXPECT_EQ(gaussian, 8U);
  EXPECT_GE(limits, 3U);
}

std::vector<Scored> quantile_scores(std::size_t canaries, double shift) {
  const boost::math::normal_distribution<double> normal;
  std::vector<Scored> scores;
  for (std::size_t i = 0; i < canaries / 2; ++i) {
    const double score = boost::math::quantile(
        normal, (static_cast<double>(i) + 0.5) / (static_cast<double>(canaries) / 2));
    scores.push_back({score, false});
    scores.push_back({score + shift, true});
  }
  return scores;
}

// The reference took medians of simulated scores; these are the quantiles of their law.
TEST(OneRunGoldenTest, PowerAtAFixedThresholdIsTheReferences) {
  const auto rows = read_golden("audit_power.csv");
  HIPPOCRYPT_NEEDS_GOLDEN(rows);
  for (const GoldenRow& row : rows) {
    const auto canaries = count(row, "canaries_m(half in)");
    const auto scores = quantile_scores(canaries, number(row, "score_shift_mu"));
    const Guesses guesses = guess_above(scores, 1.6448536269514722);  // 95 % of those outside
    EXPECT_NEAR(one_run_epsilon(guesses, 1e-5, 0.05),
                number(row, "eps_lower_one_run_fixed_threshold(95th pct of out)"), 0.04)
        << canaries << ", " << number(row, "score_shift_mu");
  }
}

TEST(OneRunTest, BestBoundStaysBelowTheTruthAndGrowsWithTheShift) {
  // True epsilons at delta 1e-5 of a Gaussian mechanism of these shifts (reference, audit_power).
  double last = -1;
  for (const auto& [shift, truth] :
       {std::pair{0.0, 0.0}, {1.0, 4.377}, {2.0, 9.997}, {4.0, 24.382}}) {
    const EpsilonBound bound = best_bound(quantile_scores(1000, shift), 1e-5, 0.05);
    EXPECT_LE(bound.epsilon, truth);
    EXPECT_LE(bound.epsilon_gaussian, truth);
    EXPECT_GT(bound.epsilon, last);
    last = shift == 0 ? 0 : bound.epsilon;
  }
  EXPECT_GT(last, 3.5);
}

TEST(OneRunTest, GuessesCountWhatTheyShould) {
  const std::vector<Scored> scores{{3, true}, {2, false}, {1, true}, {0, false}, {-1, false}};
  const Guesses above = guess_above(scores, 1);
  EXPECT_EQ(above.made, 3U);
  EXPECT_EQ(above.right, 2U);
  const Guesses extremes = guess_extremes(scores, 3);  // 3 and 2 in, -1 out
  EXPECT_EQ(extremes.canaries, 5U);
  EXPECT_EQ(extremes.made, 3U);
  EXPECT_EQ(extremes.right, 2U);
  EXPECT_EQ(guess_extremes(scores, 5).right, 4U);
}

TEST(OneRunTest, NothingRightRefutesNothing) {
  EXPECT_EQ(one_run_epsilon({1000, 100, 0}, 1e-5, 0.05), 0.0);
  EXPECT_EQ(one_run_epsilon_gaussian({1000, 100, 0}, 1e-5, 0.05), 0.0);
  EXPECT_EQ(one_run_p_value({1000, 100, 0}, 0, 0), 1.0);
}

}  // namespace
}  // namespace hippocrypt::privacy::audit
