#include <gtest/gtest.h>

#include "math_support.hpp"
#include "model/lora_tape.hpp"
#include "model/transformer.hpp"
#include "model/unit_gradient.hpp"

namespace hippocrypt::model {
namespace {

std::vector<double> unit(const LoraTapeT<double>& tape, const std::vector<SequenceSpan>& ranges,
                         std::size_t count) {
  std::vector<double> out(count, 99.0);
  unit_gradient<double>(tape, ranges, out);
  return out;
}

void expect_lora_gradients(const ModelLiteral& literal, const std::vector<LoraTarget>& targets,
                           Trainable trainable) {
  const Model model = tiny_model(config_of(literal));
  const LoraAdapter adapter = trains_core(trainable) ? tiny_core_adapter(model.config, targets)
                                                     : tiny_adapter(model.config, targets);
  const Batch batch = tiny_batch();
  Fixture<double> real{model};
  const TransformerT<double> transformer{real.config, real.client, real.oracle};
  const std::size_t count = trainable_count(model.config, adapter.config(), trainable);
  auto wide = convert_adapter<double>(model.config, adapter);
  std::vector<double> values(count);
  gather<double>(wide, trainable, values);
  scatter<double>(values, trainable, wide);  // B of a core in double
  const auto step = transformer.forward_backward(batch, wide, trainable).value();
  const std::vector<double> gradient = unit(step.tape, batch.sequences, count);

  Fixture<Complex> fixture{model};
  const TransformerT<Complex> analytic{fixture.config, fixture.client, fixture.oracle};
  LoraAdapterT<Complex> complex_adapter = convert_adapter<Complex>(model.config, adapter);
  std::vector<Complex> flat(count);
  gather<Complex>(complex_adapter, trainable, flat);
  expect_gradient(flat, gradient, [&] {
    scatter<Complex>(flat, trainable, complex_adapter);
    return analytic.evaluate(batch, &complex_adapter)->weighted_nll;
  });
}

TEST(TransformerLora, GradientsOfEveryTargetAgreeWithComplexStep) {
  for (const LoraTarget target : all_targets) {
    SCOPED_TRACE(to_string(target));
    expect_lora_gradients(tiny_literal(), {target}, Trainable::both);
    expect_lora_gradients(tiny_literal(), {target}, Trainable::b_only);
    expect_lora_gradients(tiny_literal(), {target}, Trainable::a_only);
    expect_lora_gradients(tiny_literal(), {target}, Trainable::core);
  }
}

TEST(TransformerLora, GradientsOfAllTargetsTogetherAgreeWithComplexStep) {
  for (const Head head : {Head::tied, Head::untied}) {
    expect_lora_gradients(tiny_literal(head), all_targets, Trainable::both);
    expect_lora_gradients(tiny_literal(head), all_targets, Trainable::b_only);
    expect_lora_gradients(tiny_literal(head), all_targets, Trainable::core);
  }
}

TEST(TransformerLora, GradientsOfABiasedModelAgreeWithComplexStep) {
  ModelLiteral literal = tiny_literal();
  literal.qkv_bias = true;
  expect_lora_gradients(literal, all_targets, Trainable::both);
}

TEST(TransformerLora, AZeroBIsTheBaseModelBitForBit) {
  const Model model = tiny_model(config_of(tiny_literal()));
  PlainFp32Oracle oracle{model.base};
  const Transformer transformer{model.config, model.client, oracle};
  const LoraConfig lora = LoraConfig::create({2, 3.0, all_targets}, model.config).value();
  const LoraAdapter adapter = initial_adapter(model.config, lora, LoraInit::orthonormal, 1);
  const auto base = transformer.evaluate(tiny_batch(), nullptr).value();
  const auto adapted = transformer.evaluate(tiny_batch(), &adapter).value();
  const auto step = transformer.forward_backward(tiny_batch(), adapter, Trainable::b_only).value();
  EXPECT_EQ(base.nll, adapted.nll);
  EXPECT_EQ(base.nll, step.report.nll);
  std::vector<float> gradient(trainable_count(model.config, lora, Trainable::b_only));
  unit_gradient<float>(step.tape, tiny_batch().sequences, gradient);
  EXPECT_NE(gradient, std::vector<float>(gradient.size())) << "B would never leave zero";
}

struct UnitCase {
  Model model = tiny_model(config_of(tiny_literal()));
  LoraAdapterT<double> adapter =
      convert_adapter<double>(model.config, tiny_adapter(model.config, all_targets));
  Fixture<double> fixture{model};
  TransformerT<double> transformer{fixture.config, fixture.client, fixture.oracle};
  std::size_t count = trainable_count(model.config, adapter.config(), Trainable::both);

  LoraTapeT<double> tape(const Batch& batch) const {
    return std::move(transformer.forward_backward(batch, adapter, Trainable::both)->tape);
  }
};

void expect_near(const std::vector<double>& a, const std::vector<double>& b) {
  double largest = 0.0;
  for (const double value : b) largest = std::max(largest, std::abs(value));
  for (std::size_t i = 0; i < a.size(); ++i) ASSERT_NEAR(a[i], b[i], 1e-13 * largest) << i;
}

TEST(UnitGradient, EachEqualsTheUnitAloneAndTheySumToTheBatch) {
  const UnitCase test;
  const Batch batch = tiny_batch();
  const LoraTapeT<double> tape = test.tape(batch);
  // Two units: the first owns sequences 0 and 2, the second owns sequence 1.
  const auto first = unit(tape, {batch.sequences[0], batch.sequences[2]}, test.count);
  const auto second = unit(tape, {batch.sequences[1]}, test.count);

  const auto alone = [&](const std::vector<std::size_t>& owned) {
    Batch part;
    for (const std::size_t s : owned) {
      const SequenceSpan span = batch.sequences[s];
      part.sequences.push_back({part.tokens.size(), span.count});
      for (std::size_t t = span.begin; t < span.begin + span.count; ++t) {
        part.tokens.push_back(batch.tokens[t]);
        part.loss_weight.push_back(batch.loss_weight[t]);
      }
    }
    return unit(test.tape(part), part.sequences, test.count);
  };
  expect_near(first, alone({0, 2}));
  expect_near(second, alone({1}));

  const auto whole = unit(tape, batch.sequences, test.count);
  std::vector<double> sum(test.count);
  for (std::size_t i = 0; i < test.count; ++i) sum[i] = first[i] + second[i];
  expect_near(sum, whole);
  EXPECT_EQ(unit(tape, {}, test.count), std::vector<double>(test.count, 0.0));
}

TEST(UnitGradient, OfOneUnitIgnoresTheTokensOfAnother) {
  const UnitCase test;
  Batch batch = tiny_batch();
  const auto before = unit(test.tape(batch), {batch.sequences[1]}, test.count);
  batch.tokens[2] = 0;
  batch.tokens[12] = 3;
  batch.loss_weight[0] = 100.0F;
  const auto after = unit(test.tape(batch), {batch.sequences[1]}, test.count);
  EXPECT_EQ(before, after);
}

}  // namespace
}  // namespace hippocrypt::model
