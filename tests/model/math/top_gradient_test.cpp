// Backprop::top_gradient against the exact backward: where the two must agree, and where not.

#include <gtest/gtest.h>

#include "math_support.hpp"
#include "model/transformer.hpp"
#include "model/unit_gradient.hpp"

namespace hippocrypt::model {
namespace {

/// Counts the products that a pass asks for.
class CountingOracle final : public LinearOracleT<double> {
 public:
  explicit CountingOracle(LinearOracleT<double>& inner) : inner_{inner} {}
  Result<MatrixT<double>> forward(LinearSite site, ConstMatrixViewT<double> x) override {
    ++forwards;
    return inner_.forward(site, x);
  }
  Result<MatrixT<double>> backward(LinearSite site, ConstMatrixViewT<double> dy) override {
    ++backwards;
    return inner_.backward(site, dy);
  }
  int forwards = 0;
  int backwards = 0;

 private:
  LinearOracleT<double>& inner_;
};

/// The gradient of every factor of both blocks.
LoraAdapterT<double> gradient(const Model& model, const std::vector<LoraTarget>& targets,
                              Backprop backprop, CountingOracle* count = nullptr) {
  Fixture<double> fixture{model};
  const auto adapter = convert_adapter<double>(model.config, tiny_adapter(model.config, targets));
  CountingOracle oracle{fixture.oracle};
  const TransformerT<double> transformer{fixture.config, fixture.client, oracle};
  const auto step =
      transformer.forward_backward(tiny_batch(), adapter, Trainable::both, backprop).value();
  std::vector<double> flat(trainable_count(model.config, adapter.config(), Trainable::both));
  unit_gradient<double>(step.tape, tiny_batch().sequences, flat);
  auto out = adapter;
  scatter<double>(flat, Trainable::both, out);
  if (count != nullptr) {
    count->forwards = oracle.forwards;
    count->backwards = oracle.backwards;
  }
  return out;
}

void expect_equal(const LoraAdapterT<double>::Factors& a, const LoraAdapterT<double>::Factors& b) {
  double largest = 0;
  for (const double value : b.b.values()) largest = std::max(largest, std::abs(value));
  ASSERT_GT(largest, 0);
  for (std::size_t i = 0; i < a.a.size(); ++i) EXPECT_NEAR(a.a.values()[i], b.a.values()[i], 1e-13);
  for (std::size_t i = 0; i < a.b.size(); ++i) EXPECT_NEAR(a.b.values()[i], b.b.values()[i], 1e-13);
}

TEST(TopGradientTest, AsksForNoBackwardProductAndTheSameForwardOnes) {
  const Model model = tiny_model(config_of(tiny_literal()));
  Fixture<double> fixture{model};
  CountingOracle exact{fixture.oracle}, top{fixture.oracle};
  gradient(model, all_targets, Backprop::exact, &exact);
  gradient(model, all_targets, Backprop::top_gradient, &top);
  EXPECT_EQ(exact.backwards, 7);
  EXPECT_EQ(top.backwards, 0);
  EXPECT_EQ(top.forwards, exact.forwards);
}

TEST(TopGradientTest, OnlyWhatWritesToTheResidualStreamHasAGradient) {
  const Model model = tiny_model(config_of(tiny_literal()));
  const auto top = gradient(model, all_targets, Backprop::top_gradient);
  for (std::size_t block = 0; block < top.blocks(); ++block) {
    for (std::size_t i = 0; i < top.shapes().size(); ++i) {
      const LoraTarget target = top.shapes()[i].target;
      const bool writes = target == LoraTarget::o || target == LoraTarget::down;
      for (const auto* factor : {&top.at(block, i).a, &top.at(block, i).b}) {
        double norm = 0;
        for (const double value : factor->values()) norm += value * value;
        EXPECT_EQ(norm > 0, writes) << to_string(target);
      }
    }
  }
}

TEST(TopGradientTest, IsExactForTheLastDownProjection) {
  const Model model = tiny_model(config_of(tiny_literal()));
  const auto exact = gradient(model, all_targets, Backprop::exact);
  const auto top = gradient(model, all_targets, Backprop::top_gradient);
  expect_equal(top.at(1, 6), exact.at(1, 6));
  // One block down the branches above are missed.
  EXPECT_GT(std::abs(top.at(0, 6).b(0, 0) - exact.at(0, 6).b(0, 0)), 1e-3);
}

TEST(TopGradientTest, IsExactBelowBranchesThatDoNothing) {
  Model model = tiny_model(config_of(tiny_literal()));
  const auto silence = [&model](std::size_t block, LinearGroup group) {
    for (float& value : model.base.blocks[block][static_cast<std::size_t>(group)].values()) {
      value = 0;
    }
  };
  silence(0, LinearGroup::gate_up);
  silence(1, LinearGroup::gate_up);
  silence(1, LinearGroup::qkv);
  const auto exact = gradient(model, {LoraTarget::o}, Backprop::exact);
  const auto top = gradient(model, {LoraTarget::o}, Backprop::top_gradient);
  expect_equal(top.at(0, 0), exact.at(0, 0));
}

}  // namespace
}  // namespace hippocrypt::model
