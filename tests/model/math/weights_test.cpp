#include "model/weights.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <limits>

#include "math_support.hpp"

namespace hippocrypt::model {
namespace {

TEST(QuantizeRows, IsWithinHalfAStepAndUsesTheFullRange) {
  const Matrix w = as<float>(random_matrix(5, 33, "w"));
  const QuantizedMatrix q = quantize_rows(w).value();
  ASSERT_EQ(q.values.size(), 5U * 33U);
  for (std::size_t r = 0; r < 5; ++r) {
    int largest = 0;
    for (std::size_t c = 0; c < 33; ++c) {
      const int value = q.values[r * 33 + c];
      largest = std::max(largest, std::abs(value));
      EXPECT_NEAR(w(r, c), static_cast<float>(value) * q.row_scale[r], 0.501F * q.row_scale[r]);
    }
    EXPECT_EQ(largest, 127);
  }
}

TEST(QuantizeRows, GivesAZeroRowTheScaleZero) {
  Matrix w{2, 3};
  w(1, 1) = -4.0F;
  const QuantizedMatrix q = quantize_rows(w).value();
  EXPECT_EQ(q.row_scale[0], 0.0F);
  EXPECT_EQ(q.values, (std::vector<std::int8_t>{0, 0, 0, 0, -127, 0}));
}

TEST(QuantizeRows, RefusesNaN) {
  Matrix w{2, 3};
  w(1, 1) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(quantize_rows(w).error().code, Errc::not_finite);
}

Errc refusal(Head head, const std::function<void(Model&)>& change) {
  Model model = tiny_model(config_of(tiny_literal(head)));
  EXPECT_TRUE(check_weights(model).has_value());
  change(model);
  const Status status = check_weights(model);
  return status.has_value() ? Errc::cancelled : status.error().code;
}

TEST(CheckWeights, RefusesWrongShapesAndNaN) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  const auto wrong = Errc::mismatch;
  EXPECT_EQ(refusal(Head::tied, [](Model& m) { m.base.blocks.pop_back(); }), wrong);
  EXPECT_EQ(refusal(Head::tied, [](Model& m) { m.base.blocks[1][2] = Matrix{3, 3}; }), wrong);
  EXPECT_EQ(refusal(Head::tied, [](Model& m) { m.client.ffn_norm[0].pop_back(); }), wrong);
  EXPECT_EQ(refusal(Head::tied, [](Model& m) { m.client.final_norm.push_back(1.0F); }), wrong);
  EXPECT_EQ(refusal(Head::tied, [](Model& m) { m.client.embedding = Matrix{1, 8}; }), wrong);
  EXPECT_EQ(refusal(Head::tied, [](Model& m) { m.client.head = Matrix{11, 8}; }), wrong);
  EXPECT_EQ(refusal(Head::untied, [](Model& m) { m.client.head = Matrix{}; }), wrong);
  EXPECT_EQ(refusal(Head::tied, [](Model& m) { m.client.qkv_bias.resize(2); }), wrong);
  EXPECT_EQ(refusal(Head::tied, [&](Model& m) { m.base.blocks[0][1](0, 0) = nan; }),
            Errc::not_finite);
  EXPECT_EQ(refusal(Head::tied, [&](Model& m) { m.client.attention_norm[0][2] = nan; }),
            Errc::not_finite);
}

TEST(CheckWeights, RefusesBiasesThatAreMissingOrWrong) {
  ModelLiteral literal = tiny_literal();
  literal.qkv_bias = true;
  Model model = tiny_model(config_of(literal));
  EXPECT_TRUE(check_weights(model).has_value());
  model.client.qkv_bias[1].pop_back();
  EXPECT_EQ(check_weights(model).error().code, Errc::mismatch);
  model.client.qkv_bias[1].push_back(std::numeric_limits<float>::infinity());
  EXPECT_EQ(check_weights(model).error().code, Errc::not_finite);
  model.client.qkv_bias.clear();
  EXPECT_EQ(check_weights(model).error().code, Errc::mismatch);
}

}  // namespace
}  // namespace hippocrypt::model
