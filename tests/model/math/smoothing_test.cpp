#include "model/smoothing.hpp"

#include "model/quantization_error.hpp"
#include "model/transformer.hpp"
#include "tests/model/math/math_support.hpp"

namespace hippocrypt::model {
namespace {

/// A model whose norms and the matrices after them disagree: in two channels the gains are small
/// and the weights large, as training leaves them.
Model with_outliers(const ModelConfig& config) {
  Model model = tiny_model(config);
  for (std::size_t block = 0; block < config->blocks; ++block) {
    for (const LinearGroup group : smoothed_groups) {
      Matrix& weights = model.base.at({static_cast<std::uint32_t>(block), group});
      auto& gains = group == LinearGroup::qkv ? model.client.attention_norm[block]
                                              : model.client.ffn_norm[block];
      for (const std::size_t channel : {std::size_t{1}, std::size_t{6}}) {
        for (std::size_t r = 0; r < weights.rows(); ++r) weights(r, channel) *= 40.0F;
        gains[channel] /= 40.0F;
      }
    }
  }
  return model;
}

Matrix logits_of(const Model& model, LinearOracle& oracle) {
  const Transformer transformer{model.config, model.client, oracle};
  return transformer.logits(tiny_batch(), nullptr, LogitPositions::all).value();
}

double int8_logits_error(const Model& model) {
  PlainFp32Oracle exact{model.base};
  PlainInt8Oracle rounded = PlainInt8Oracle::create(model.base).value();
  const Matrix a = logits_of(model, exact), b = logits_of(model, rounded);
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double d = double{a.values()[i]} - double{b.values()[i]};
    sum += d * d;
  }
  return std::sqrt(sum / static_cast<double>(a.size()));
}

ChannelMagnitudes measured(const Model& model) {
  ChannelMagnitudes magnitudes{model.config};
  PlainFp32Oracle exact{model.base};
  MeasuringOracle oracle{exact, magnitudes};
  logits_of(model, oracle);
  return magnitudes;
}

TEST(SmoothingTest, LeavesTheModelTheSameFunctionBitForBit) {
  const Model before = with_outliers(config_of(tiny_literal()));
  const ChannelMagnitudes magnitudes = measured(before);
  PlainFp32Oracle oracle{before.base};
  const Matrix wanted = logits_of(before, oracle);
  for (const ChannelMagnitudes* given :
       {static_cast<const ChannelMagnitudes*>(nullptr), &magnitudes}) {
    Model after = before;
    ASSERT_TRUE(smooth_model(after, 0.7, given).has_value());
    EXPECT_NE(after.client.attention_norm[0][1], before.client.attention_norm[0][1]);
    PlainFp32Oracle smoothed{after.base};
    const Matrix got = logits_of(after, smoothed);
    EXPECT_TRUE(std::equal(got.values().begin(), got.values().end(), wanted.values().begin()));
  }
}

TEST(SmoothingTest, LessensTheErrorOfInt8WithOutlierChannels) {
  const Model before = with_outliers(config_of(tiny_literal()));
  const ChannelMagnitudes magnitudes = measured(before);
  const double plain = int8_logits_error(before);
  for (const double strength : {0.5, 1.0}) {
    Model by_weights = before;
    ASSERT_TRUE(smooth_model(by_weights, strength, nullptr).has_value());
    EXPECT_LT(int8_logits_error(by_weights), 0.7 * plain) << strength;
    EXPECT_LT(outlier_channels(column_maxima(by_weights.base.blocks[0][0].view())).largest_ratio,
              outlier_channels(column_maxima(before.base.blocks[0][0].view())).largest_ratio);
  }
  Model by_text = before;
  ASSERT_TRUE(smooth_model(by_text, 0.5, &magnitudes).has_value());
  EXPECT_LT(int8_logits_error(by_text), 0.7 * plain);
}

TEST(SmoothingTest, ScalesArePowersOfTwoWithMeanOne) {
  const std::vector<float> maxima{16.0F, 1.0F, 0.0F, 1.0F, 1.0F};
  EXPECT_EQ(smoothing_scales(maxima, {}, 1.0), (std::vector<float>{8.0F, 0.5F, 1.0F, 0.5F, 0.5F}));
  EXPECT_EQ(smoothing_scales(maxima, {}, 0.0), std::vector<float>(5, 1.0F));
  // A channel with much going through it gets finer steps, that is larger weights.
  const std::vector<float> even(3, 1.0F), magnitudes{4.0F, 1.0F, 0.25F};
  EXPECT_EQ(smoothing_scales(even, magnitudes, 0.5), (std::vector<float>{0.5F, 1.0F, 2.0F}));
  EXPECT_EQ(smoothing_scales(std::vector<float>(3), {}, 1.0), std::vector<float>(3, 1.0F));
}

TEST(SmoothingTest, MeasuresRootMeanSquareOfWhatTheNormsGive) {
  const ModelConfig config = config_of(tiny_literal());
  ChannelMagnitudes magnitudes{config};
  EXPECT_EQ(magnitudes.root_mean_square(1, LinearGroup::gate_up), std::vector<float>(8));
  Matrix x{8, 2};
  x(3, 0) = 3.0F;
  x(3, 1) = -4.0F;
  magnitudes.add({1, LinearGroup::gate_up}, x);
  magnitudes.add({1, LinearGroup::down}, Matrix{10, 2});  // not before a norm: ignored
  const auto got = magnitudes.root_mean_square(1, LinearGroup::gate_up);
  EXPECT_FLOAT_EQ(got[3], std::sqrt(12.5F));
  EXPECT_EQ(got[2], 0.0F);
  EXPECT_EQ(magnitudes.root_mean_square(0, LinearGroup::gate_up), std::vector<float>(8));
}

TEST(SmoothingTest, RefusesAStrengthAndWeightsThatCannotBe) {
  Model model = tiny_model(config_of(tiny_literal()));
  for (const double strength : {-0.1, 1.1, std::nan("")}) {
    EXPECT_EQ(smooth_model(model, strength, nullptr).error().code, Errc::out_of_range);
  }
  for (float& gain : model.client.attention_norm[0]) gain = 3e38F;
  Matrix& weights = model.base.blocks[0][0];
  for (std::size_t r = 0; r < weights.rows(); ++r) weights(r, 0) *= 1e6F;
  EXPECT_EQ(smooth_model(model, 1.0, nullptr).error().code, Errc::not_finite);
}

}  // namespace
}  // namespace hippocrypt::model
