#include "model/optimizer.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

namespace hippocrypt::model {
namespace {

TEST(AdamW, TakesTheStepsComputedByHand) {
  const AdamWOptions options{.beta1 = 0.9, .beta2 = 0.99, .epsilon = 1e-8, .weight_decay = 0.1};
  AdamW adam = AdamW::create(options, 2).value();
  std::vector<float> values{1.0F, -2.0F};
  // Step 1: m/(1-β1) = g and v/(1-β2) = g², so each value moves by lr·sign(g) after its decay.
  adam.step(values, std::vector<float>{0.5F, -4.0F}, 0.1);
  EXPECT_NEAR(values[0], 1.0 * 0.99 - 0.1, 1e-6);
  EXPECT_NEAR(values[1], -2.0 * 0.99 + 0.1, 1e-6);
  // Step 2, first value, g = -0.25: m = 0.9·0.05 - 0.1·0.25 = 0.02, m̂ = 0.02/0.19;
  // v = 0.99·0.0025 + 0.01·0.0625 = 0.0031, v̂ = 0.0031/0.0199.
  adam.step(values, std::vector<float>{-0.25F, 0.0F}, 0.1);
  const double update = (0.02 / 0.19) / std::sqrt(0.0031 / 0.0199);
  EXPECT_NEAR(values[0], 0.89 * 0.99 - 0.1 * update, 1e-6);
  EXPECT_EQ(adam.state().steps, 2U);
  EXPECT_NEAR(adam.state().first[0], 0.02, 1e-8);
  EXPECT_NEAR(adam.state().second[0], 0.0031, 1e-9);
}

TEST(Sgd, TakesTheStepsComputedByHand) {
  Sgd sgd = Sgd::create({.momentum = 0.5, .weight_decay = 0.1}, 1).value();
  std::vector<float> values{1.0F};
  sgd.step(values, std::vector<float>{2.0F}, 0.1);
  EXPECT_NEAR(values[0], 0.99 - 0.2, 1e-6);
  sgd.step(values, std::vector<float>{1.0F}, 0.1);  // velocity 0.5·2 + 1 = 2
  EXPECT_NEAR(values[0], 0.79 * 0.99 - 0.2, 1e-6);
}

TEST(Optimizers, ContinueFromTheirSavedState) {
  const std::vector<float> g{0.3F, -0.7F, 0.1F};
  std::vector<float> straight{1.0F, 2.0F, 3.0F};
  std::vector<float> resumed = straight;
  AdamW adam = AdamW::create({}, 3).value();
  for (int i = 0; i < 4; ++i) adam.step(straight, g, 0.01);
  AdamW first = AdamW::create({}, 3).value();
  for (int i = 0; i < 2; ++i) first.step(resumed, g, 0.01);
  AdamW second = AdamW::restore({}, first.state()).value();
  for (int i = 0; i < 2; ++i) second.step(resumed, g, 0.01);
  EXPECT_EQ(straight, resumed);

  straight = resumed = {1.0F, 2.0F, 3.0F};
  Sgd sgd = Sgd::create({.momentum = 0.9}, 3).value();
  for (int i = 0; i < 2; ++i) sgd.step(straight, g, 0.01);
  Sgd start = Sgd::create({.momentum = 0.9}, 3).value();
  start.step(resumed, g, 0.01);
  Sgd rest = Sgd::restore({.momentum = 0.9}, start.state()).value();
  rest.step(resumed, g, 0.01);
  EXPECT_EQ(straight, resumed);
}

TEST(Optimizers, LeaveValuesAloneAtLearningRateZero) {
  const std::vector<float> before{1.1F, -0.0F, 1e-40F};
  const std::vector<float> g{3.0F, std::numeric_limits<float>::infinity(), -2.0F};
  std::vector<float> values = before;
  AdamW::create({.weight_decay = 0.5}, 3).value().step(values, g, 0.0);
  Sgd::create({.momentum = 0.9, .weight_decay = 0.5}, 3).value().step(values, g, 0.0);
  EXPECT_EQ(values, before);
  EXPECT_TRUE(std::signbit(values[1]));
}

TEST(Optimizers, RefuseBadOptionsAndStates) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto range = Errc::out_of_range;
  EXPECT_EQ(AdamW::create({.beta1 = 1.0}, 1).error().code, range);
  EXPECT_EQ(AdamW::create({.beta2 = -0.1}, 1).error().code, range);
  EXPECT_EQ(AdamW::create({.beta2 = nan}, 1).error().code, range);
  EXPECT_EQ(AdamW::create({.epsilon = 0.0}, 1).error().code, range);
  EXPECT_EQ(AdamW::create({.weight_decay = -1.0}, 1).error().code, range);
  EXPECT_EQ(AdamW::create({.weight_decay = nan}, 1).error().code, range);
  EXPECT_EQ(AdamW::restore({.beta1 = 2.0}, {}).error().code, range);
  EXPECT_EQ(Sgd::create({.momentum = 1.0}, 1).error().code, range);
  EXPECT_EQ(Sgd::create({.weight_decay = nan}, 1).error().code, range);
  EXPECT_EQ(Sgd::restore({.momentum = nan}, {}).error().code, range);
  EXPECT_EQ(AdamW::restore({}, {1, {1.0F}, {}}).error().code, Errc::mismatch);
  const float bad = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(AdamW::restore({}, {1, {bad}, {1.0F}}).error().code, Errc::not_finite);
  EXPECT_EQ(AdamW::restore({}, {1, {1.0F}, {bad}}).error().code, Errc::not_finite);
  EXPECT_EQ(Sgd::restore({}, {{bad}}).error().code, Errc::not_finite);
}

}  // namespace
}  // namespace hippocrypt::model
