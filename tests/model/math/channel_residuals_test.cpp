#include "model/channel_residuals.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/gemm.hpp"
#include "base/random.hpp"
#include "model/plain_oracle.hpp"
#include "model/pretrain.hpp"
#include "model/residual_oracle.hpp"

namespace hippocrypt::model {
namespace {

constexpr std::uint32_t planted = 37;

/// A random model of two blocks whose channel `planted` is a hundred times as large as the others
/// behind every norm.
Model model_with_a_large_channel() {
  ModelLiteral shape;
  shape.vocab = 50;
  shape.hidden = 64;
  shape.blocks = 2;
  shape.heads = 4;
  shape.kv_heads = 2;
  shape.ffn = 96;
  shape.max_context = 40;
  Model model = initial_model(ModelConfig::create(shape).value(), 3);
  for (auto* gains : {&model.client.attention_norm, &model.client.ffn_norm}) {
    for (auto& gain : *gains) gain[planted] = 100.0F;
  }
  return model;
}

Matrix random_matrix(std::size_t rows, std::size_t cols, std::uint64_t seed) {
  SeededSequence random{seed, "channel residuals"};
  Matrix out{rows, cols};
  for (float& value : out.values()) value = static_cast<float>(random.normal());
  return out;
}

double dot(const Matrix& a, const Matrix& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += static_cast<double>(a.values()[i]) * static_cast<double>(b.values()[i]);
  }
  return sum;
}

double distance(const Matrix& a, const Matrix& b) {
  double sum = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += std::pow(static_cast<double>(a.values()[i]) - static_cast<double>(b.values()[i]), 2);
  }
  return std::sqrt(sum);
}

constexpr LinearSite qkv{1, LinearGroup::qkv};

TEST(ChannelResidualsTest, FindsTheLargeChannelOfEveryNormedGroup) {
  const Model model = model_with_a_large_channel();
  const auto residuals = find_channel_residuals(model, 2, 1).value();
  ASSERT_EQ(residuals.size(), 2U);
  for (const auto& block : residuals) {
    for (const LinearGroup group : {LinearGroup::qkv, LinearGroup::gate_up}) {
      const auto& found = block[static_cast<std::size_t>(group)];
      EXPECT_EQ(found.channels.size(), 2U);
      EXPECT_TRUE(std::is_sorted(found.channels.begin(), found.channels.end()));
      EXPECT_EQ(std::count(found.channels.begin(), found.channels.end(), planted), 1);
      EXPECT_EQ(found.values.rows(), model.config.out_features(group));
    }
  }
}

TEST(ChannelResidualsTest, KeepsAtMostASixteenthOfTheInputs) {
  const auto residuals = find_channel_residuals(model_with_a_large_channel(), 1000, 1).value();
  EXPECT_EQ(residuals[0][0].channels.size(), 64U / 16);
  EXPECT_EQ(residuals[0][3].channels.size(), 96U / 16);
}

TEST(ChannelResidualsTest, RefusesWeightsThatAreNoNumbers) {
  Model model = model_with_a_large_channel();
  model.base.blocks[1][2](0, 0) = std::numeric_limits<float>::quiet_NaN();
  const auto residuals = find_channel_residuals(model, 2, 1);
  ASSERT_FALSE(residuals.has_value());
  EXPECT_EQ(residuals.error().code, Errc::not_finite);
}

TEST(ResidualOracleTest, ChosenChannelsAreExactAndOthersAsRounded) {
  const Model model = model_with_a_large_channel();
  auto int8 = PlainInt8Oracle::create(model.base).value();
  PlainFp32Oracle exact{model.base};
  ResidualOracle oracle{int8, find_channel_residuals(model, 2, 1).value(), 1};
  Matrix x{64, 3};
  for (std::size_t t = 0; t < 3; ++t) x(planted, t) = static_cast<float>(t + 1);
  const Matrix wanted = exact.forward(qkv, x).value();
  // float32 rounding of sums of two terms.
  EXPECT_LT(distance(oracle.forward(qkv, x).value(), wanted),
            1e-6 * std::sqrt(dot(wanted, wanted)));
  EXPECT_GT(distance(int8.forward(qkv, x).value(), wanted), 1e-4 * std::sqrt(dot(wanted, wanted)));
  for (std::size_t t = 0; t < 3; ++t) x(planted, t) = 0;
  x(3, 1) = 1;
  EXPECT_EQ(distance(oracle.forward(qkv, x).value(), int8.forward(qkv, x).value()), 0);
}

TEST(ResidualOracleTest, BackwardIsTheAdjoint) {
  const Model model = model_with_a_large_channel();
  auto int8 = PlainInt8Oracle::create(model.base).value();
  ResidualOracle oracle{int8, find_channel_residuals(model, 4, 1).value(), 1};
  for (std::size_t g = 0; g < linear_group_count; ++g) {
    const LinearSite site{0, static_cast<LinearGroup>(g)};
    const Matrix x = random_matrix(model.config.in_features(site.group), 5, 1);
    const Matrix dy = random_matrix(model.config.out_features(site.group), 5, 2);
    const double forward = dot(oracle.forward(site, x).value(), dy);
    const double backward = dot(x, oracle.backward(site, dy).value());
    // 1e-5 of the norms: sums of up to 192 float products.
    EXPECT_NEAR(forward, backward, 1e-5 * std::sqrt(dot(x, x) * dot(dy, dy)));
  }
}

TEST(ResidualOracleTest, ThreadsDoNotChangeABit) {
  const Model model = model_with_a_large_channel();
  auto int8 = PlainInt8Oracle::create(model.base).value();
  const Matrix x = random_matrix(64, 700, 4);
  const Matrix dy = random_matrix(model.config.out_features(LinearGroup::qkv), 700, 5);
  ResidualOracle one{int8, find_channel_residuals(model, 4, 1).value(), 1};
  const Matrix y = one.forward(qkv, x).value();
  const Matrix dx = one.backward(qkv, dy).value();
  for (const std::size_t threads : {2U, 3U}) {
    ResidualOracle several{int8, find_channel_residuals(model, 4, threads).value(), threads};
    EXPECT_EQ(distance(several.forward(qkv, x).value(), y), 0);
    EXPECT_EQ(distance(several.backward(qkv, dy).value(), dx), 0);
  }
}

}  // namespace
}  // namespace hippocrypt::model
