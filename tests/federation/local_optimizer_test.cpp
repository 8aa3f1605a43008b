#include "federation/client/local_optimizer.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace hippocrypt::federation {
namespace {

TrainingConfig training_of(OptimizerKind kind) {
  TrainingConfig training;
  training.optimizer = kind;
  training.weight_decay = 0.1;
  if (kind == OptimizerKind::sgd) training.momentum = 0.9;
  return training;
}

void steps(LocalOptimizer& optimizer, std::vector<float>& values, int from, int count) {
  for (int i = from; i < from + count; ++i) {
    const auto g = static_cast<float>(i);
    optimizer.step(values, std::vector<float>{g, -g, 0.5F}, 0.01);
  }
}

TEST(LocalOptimizerTest, ARestoredOneGoesOnBitForBit) {
  for (const auto kind : {OptimizerKind::adamw, OptimizerKind::sgd}) {
    const auto training = training_of(kind);
    auto whole = LocalOptimizer::create(training, 3).value();
    std::vector<float> values{1, 2, 3};
    steps(whole, values, 1, 6);
    auto first = LocalOptimizer::create(training, 3).value();
    std::vector<float> resumed{1, 2, 3};
    steps(first, resumed, 1, 3);
    auto second = LocalOptimizer::restore(training, 3, first.state()).value();
    EXPECT_EQ(second.size(), 3U);
    steps(second, resumed, 4, 3);
    EXPECT_EQ(values, resumed) << to_string(kind);
  }
}

TEST(LocalOptimizerTest, TheConfigurationSetsItsNumbers) {
  auto training = training_of(OptimizerKind::sgd);
  auto sgd = LocalOptimizer::create(training, 1).value();
  std::vector<float> values{1};
  sgd.step(values, std::vector<float>{1}, 0.5);  // (1 − 0.5·0.1)·1 − 0.5·1
  EXPECT_FLOAT_EQ(values[0], 0.45F);
  sgd.step(values, std::vector<float>{1}, 0.5);  // velocity 0.9 + 1
  EXPECT_FLOAT_EQ(values[0], 0.45F * 0.95F - 0.95F);
  training.momentum = 1.0;
  EXPECT_EQ(LocalOptimizer::create(training, 1).error().code, Errc::out_of_range);
  auto adamw = training_of(OptimizerKind::adamw);
  adamw.beta1 = 1.0;
  EXPECT_EQ(LocalOptimizer::create(adamw, 1).error().code, Errc::out_of_range);
  adamw.beta1 = 0.9;
  adamw.epsilon = -1;
  EXPECT_EQ(LocalOptimizer::create(adamw, 1).error().code, Errc::out_of_range);
}

TEST(LocalOptimizerTest, AStateOfAnotherKindOrSizeIsRefused) {
  const auto adamw = training_of(OptimizerKind::adamw);
  const auto sgd = training_of(OptimizerKind::sgd);
  const auto code = [](const TrainingConfig& training, OptimizerState state) {
    return LocalOptimizer::restore(training, 2, std::move(state)).error().code;
  };
  EXPECT_EQ(code(adamw, model::SgdState{{1, 1}}), Errc::mismatch);
  EXPECT_EQ(code(sgd, model::AdamWState{1, {1, 1}, {1, 1}}), Errc::mismatch);
  EXPECT_EQ(code(sgd, model::SgdState{{1}}), Errc::mismatch);
  EXPECT_EQ(code(adamw, model::AdamWState{1, {1}, {1}}), Errc::mismatch);
  EXPECT_EQ(code(adamw, model::AdamWState{1, {1, 1}, {1}}), Errc::mismatch);
  const float nan = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(code(sgd, model::SgdState{{1, nan}}), Errc::not_finite);
}

}  // namespace
}  // namespace hippocrypt::federation
