#include "federation/client/drift_correction.hpp"

#include <gtest/gtest.h>

#include <cmath>

#include "federation/aggregator/strategies/fed_avg.hpp"
#include "federation/aggregator/strategies/strategy_table.hpp"
#include "federation/common/round_vector.hpp"
#include "tests/support/version_sentence.hpp"

namespace hippocrypt::federation {
namespace {

AggregationConfig config_of(StrategyKind strategy, double proximal = 0.01) {
  AggregationConfig config;
  config.strategy = strategy;
  config.proximal = proximal;
  return config;
}

/// Hospital i minimises a_i (w − b_i)² / 2 in two dimensions: as unlike as can be.
struct Quadratic {
  std::vector<float> curvature, optimum;

  std::vector<float> gradient(const std::vector<float>& w) const {
    return {curvature[0] * (w[0] - optimum[0]), curvature[1] * (w[1] - optimum[1])};
  }
};
const std::vector<Quadratic> hospitals{
    {{1.0F, 0.2F}, {4.0F, 0.0F}}, {{0.1F, 1.0F}, {-4.0F, 2.0F}}, {{0.4F, 0.4F}, {0.0F, -6.0F}}};

/// Where the mean of all is least.
std::vector<double> joint_optimum() {
  std::vector<double> out;
  for (std::size_t k = 0; k < 2; ++k) {
    double weighted = 0, total = 0;
    for (const auto& hospital : hospitals) {
      weighted += double{hospital.curvature[k]} * double{hospital.optimum[k]};
      total += double{hospital.curvature[k]};
    }
    out.push_back(weighted / total);
  }
  return out;
}

constexpr double learning_rate = 0.1;

/// Ten local steps a round; the distance from the joint optimum after `rounds`. Hospital 2 misses
/// every fourth round where `one_is_late`.
double distance_after(const AggregationConfig& config, int rounds, bool one_is_late = false) {
  const auto strategy = make_strategy({config, hospitals.size()});
  std::vector<DriftCorrection> sites(hospitals.size(), DriftCorrection{config, 2});
  auto global = round_vector(config.strategy, {0.0F, 0.0F});
  for (int round = 0; round < rounds; ++round) {
    Contributions all;
    for (std::size_t i = 0; i < hospitals.size(); ++i) {
      const bool counts = !(one_is_late && i == 2 && round % 4 == 3);
      auto w = sites[i].begin_round(static_cast<std::uint32_t>(round) + 1, global).value();
      if (sites[i].wants_anchor()) sites[i].set_anchor(w);
      for (int step = 0; step < 10; ++step) {
        auto gradient = hospitals[i].gradient(w);
        sites[i].correct(w, gradient, learning_rate);
        for (std::size_t k = 0; k < 2; ++k) w[k] -= static_cast<float>(learning_rate) * gradient[k];
      }
      const auto update = sites[i].finish_round(w);
      sites[i].settle(counts);
      if (!counts) continue;
      all.hospitals.push_back("h" + std::to_string(i));
      all.weights.push_back(1);
      all.updates.push_back(update);
    }
    global = strategy->apply(global, all).value();
  }
  const auto optimum = joint_optimum();
  return std::hypot(double{global[0]} - optimum[0], double{global[1]} - optimum[1]);
}

TEST(DriftCorrectionTest, ScaffoldReachesTheJointOptimumWhichFedAvgMisses) {
  const double plain = distance_after(config_of(StrategyKind::fedavg), 200);
  EXPECT_GT(plain, 0.2);
  EXPECT_LT(distance_after(config_of(StrategyKind::fedprox, 1.0), 200), 0.9 * plain);
  EXPECT_LT(distance_after(config_of(StrategyKind::scaffold), 200), 1e-4);
}

TEST(DriftCorrectionTest, UpdatesThatDidNotCountLeaveTheMeanOfTheControlVariatesRight) {
  // With a hospital that is missing from every fourth round the global vector moves a little each
  // time, but c stays the mean of all c_i and the end stays near the optimum.
  EXPECT_LT(distance_after(config_of(StrategyKind::scaffold), 203, true), 0.05);
}

TEST(DriftCorrectionTest, WithoutAPartAtTheHospitalNothingChanges) {
  for (const auto& config : {config_of(StrategyKind::fedavg), config_of(StrategyKind::fedadam),
                             config_of(StrategyKind::fedprox, 0.0)}) {
    DriftCorrection site{config, 2};
    EXPECT_EQ(site.round_size(), 2U);
    EXPECT_EQ(site.begin_round(1, std::vector<float>{1, 2}).value(), (std::vector<float>{1, 2}));
    EXPECT_FALSE(site.wants_anchor());
    std::vector<float> gradient{0.3F, -0.0F};
    site.correct(std::vector<float>{5, 5}, gradient, 0.1);
    EXPECT_EQ(gradient, (std::vector<float>{0.3F, -0.0F}));
    EXPECT_EQ(site.finish_round(std::vector<float>{1.5F, 1}), (std::vector<float>{0.5F, -1}));
    EXPECT_TRUE(site.save().empty());
    EXPECT_TRUE(site.restore({}).has_value());
    EXPECT_EQ(site.restore(Bytes{1}).error().code, Errc::malformed);
  }
}

TEST(DriftCorrectionTest, FedProxPullsToItsAnchor) {
  DriftCorrection site{config_of(StrategyKind::fedprox, 0.5), 2};
  ASSERT_TRUE(site.begin_round(1, std::vector<float>{1, 2}).has_value());
  ASSERT_TRUE(site.wants_anchor());
  site.set_anchor({1, 2});
  std::vector<float> gradient{0, 1};
  site.correct(std::vector<float>{3, 2}, gradient, 0.1);
  EXPECT_EQ(gradient, (std::vector<float>{1, 1}));
}

TEST(DriftCorrectionTest, ScaffoldFollowsOptionTwo) {
  DriftCorrection site{config_of(StrategyKind::scaffold), 1};
  EXPECT_EQ(site.round_size(), 2U);
  ASSERT_EQ(site.begin_round(1, std::vector<float>{1, 0.5F}).value(), std::vector<float>{1});
  std::vector<float> gradient{2};
  site.correct(std::vector<float>{1}, gradient, 0.25);
  EXPECT_EQ(gradient[0], 2.5F);  // + c − c_i
  site.correct(std::vector<float>{1}, gradient, 0.25);
  // c_i+ = 0 − 0.5 + (1 − 0) / 0.5
  EXPECT_EQ(site.finish_round(std::vector<float>{0}), (std::vector<float>{-1, 1.5F}));
  // Outside of a round a step is left as it is.
  gradient[0] = 7;
  site.correct(std::vector<float>{1}, gradient, 0.25);
  EXPECT_EQ(gradient[0], 7);
  // The next round uses it.
  ASSERT_TRUE(site.begin_round(2, std::vector<float>{0, 0.5F}).has_value());
  gradient[0] = 2;
  site.correct(std::vector<float>{1}, gradient, 0.25);
  EXPECT_EQ(gradient[0], 2 + 0.5F - 1.5F);
}

TEST(DriftCorrectionTest, AnUpdateThatDidNotCountLeavesTheControlVariate) {
  DriftCorrection site{config_of(StrategyKind::scaffold), 1};
  for (const bool counts : {false, true}) {
    ASSERT_TRUE(site.begin_round(counts ? 2 : 1, std::vector<float>{0, 0}).has_value());
    std::vector<float> gradient{1};
    site.correct(std::vector<float>{0}, gradient, 1.0);
    EXPECT_EQ(gradient[0], 1);
    site.finish_round(std::vector<float>{-1});
    site.settle(counts);
  }
  ASSERT_TRUE(site.begin_round(3, std::vector<float>{0, 0}).has_value());
  std::vector<float> gradient{1};
  site.correct(std::vector<float>{0}, gradient, 1.0);
  EXPECT_EQ(gradient[0], 0);
}

TEST(DriftCorrectionTest, ARoundThatIsTriedAgainCountsOnce) {
  DriftCorrection site{config_of(StrategyKind::scaffold), 1};
  for (int attempt = 0; attempt < 3; ++attempt) {
    ASSERT_TRUE(site.begin_round(1, std::vector<float>{0, 0}).has_value());
    std::vector<float> gradient{1};
    site.correct(std::vector<float>{0}, gradient, 1.0);
    EXPECT_EQ(gradient[0], 1) << attempt;
    EXPECT_EQ(site.finish_round(std::vector<float>{-1}), (std::vector<float>{-1, 1}));
  }
}

TEST(DriftCorrectionTest, GoesOnFromItsSavedState) {
  DriftCorrection site{config_of(StrategyKind::scaffold), 1};
  ASSERT_TRUE(site.begin_round(1, std::vector<float>{0, 0}).has_value());
  std::vector<float> gradient{1};
  site.correct(std::vector<float>{0}, gradient, 1.0);
  site.finish_round(std::vector<float>{-1});
  const Bytes state = site.save();  // with a change of which it does not yet know whether it counts
  for (const bool counts : {false, true}) {
    DriftCorrection after{config_of(StrategyKind::scaffold), 1};
    ASSERT_TRUE(after.restore(state).has_value());
    EXPECT_EQ(after.save(), state);
    after.settle(counts);
    ASSERT_TRUE(after.begin_round(2, std::vector<float>{0, 0}).has_value());
    gradient[0] = 1;
    after.correct(std::vector<float>{0}, gradient, 1.0);
    EXPECT_EQ(gradient[0], counts ? 0.0F : 1.0F);
  }
}

TEST(DriftCorrectionTest, RefusesOtherLengthsAndDamagedStates) {
  DriftCorrection site{config_of(StrategyKind::scaffold), 2};
  EXPECT_EQ(site.begin_round(1, std::vector<float>{1, 2}).error().code, Errc::mismatch);
  const Bytes state = site.save();
  for (std::size_t size = 0; size < state.size(); ++size) {
    EXPECT_EQ(site.restore(ByteView{state}.first(size)).error().code, Errc::malformed) << size;
  }
  Bytes damaged = state;
  damaged.push_back(0);
  EXPECT_EQ(site.restore(damaged).error().code, Errc::malformed);
  damaged = state;
  damaged[4] = 2;
  EXPECT_EQ(site.restore(damaged).error().code, Errc::unsupported);
  EXPECT_EQ(site.restore(damaged).error().detail,
            "the hospital's saved control variate" + test_support::newer_sentence(2));
  damaged = state;
  damaged[20 + 2] = 0x80;  // infinity
  damaged[20 + 3] = 0x7f;
  EXPECT_EQ(site.restore(damaged).error().code, Errc::malformed);
  EXPECT_EQ((DriftCorrection{config_of(StrategyKind::scaffold), 3}.restore(state).error().code),
            Errc::malformed);
}

}  // namespace
}  // namespace hippocrypt::federation
