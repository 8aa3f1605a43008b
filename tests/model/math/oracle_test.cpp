#include <gtest/gtest.h>

#include <limits>

#include "math_support.hpp"
#include "model/plain_oracle.hpp"
#include "model/trainable_oracle.hpp"

namespace hippocrypt::model {
namespace {

const LinearGroup all_groups[] = {LinearGroup::qkv, LinearGroup::attention_out,
                                  LinearGroup::gate_up, LinearGroup::down};

double inner(const Matrix& a, const Matrix& b) {
  double sum = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    sum += static_cast<double>(a.values()[i]) * static_cast<double>(b.values()[i]);
  }
  return sum;
}

double norm(const Matrix& a) { return std::sqrt(inner(a, a)); }

/// Wider than one block of rows and of columns of the int8 product.
Model wide_model() {
  ModelLiteral literal = tiny_literal();
  literal.hidden = 24;
  literal.ffn = 150;
  return tiny_model(config_of(literal));
}

TEST(PlainInt8Oracle, BackwardIsTheAdjointOfTheForward) {
  const Model model = wide_model();
  PlainInt8Oracle oracle = PlainInt8Oracle::create(model.base).value();
  for (const LinearGroup group : all_groups) {
    const LinearSite site{1, group};
    const Matrix x = as<float>(random_matrix(model.config.in_features(group), 5, "x"));
    const Matrix dy = as<float>(random_matrix(model.config.out_features(group), 5, "dy"));
    const Matrix y = oracle.forward(site, x).value();
    const Matrix dx = oracle.backward(site, dy).value();
    // Both sides are sums of the same products; floats round each with 2^-24 of the norms.
    EXPECT_NEAR(inner(y, dy), inner(x, dx), 1e-5 * norm(y) * norm(dy)) << to_string(group);
  }
}

TEST(PlainInt8Oracle, IsNearTheExactProduct) {
  const Model model = wide_model();
  PlainInt8Oracle rounded = PlainInt8Oracle::create(model.base).value();
  PlainFp32Oracle exact{model.base};
  const Matrix x = as<float>(random_matrix(24, 40, "x"));
  const Matrix a = rounded.forward({0, LinearGroup::gate_up}, x).value();
  const Matrix b = exact.forward({0, LinearGroup::gate_up}, x).value();
  double difference = 0.0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    difference += std::pow(static_cast<double>(a.values()[i] - b.values()[i]), 2.0);
  }
  EXPECT_LT(std::sqrt(difference), 0.01 * norm(b));
  EXPECT_GT(difference, 0.0);
}

TEST(PlainOracles, GiveTheSameBitsOnAnyNumberOfThreads) {
  const Model model = wide_model();
  PlainInt8Oracle one8 = PlainInt8Oracle::create(model.base, 1).value();
  PlainInt8Oracle many8 = PlainInt8Oracle::create(model.base, 3).value();
  PlainFp32Oracle one{model.base, 1};
  PlainFp32Oracle many{model.base, 3};
  const LinearSite site{0, LinearGroup::gate_up};
  const Matrix x = as<float>(random_matrix(24, 1700, "x"));
  const Matrix dy = as<float>(random_matrix(300, 1700, "dy"));
  const auto same = [](const Result<Matrix>& a, const Result<Matrix>& b) {
    return std::equal(a->values().begin(), a->values().end(), b->values().begin());
  };
  EXPECT_TRUE(same(one8.forward(site, x), many8.forward(site, x)));
  EXPECT_TRUE(same(one8.backward(site, dy), many8.backward(site, dy)));
  EXPECT_TRUE(same(one.forward(site, x), many.forward(site, x)));
  EXPECT_TRUE(same(one.backward(site, dy), many.backward(site, dy)));
}

TEST(PlainOracles, RefuseNaN) {
  Model model = wide_model();
  PlainInt8Oracle rounded = PlainInt8Oracle::create(model.base).value();
  PlainFp32Oracle exact{model.base};
  BaseWeights gradient = zero_base_weights<float>(model.config);
  TrainableOracleT<float> trainable{model.base, gradient};
  const LinearSite site{0, LinearGroup::attention_out};
  Matrix x{16, 2};
  x(3, 1) = std::numeric_limits<float>::infinity();
  Matrix dy{24, 2};
  dy(3, 1) = std::numeric_limits<float>::quiet_NaN();
  for (LinearOracle* oracle :
       {static_cast<LinearOracle*>(&rounded), static_cast<LinearOracle*>(&exact),
        static_cast<LinearOracle*>(&trainable)}) {
    EXPECT_EQ(oracle->forward(site, x).error().code, Errc::not_finite);
    EXPECT_EQ(oracle->backward(site, dy).error().code, Errc::not_finite);
  }
  model.base.blocks[0][0](0, 0) = std::numeric_limits<float>::quiet_NaN();
  EXPECT_EQ(PlainInt8Oracle::create(model.base).error().code, Errc::not_finite);
}

TEST(PlainInt8Oracle, RefusesContradictingSizes) {
  PlainInt8Oracle::Blocks blocks(1);
  for (auto& matrix : blocks[0]) matrix = {2, 2, std::vector<std::int8_t>(4), {1.0F, 1.0F}};
  EXPECT_TRUE(PlainInt8Oracle::create(blocks).has_value());
  PlainInt8Oracle::Blocks short_values = blocks;
  short_values[0][1].values.pop_back();
  EXPECT_EQ(PlainInt8Oracle::create(short_values).error().code, Errc::mismatch);
  blocks[0][2].row_scale.pop_back();
  EXPECT_EQ(PlainInt8Oracle::create(blocks).error().code, Errc::mismatch);
}

}  // namespace
}  // namespace hippocrypt::model
