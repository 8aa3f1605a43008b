// Strategies with moments, against values computed by a few lines of Python from the papers'
// formulas.

#include <gtest/gtest.h>

#include "contributions_of.hpp"
#include "federation/aggregator/strategies/fed_avg.hpp"
#include "federation/aggregator/strategies/fed_avg_m.hpp"
#include "federation/aggregator/strategies/fed_opt.hpp"
#include "tests/support/version_sentence.hpp"

namespace hippocrypt::federation {
namespace {

using test_support::contributions_of;

const std::vector<float> start{0.5F, -1.0F, 0.0F};

std::vector<Contributions> three_rounds() {
  const std::vector<std::uint32_t> weights{3, 1};
  return {contributions_of({{0.1F, -0.2F, 0.0F}, {0.3F, 0.2F, 0.04F}}, weights),
          contributions_of({{-0.2F, 0.1F, 0.01F}, {0.0F, 0.1F, 0.02F}}, weights),
          contributions_of({{0.05F, 0.4F, 0.0F}, {0.01F, -0.4F, 0.0F}}, weights)};
}

std::vector<float> run(Strategy& strategy, std::size_t first = 0,
                       std::vector<float> global = start) {
  const auto rounds = three_rounds();
  for (std::size_t i = first; i < rounds.size(); ++i) {
    global = strategy.apply(global, rounds[i]).value();
  }
  return global;
}

void expect_near(const std::vector<float>& found, const std::vector<double>& expected) {
  ASSERT_EQ(found.size(), expected.size());
  for (std::size_t i = 0; i < found.size(); ++i) EXPECT_NEAR(found[i], expected[i], 2e-6) << i;
}

FedOpt fed_opt(AdaptiveRule rule) {
  return FedOpt{{rule, 0.1, rule == AdaptiveRule::adagrad ? 0.0 : 0.9, 0.99, 2e-2}};
}

TEST(FedOptTest, FollowsAlgorithmTwo) {
  auto adagrad = fed_opt(AdaptiveRule::adagrad);
  expect_near(run(adagrad), {0.540086314, -0.945311401, 0.051008636});
  auto adam = fed_opt(AdaptiveRule::adam);
  expect_near(run(adam), {0.540442787, -0.970071333, 0.012781757});
  auto yogi = fed_opt(AdaptiveRule::yogi);
  expect_near(run(yogi), {0.540432271, -0.970373269, 0.012712988});
}

TEST(FedAvgMTest, AddsItsVelocity) {
  FedAvgM strategy{{2.0, 0.5}};
  expect_near(run(strategy), {0.655, -0.65, 0.0725});
}

TEST(FedAvgMTest, WithoutMomentumIsFedAvg) {
  FedAvgM strategy{{1.0, 0.0}};
  FedAvg plain;
  EXPECT_EQ(run(strategy), run(plain));
}

template <class Make>
void expect_resumes(const Make& make) {
  auto whole = make();
  const auto expected = run(whole);
  auto before = make();
  const auto global = before.apply(start, three_rounds()[0]).value();
  auto after = make();
  ASSERT_TRUE(after.restore(before.save()).has_value());
  EXPECT_EQ(after.save(), before.save());
  EXPECT_EQ(run(after, 1, global), expected);
  EXPECT_EQ(after.save(), whole.save());
}

TEST(ServerOptimizerTest, GoesOnFromItsSavedStateAsIfItHadNotStopped) {
  expect_resumes([] { return FedAvgM{{2.0, 0.5}}; });
  for (const auto rule : {AdaptiveRule::adagrad, AdaptiveRule::adam, AdaptiveRule::yogi}) {
    expect_resumes([rule] { return fed_opt(rule); });
  }
}

TEST(ServerOptimizerTest, TakesASumForTheUpdates) {
  auto one = fed_opt(AdaptiveRule::adam);
  auto other = fed_opt(AdaptiveRule::adam);
  const auto round = three_rounds()[0];
  const auto a = one.apply(start, round).value();
  const auto b = other.apply(start, test_support::summed(round)).value();
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], 1e-6);
}

TEST(ServerOptimizerTest, AnErrorLeavesTheStateAsItWas) {
  auto strategy = fed_opt(AdaptiveRule::yogi);
  ASSERT_TRUE(strategy.apply(start, three_rounds()[0]).has_value());
  const Bytes before = strategy.save();
  EXPECT_EQ(strategy.apply(start, contributions_of({{1}})).error().code, Errc::mismatch);
  const auto nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(strategy.apply(start, contributions_of({{1, nan, 0}})).error().code, Errc::not_finite);
  EXPECT_EQ(strategy.save(), before);
  // An adapter of another size than the moments.
  EXPECT_EQ(strategy.apply(std::vector<float>{1}, contributions_of({{1}})).error().code,
            Errc::mismatch);
}

TEST(ServerOptimizerTest, RefusesForeignAndDamagedStates) {
  auto adam = fed_opt(AdaptiveRule::adam);
  FedAvgM momentum{{1.0, 0.9}};
  run(adam);
  run(momentum);
  const Bytes state = adam.save();
  EXPECT_EQ(momentum.restore(state).error().code, Errc::malformed);
  EXPECT_EQ(fed_opt(AdaptiveRule::yogi).restore(state).error().code, Errc::malformed);
  for (std::size_t size = 1; size < state.size(); ++size) {
    EXPECT_EQ(adam.restore(ByteView{state}.first(size)).error().code, Errc::malformed) << size;
  }
  Bytes damaged = state;
  damaged.push_back(0);
  EXPECT_EQ(adam.restore(damaged).error().code, Errc::malformed);
  damaged = state;
  damaged[4] = 9;
  EXPECT_EQ(adam.restore(damaged).error().code, Errc::unsupported);
  EXPECT_EQ(adam.restore(damaged).error().detail,
            "the strategy's saved state" + test_support::newer_sentence(damaged[4]));
  damaged = state;
  damaged[20 + 7] = 0xff;  // the first list's count
  EXPECT_EQ(adam.restore(damaged).error().code, Errc::malformed);
  damaged = state;
  damaged[28 + 2] = 0xff;  // exponent bits of its first value
  damaged[28 + 3] = 0x7f;
  EXPECT_EQ(adam.restore(damaged).error().code, Errc::malformed);
  EXPECT_TRUE(adam.restore({}).has_value());  // before the first round nothing is kept
}

}  // namespace
}  // namespace hippocrypt::federation
