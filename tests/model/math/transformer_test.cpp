#include "model/transformer.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "math_support.hpp"
#include "model/trainable_oracle.hpp"
#include "model/unit_gradient.hpp"

namespace hippocrypt::model {
namespace {

Complex loss_of(Fixture<Complex>& fixture, const Batch& batch) {
  const TransformerT<Complex> model{fixture.config, fixture.client, fixture.oracle};
  return model.evaluate(batch, nullptr)->weighted_nll;
}

void expect_weight_gradients(const ModelLiteral& literal) {
  const Model model = tiny_model(config_of(literal));
  const Batch batch = tiny_batch();
  const BaseWeightsT<double> base = convert_base<double>(model.base);
  const ClientWeightsT<double> client = convert_client<double>(model.client);
  BaseWeightsT<double> dbase = zero_base_weights<double>(model.config);
  ClientWeightsT<double> dclient = zero_client_weights<double>(model.config);
  TrainableOracleT<double> oracle{base, dbase};
  const TransformerT<double> transformer{model.config, client, oracle};
  const auto report = transformer.forward_backward_weights(batch, dclient).value();

  Fixture<Complex> fixture{model};
  const auto loss = [&] { return loss_of(fixture, batch); };
  EXPECT_NEAR(report.weighted_nll, loss().real(), 1e-13);
  expect_gradient(fixture.client.embedding.values(), dclient.embedding.values(), loss);
  expect_gradient(fixture.client.final_norm, dclient.final_norm, loss);
  if (!literal.tied_head) {
    expect_gradient(fixture.client.head.values(), dclient.head.values(), loss);
  }
  for (std::size_t b = 0; b < 2; ++b) {
    expect_gradient(fixture.client.attention_norm[b], dclient.attention_norm[b], loss);
    expect_gradient(fixture.client.ffn_norm[b], dclient.ffn_norm[b], loss);
    if (literal.qkv_bias) {
      expect_gradient(fixture.client.qkv_bias[b], dclient.qkv_bias[b], loss);
    }
    for (std::size_t g = 0; g < linear_group_count; ++g) {
      expect_gradient(fixture.base.blocks[b][g].values(), dbase.blocks[b][g].values(), loss);
    }
  }
}

TEST(Transformer, WeightGradientsAgreeWithComplexStepWhenTied) {
  expect_weight_gradients(tiny_literal(Head::tied));
}

TEST(Transformer, WeightGradientsAgreeWithComplexStepWhenUntied) {
  expect_weight_gradients(tiny_literal(Head::untied));
}

TEST(Transformer, WeightGradientsAgreeWithComplexStepWhenBiased) {
  ModelLiteral literal = tiny_literal();
  literal.qkv_bias = true;
  expect_weight_gradients(literal);
}

TEST(Transformer, HiddenStatesLeadFromTheEmbeddingToTheHead) {
  const Model model = tiny_model(config_of(tiny_literal(Head::untied)));
  Fixture<double> fixture{model};
  const TransformerT<double> transformer{fixture.config, fixture.client, fixture.oracle};
  const Batch batch = tiny_batch();
  const auto embedded = transformer.hidden(batch, nullptr, 0).value();
  const auto between = transformer.hidden(batch, nullptr, 1).value();
  const auto last = transformer.hidden(batch, nullptr, 2).value();
  const auto logits = transformer.logits(batch, nullptr, LogitPositions::all).value();
  double moved = 0.0;
  for (std::size_t t = 0; t < batch.tokens.size(); ++t) {
    for (std::size_t r = 0; r < 8; ++r) {
      EXPECT_EQ(embedded(r, t), fixture.client.embedding(batch.tokens[t], r));
      moved += std::abs(between(r, t) - embedded(r, t));
    }
    for (std::size_t v = 0; v < 11; ++v) {
      double sum = 0.0;
      for (std::size_t r = 0; r < 8; ++r) sum += fixture.client.head(v, r) * last(r, t);
      EXPECT_NEAR(logits(v, t), sum, 1e-12);
    }
  }
  EXPECT_GT(moved, 1.0);
}

TEST(Transformer, InputsStandInForTheEmbeddings) {
  const Model model = tiny_model(config_of(tiny_literal()));
  PlainFp32Oracle oracle{model.base};
  const Transformer transformer{model.config, model.client, oracle};
  const LoraAdapter adapter = tiny_adapter(model.config, all_targets);
  Batch batch = tiny_batch();
  const auto plain = transformer.forward_backward(batch, adapter, Trainable::both).value();
  batch.inputs = transformer.hidden(batch, nullptr, 0).value();  // what they would be anyway
  const auto same = transformer.forward_backward(batch, adapter, Trainable::both).value();
  EXPECT_EQ(same.report.nll, plain.report.nll);
  std::vector<float> expected(trainable_count(model.config, adapter.config(), Trainable::both));
  std::vector<float> found(expected.size());
  unit_gradient<float>(plain.tape, batch.sequences, expected, 1);
  unit_gradient<float>(same.tape, batch.sequences, found, 1);
  EXPECT_EQ(found, expected);

  batch.inputs(2, 0) += 0.5F;  // of the first sequence, which ends before token 7
  const auto moved = transformer.evaluate(batch, &adapter).value();
  EXPECT_NE(moved.nll[0], plain.report.nll[0]);
  for (std::size_t t = 7; t < 16; ++t) EXPECT_EQ(moved.nll[t], plain.report.nll[t]);
}

TEST(Transformer, FloatAgreesWithDouble) {
  const Model model = tiny_model(config_of(tiny_literal()));
  PlainFp32Oracle oracle{model.base};
  Fixture<double> fixture{model};
  const auto low = Transformer{model.config, model.client, oracle}.evaluate(tiny_batch(), nullptr);
  const auto high = TransformerT<double>{fixture.config, fixture.client, fixture.oracle}.evaluate(
      tiny_batch(), nullptr);
  for (std::size_t t = 0; t < low->nll.size(); ++t) EXPECT_NEAR(low->nll[t], high->nll[t], 1e-4);
  EXPECT_EQ(low->predicted, 8U);
  EXPECT_NEAR(low->weight, 5.0, 1e-6);
}

TEST(Transformer, LossesAreThoseOfTheLogits) {
  const Model model = tiny_model(config_of(tiny_literal(Head::untied)));
  Fixture<double> fixture{model};
  const TransformerT<double> transformer{fixture.config, fixture.client, fixture.oracle};
  const Batch batch = tiny_batch();
  const auto logits = transformer.logits(batch, nullptr, LogitPositions::all).value();
  const auto last = transformer.logits(batch, nullptr, LogitPositions::last).value();
  const auto report = transformer.evaluate(batch, nullptr).value();
  ASSERT_EQ(logits.cols(), batch.tokens.size());
  ASSERT_EQ(last.cols(), 3U);
  double weighted = 0.0;
  for (std::size_t t = 0; t < batch.tokens.size(); ++t) {
    double sum = 0.0;
    for (std::size_t v = 0; v < 11; ++v) sum += std::exp(logits(v, t));
    const double expected =
        batch.loss_weight[t] == 0.0F ? 0.0 : std::log(sum) - logits(batch.tokens[t + 1], t);
    EXPECT_NEAR(report.nll[t], expected, 1e-12) << t;
    weighted += static_cast<double>(batch.loss_weight[t]) * expected;
  }
  EXPECT_NEAR(report.weighted_nll, weighted, 1e-12);
  for (std::size_t v = 0; v < 11; ++v) {
    EXPECT_NEAR(last(v, 0), logits(v, 4), 1e-13);
    EXPECT_NEAR(last(v, 2), logits(v, 13), 1e-13);
  }
}

TEST(Transformer, OneSequenceDoesNotTouchAnother) {
  const Model model = tiny_model(config_of(tiny_literal()));
  Fixture<double> fixture{model};
  const TransformerT<double> transformer{fixture.config, fixture.client, fixture.oracle};
  Batch batch = tiny_batch();
  const auto before = transformer.evaluate(batch, nullptr).value();
  batch.tokens[0] = 10;
  batch.tokens[5] = 7;  // a dummy
  const auto after = transformer.evaluate(batch, nullptr).value();
  EXPECT_NE(before.nll[3], after.nll[3]);
  for (std::size_t t = 7; t < 16; ++t) EXPECT_EQ(before.nll[t], after.nll[t]);

  Batch alone;
  alone.tokens = {9, 9, 5, 10};
  alone.sequences = {{0, 4}};
  alone.loss_weight = {1.0F, 1.0F, 1.0F, 0.0F};
  const auto single = transformer.evaluate(alone, nullptr).value();
  for (std::size_t t = 0; t < 3; ++t) EXPECT_NEAR(single.nll[t], before.nll[t + 7], 1e-13);
}

TEST(Transformer, TakesAnEmptyBatch) {
  const Model model = tiny_model(config_of(tiny_literal()));
  PlainFp32Oracle oracle{model.base};
  const auto report = Transformer{model.config, model.client, oracle}.evaluate(Batch{}, nullptr);
  ASSERT_TRUE(report.has_value());
  EXPECT_EQ(report->weighted_nll, 0.0);
}

TEST(Transformer, RefusesABadBatch) {
  const Model model = tiny_model(config_of(tiny_literal()));
  PlainFp32Oracle oracle{model.base};
  const Transformer transformer{model.config, model.client, oracle};
  const LoraAdapter adapter = tiny_adapter(model.config, all_targets);
  ClientWeights gradient = zero_client_weights<float>(model.config);
  Batch batch = tiny_batch();
  batch.tokens[0] = 99;
  const auto code = Errc::out_of_range;
  EXPECT_EQ(transformer.evaluate(batch, nullptr).error().code, code);
  EXPECT_EQ(transformer.logits(batch, nullptr, LogitPositions::all).error().code, code);
  EXPECT_EQ(transformer.forward_backward(batch, adapter, Trainable::both).error().code, code);
  EXPECT_EQ(transformer.forward_backward_weights(batch, gradient).error().code, code);
}

/// Counts calls; fails or answers with a wrong shape at a chosen one.
class FaultyOracle final : public LinearOracle {
 public:
  enum class Fault { none, unavailable, shape };
  FaultyOracle(LinearOracle& inner, Fault fault, std::size_t at)
      : inner_{inner}, fault_{fault}, at_{at} {}
  Result<Matrix> forward(LinearSite site, ConstMatrixView x) override {
    ++forward_calls;
    return answer(inner_.forward(site, x));
  }
  Result<Matrix> backward(LinearSite site, ConstMatrixView dy) override {
    ++backward_calls;
    return answer(inner_.backward(site, dy));
  }
  std::size_t forward_calls = 0;
  std::size_t backward_calls = 0;

