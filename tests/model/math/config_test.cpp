#include "model/config.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>
#include <set>

#include "math_support.hpp"

namespace hippocrypt::model {
namespace {

void expect_refused(const std::function<void(ModelLiteral&)>& change, Errc code,
                    const std::string& word) {
  ModelLiteral literal = tiny_literal();
  change(literal);
  const auto result = ModelConfig::create(literal);
  ASSERT_FALSE(result.has_value()) << word;
  EXPECT_EQ(result.error().code, code) << result.error().detail;
  EXPECT_NE(result.error().detail.find(word), std::string::npos) << result.error().detail;
}

RopeScaling divisors(std::vector<float> values) {
  RopeScaling out;
  out.kind = RopeScalingKind::factors;
  out.divisors = std::move(values);
  return out;
}

TEST(ModelConfig, GivesTheShapesOfEveryGroup) {
  const ModelConfig config = config_of(tiny_literal());
  EXPECT_EQ(config.out_features(LinearGroup::qkv), 32U);
  EXPECT_EQ(config.in_features(LinearGroup::qkv), 8U);
  EXPECT_EQ(config.out_features(LinearGroup::attention_out), 8U);
  EXPECT_EQ(config.in_features(LinearGroup::attention_out), 16U);
  EXPECT_EQ(config.out_features(LinearGroup::gate_up), 20U);
  EXPECT_EQ(config.in_features(LinearGroup::gate_up), 8U);
  EXPECT_EQ(config.out_features(LinearGroup::down), 8U);
  EXPECT_EQ(config.in_features(LinearGroup::down), 10U);
}

TEST(ModelConfig, HeadDimDefaultsToHiddenOverHeads) {
  ModelLiteral literal = tiny_literal();
  literal.head_dim = 0;
  EXPECT_EQ(config_of(literal)->head_dim, 2U);
}

TEST(ModelConfig, RefusesEveryFieldOutOfItsRange) {
  const auto code = Errc::out_of_range;
  expect_refused([](ModelLiteral& l) { l.vocab = 0; }, code, "vocab");
  expect_refused([](ModelLiteral& l) { l.vocab = (1U << 20) + 1; }, code, "vocab");
  expect_refused([](ModelLiteral& l) { l.hidden = 0; }, code, "hidden");
  expect_refused([](ModelLiteral& l) { l.hidden = SIZE_MAX; }, code, "hidden");
  expect_refused([](ModelLiteral& l) { l.blocks = 0; }, code, "blocks");
  expect_refused([](ModelLiteral& l) { l.blocks = 5000; }, code, "blocks");
  expect_refused([](ModelLiteral& l) { l.heads = 0; }, code, "heads");
  expect_refused([](ModelLiteral& l) { l.kv_heads = 0; }, code, "kv_heads");
  expect_refused([](ModelLiteral& l) { l.kv_heads = 3; }, code, "kv_heads");
  expect_refused([](ModelLiteral& l) { l.head_dim = 3; }, code, "head_dim");
  expect_refused([](ModelLiteral& l) { l.head_dim = SIZE_MAX; }, code, "head_dim");
  expect_refused(
      [](ModelLiteral& l) {
        l.heads = l.kv_heads = 1024;
        l.head_dim = 1024;
      },
      code, "heads * head_dim");
  expect_refused(
      [](ModelLiteral& l) {
        l.head_dim = 0;
        l.hidden = 9;
      },
      code, "hidden");
  expect_refused([](ModelLiteral& l) { l.ffn = 0; }, code, "ffn");
  expect_refused([](ModelLiteral& l) { l.max_context = 0; }, code, "max_context");
  expect_refused([](ModelLiteral& l) { l.rope_theta = 0.0; }, code, "rope_theta");
  const auto llama3 = RopeScalingKind::llama3;
  expect_refused(
      [](ModelLiteral& l) {
        l.rope_scaling = {RopeScalingKind::linear, 0.5};
      },
      code, "factor");
  expect_refused(
      [=](ModelLiteral& l) {
        l.rope_scaling = {llama3, 8.0, 4.0};
      },
      code, "rope_scaling");
  expect_refused(
      [=](ModelLiteral& l) {
        l.rope_scaling = {llama3, 8.0, 1.0, 4.0, 0.0};
      },
      code, "rope_scaling");
  expect_refused([](ModelLiteral& l) { l.rope_scaling = divisors({1.0F, 0.0F}); }, code, "divisor");
  expect_refused([](ModelLiteral& l) { l.rope_scaling = divisors({1.0F}); }, Errc::mismatch,
                 "1 divisors; there are 2 pairs");
  expect_refused([](ModelLiteral& l) { l.rms_epsilon = 0.0; }, code, "rms_epsilon");
  expect_refused([](ModelLiteral& l) { l.rms_epsilon = 1.0; }, code, "rms_epsilon");
}

TEST(ModelConfig, RefusesWhatIsNoNumber) {
  const double nan = std::numeric_limits<double>::quiet_NaN();
  expect_refused([&](ModelLiteral& l) { l.rope_theta = nan; }, Errc::not_finite, "rope_theta");
  expect_refused([&](ModelLiteral& l) { l.rms_epsilon = nan; }, Errc::not_finite, "rms_epsilon");
  expect_refused(
      [&](ModelLiteral& l) {
        l.rope_scaling = {RopeScalingKind::linear, nan};
      },
      Errc::not_finite, "rope_scaling");
  expect_refused(
      [&](ModelLiteral& l) {
        l.rope_scaling = divisors({1.0F, std::nanf("")});
      },
      Errc::not_finite, "rope_scaling");
}

TEST(ModelConfig, ForgetsTheRopeSettingsThatItsKindDoesNotUse) {
  const Hash256 plain = config_of(tiny_literal()).fingerprint();
  ModelLiteral literal = tiny_literal();
  literal.rope_scaling = {RopeScalingKind::none, 8.0, 2.0, 3.0, 20.0, {1.0F}};
  const ModelConfig config = config_of(literal);
  EXPECT_EQ(config->rope_scaling.factor, 1.0);
  EXPECT_TRUE(config->rope_scaling.divisors.empty());
  EXPECT_EQ(config.fingerprint(), plain);
}

TEST(ModelConfig, FingerprintCoversEveryField) {
  const Hash256 original = config_of(tiny_literal()).fingerprint();
  EXPECT_EQ(original, config_of(tiny_literal()).fingerprint());
  const std::vector<std::function<void(ModelLiteral&)>> changes{
      [](ModelLiteral& l) { l.vocab = 12; },
      [](ModelLiteral& l) { l.hidden = 12; },
      [](ModelLiteral& l) { l.blocks = 3; },
      [](ModelLiteral& l) { l.heads = 2; },
      [](ModelLiteral& l) { l.kv_heads = 4; },
      [](ModelLiteral& l) { l.head_dim = 6; },
      [](ModelLiteral& l) { l.ffn = 11; },
      [](ModelLiteral& l) { l.max_context = 65; },
      [](ModelLiteral& l) { l.rope_theta = 9999.0; },
      [](ModelLiteral& l) {
        l.rope_scaling = {RopeScalingKind::linear, 2.0};
      },
      [](ModelLiteral& l) {
        l.rope_scaling = {RopeScalingKind::llama3, 2.0};
      },
      [](ModelLiteral& l) {
        l.rope_scaling = {RopeScalingKind::llama3, 2.0, 0.5};
      },
      [](ModelLiteral& l) {
        l.rope_scaling = {RopeScalingKind::llama3, 2.0, 0.5, 5.0};
      },
      [](ModelLiteral& l) {
        l.rope_scaling = {RopeScalingKind::llama3, 2.0, 0.5, 5.0, 1.0};
      },
      [](ModelLiteral& l) {
        l.rope_scaling = divisors({1.0F, 2.0F});
      },
      [](ModelLiteral& l) {
        l.rope_scaling = divisors({1.0F, 3.0F});
      },
      [](ModelLiteral& l) { l.rms_epsilon = 1e-6; },
      [](ModelLiteral& l) { l.tied_head = false; },
      [](ModelLiteral& l) { l.qkv_bias = true; }};
  std::set<Hash256> seen{original};
  for (std::size_t i = 0; i < changes.size(); ++i) {
    ModelLiteral literal = tiny_literal();
    changes[i](literal);
    EXPECT_TRUE(seen.insert(config_of(literal).fingerprint()).second) << i;
  }
}

}  // namespace
}  // namespace hippocrypt::model
