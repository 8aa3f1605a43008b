#include "privacy/audit/membership.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "base/random.hpp"

namespace hippocrypt::privacy::audit {
namespace {

std::vector<double> scores(std::uint64_t seed, std::size_t count, double mean) {
  SeededSequence sequence{seed, "scores"};
  std::vector<double> values;
  for (std::size_t i = 0; i < count; ++i) values.push_back(mean + sequence.normal());
  return values;
}

TEST(MembershipTest, ScoresOfOneLawSayNothing) {
  const auto report = membership_inference(scores(11, 600, 0), scores(12, 300, 0), 1, 1e-5);
  EXPECT_LT(report.lower, 0.5);
  EXPECT_GT(report.upper, 0.5);
  EXPECT_EQ(report.result.p_value, 1.0);
}

TEST(MembershipTest, AucOfAKnownShift) {
  // P(N(1,1) > N(0,1)) = Phi(1 / sqrt 2) = 0.7602.
  const auto report = membership_inference(scores(3, 4000, 1), scores(4, 4000, 0), 5, 1e-5);
  EXPECT_NEAR(report.auc, 0.7602, 0.016);  // three standard errors
  EXPECT_LT(report.lower, 0.7602);
  EXPECT_GT(report.upper, 0.7602);
  // P(N(1,1) > 1.2816) = 0.389 at 10 % false positives.
  ASSERT_EQ(report.low.size(), 3U);
  EXPECT_NEAR(report.low[0].rate, 0.389, 0.04);
  EXPECT_LT(report.low[0].lower, report.low[0].rate);
}

TEST(MembershipTest, MemorisingModelIsRefuted) {
  // Every member stands out: impossible under epsilon 1.
  const auto caught = membership_inference(scores(5, 500, 8), scores(6, 500, 0), 1, 1e-5);
  EXPECT_LT(caught.result.p_value, 1e-6) << caught.result.finding;
  EXPECT_GT(caught.auc, 0.999);
  // The same is no contradiction to an epsilon of 8.
  const auto weak = membership_inference(scores(5, 500, 8), scores(6, 500, 0), 8, 1e-5);
  EXPECT_EQ(weak.result.p_value, 1.0) << weak.result.finding;
}

TEST(MembershipTest, TiesCountHalf) {
  const std::vector<double> members{1, 1, 2}, others{1, 0};
  // Against 1: 0.5, 0.5, 1; against 0: 1, 1, 1.
  EXPECT_DOUBLE_EQ(membership_inference(members, others, 1, 0).auc, 5.0 / 6);
}

}  // namespace
}  // namespace hippocrypt::privacy::audit
