// FedProx and SCAFFOLD in a hospital's trainer, over the tiny model without noise.

#include <gtest/gtest.h>

#include <algorithm>
#include <atomic>
#include <cmath>

#include "federation/common/round_vector.hpp"
#include "tests/support/tiny_site.hpp"

namespace hippocrypt::federation {
namespace {

using test_support::TinyFederation;
using test_support::TinySite;

constexpr std::uint32_t steps = 3;

class LocalRoundsTest : public ::testing::Test {
 protected:
  LocalRoundsTest() {
    tiny_.config.privacy.noise_multiplier = 0;
    tiny_.config.privacy.sampling_rate = 0.3;
    tiny_.config.training.optimizer = OptimizerKind::sgd;
    tiny_.config.training.learning_rate = 0.5;
    tiny_.config.run.steps_per_round = steps;
  }

  std::unique_ptr<TinySite> site(StrategyKind strategy, double proximal = 0.01) {
    tiny_.config.aggregation.strategy = strategy;
    tiny_.config.aggregation.proximal = proximal;
    return std::make_unique<TinySite>(tiny_, std::to_string(++sites_) + ".sqlite");
  }
  std::vector<float> start(const TinySite& tiny) const {
    return round_vector(tiny_.config.aggregation.strategy, tiny.site->start_values());
  }
  std::vector<float> round(TinySite& tiny, std::uint32_t number, const std::vector<float>& global) {
    return tiny.site->trainer()
        .train_round(number, steps, global, never_, [](const StepReport&) {})
        .value();
  }
  /// What the next round starts from when the hospital is alone in it.
  static std::vector<float> plus(std::vector<float> global, const std::vector<float>& update) {
    for (std::size_t i = 0; i < global.size(); ++i) global[i] += update[i];
    return global;
  }
  static double norm(const std::vector<float>& values) {
    double sum = 0;
    for (const float value : values) sum += double{value} * double{value};
    return std::sqrt(sum);
  }

  TinyFederation tiny_{std::string{"rounds_"} +
                       ::testing::UnitTest::GetInstance()->current_test_info()->name()};
  int sites_ = 0;
  const std::atomic<bool> never_{false};
};

TEST_F(LocalRoundsTest, FedProxWithoutAPullIsFedAvgBitForBit) {
  for (const auto optimizer : {OptimizerKind::sgd, OptimizerKind::adamw}) {
    tiny_.config.training.optimizer = optimizer;
    const auto plain = site(StrategyKind::fedavg);
    const auto prox = site(StrategyKind::fedprox, 0.0);
    auto global = start(*plain);
    for (std::uint32_t number = 1; number <= 2; ++number) {
      const auto update = round(*plain, number, global);
      EXPECT_EQ(round(*prox, number, global), update);
      global = plus(global, update);
    }
  }
}

TEST_F(LocalRoundsTest, AStrongPullKeepsTheHospitalNearTheGlobalAdapter) {
  for (const auto mode : {AdapterMode::ffa, AdapterMode::rolora, AdapterMode::fed_sb}) {
    tiny_.config.adapter.mode = mode;
    const auto plain = site(StrategyKind::fedavg);
    const auto prox = site(StrategyKind::fedprox, 1.0);
    auto global = start(*plain);
    for (std::uint32_t number = 1; number <= 2; ++number) {  // RoLoRA trains A in the second
      const auto far = round(*plain, number, global);
      const auto near = round(*prox, number, global);
      EXPECT_LT(norm(near), 0.9 * norm(far)) << to_string(mode) << number;
      EXPECT_GT(norm(near), 0.0);
      global = plus(global, far);
    }
  }
}

TEST_F(LocalRoundsTest, ScaffoldStartsAsFedAvgAndSendsTwiceAsMuch) {
  const auto plain = site(StrategyKind::fedavg);
  const auto global = start(*plain);
  const auto expected = round(*plain, 1, global);
  const auto scaffold = site(StrategyKind::scaffold);
  EXPECT_EQ(scaffold->site->trainer().round_size(), 2 * global.size());
  const auto update = round(*scaffold, 1, start(*scaffold));
  ASSERT_EQ(update.size(), 2 * expected.size());
  for (std::size_t i = 0; i < expected.size(); ++i) {
    ASSERT_EQ(update[i], expected[i]);
    ASSERT_FLOAT_EQ(update[expected.size() + i], -expected[i] / (0.5F * steps));
  }
}

TEST_F(LocalRoundsTest, ScaffoldsControlVariateSurvivesTheProcess) {
  const auto whole = site(StrategyKind::scaffold);
  const auto first = round(*whole, 1, start(*whole));
  auto global = plus(start(*whole), first);
  const Bytes state = whole->site->trainer().local_state();
  const auto optimizer = whole->site->trainer().optimizer_state();
  const auto expected = round(*whole, 2, global);

  const auto resumed = site(StrategyKind::scaffold);
  ASSERT_TRUE(resumed->site->trainer().restore(optimizer, steps).has_value());
  ASSERT_TRUE(resumed->site->trainer().restore_local_state(state).has_value());
  EXPECT_EQ(round(*resumed, 2, global), expected);

  // Alone, c is c_i, so that nothing is corrected; without its state a hospital would drift.
  const auto forgetful = site(StrategyKind::scaffold);
  ASSERT_TRUE(forgetful->site->trainer().restore(optimizer, steps).has_value());
  EXPECT_NE(round(*forgetful, 2, global), expected);
}

TEST_F(LocalRoundsTest, RefusesAStartOfAnotherLength) {
  const auto tiny = site(StrategyKind::scaffold);
  const auto refused = tiny->site->trainer().train_round(1, steps, tiny->site->start_values(),
                                                         never_, [](const StepReport&) {});
  EXPECT_EQ(refused.error().code, Errc::mismatch);
  EXPECT_EQ(tiny->site->trainer().steps_done(), 0U);
}

}  // namespace
}  // namespace hippocrypt::federation