 private:
  Result<Matrix> answer(Result<Matrix> good) const {
    if (fault_ == Fault::none || forward_calls + backward_calls != at_) return good;
    if (fault_ == Fault::shape) return Matrix{1, 1};
    return Error{Errc::unavailable, "gone"};
  }
  LinearOracle& inner_;
  Fault fault_;
  std::size_t at_;
};

TEST(Transformer, PassesOnEveryFailureOfTheOracle) {
  const Model model = tiny_model(config_of(tiny_literal()));
  PlainFp32Oracle plain{model.base};
  const LoraAdapter adapter = tiny_adapter(model.config, all_targets);
  using Fault = FaultyOracle::Fault;
  for (std::size_t at = 1; at <= 15; ++at) {
    for (const Fault fault : {Fault::unavailable, Fault::shape}) {
      FaultyOracle oracle{plain, fault, at};
      const Transformer transformer{model.config, model.client, oracle};
      const auto step = transformer.forward_backward(tiny_batch(), adapter, Trainable::both);
      ASSERT_FALSE(step.has_value()) << at;
      EXPECT_EQ(step.error().code,
                fault == Fault::unavailable ? Errc::unavailable : Errc::mismatch);
    }
  }
}

TEST(Transformer, AsksForTheSameProductsWhateverTheBatch) {
  const Model model = tiny_model(config_of(tiny_literal()));
  PlainFp32Oracle plain{model.base};
  const LoraAdapter adapter = tiny_adapter(model.config, {LoraTarget::down});
  Batch dummies = tiny_batch();
  dummies.sequences.clear();
  std::fill(dummies.loss_weight.begin(), dummies.loss_weight.end(), 0.0F);
  for (const Batch& batch : {tiny_batch(), dummies}) {
    FaultyOracle oracle{plain, FaultyOracle::Fault::none, 0};
    const Transformer transformer{model.config, model.client, oracle};
    const auto step = transformer.forward_backward(batch, adapter, Trainable::b_only);
    ASSERT_TRUE(step.has_value());
    EXPECT_EQ(oracle.forward_calls, 8U);
    EXPECT_EQ(oracle.backward_calls, 7U);
  }
}

}  // namespace
}  // namespace hippocrypt::model
