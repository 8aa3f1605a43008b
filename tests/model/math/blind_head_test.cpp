// The head's products from an oracle: as the local head, within what the oracle's rounding allows.

#include <gtest/gtest.h>

#include <cmath>
#include <utility>

#include "math_support.hpp"
#include "model/channel_residuals.hpp"
#include "model/decoder.hpp"
#include "model/head.hpp"
#include "model/residual_oracle.hpp"
#include "model/transformer.hpp"
#include "model/unit_gradient.hpp"

namespace hippocrypt::model {
namespace {

const TransformerOptions blind{1, nullptr, HeadPlace::blind};

Model offering_model(Head head = Head::tied) {
  Model model = tiny_model(config_of(tiny_literal(head)));
  offer_head(model);
  return model;
}

/// Answers for the head with one row too few, or fails.
class BadHead final : public LinearOracle {
 public:
  BadHead(LinearOracle& real, bool fails) : real_{real}, fails_{fails} {}
  Result<Matrix> forward(LinearSite site, ConstMatrixView x) override {
    if (site != head_site) return real_.forward(site, x);
    if (fails_) return Error{Errc::unavailable, "no head today"};
    return Matrix{10, x.cols()};
  }
  Result<Matrix> backward(LinearSite site, ConstMatrixView dy) override {
    return real_.backward(site, dy);
  }

 private:
  LinearOracle& real_;
  bool fails_;
};

void expect_near(const MatrixT<double>& a, const MatrixT<double>& b, double tolerance) {
  ASSERT_EQ(a.rows(), b.rows());
  ASSERT_EQ(a.cols(), b.cols());
  for (std::size_t i = 0; i < a.size(); ++i) {
    ASSERT_NEAR(a.values()[i], b.values()[i], tolerance) << i;
  }
}

// In double, differences come from another order of summation only.
TEST(BlindHeadTest, ExactProductsGiveTheLocalLossesGradientsAndLogits) {
  for (const Head head : {Head::tied, Head::untied}) {
    const Model model = offering_model(head);
    Fixture<double> fixture{model};
    const TransformerT<double> local{fixture.config, fixture.client, fixture.oracle};
    const TransformerT<double> far{fixture.config, fixture.client, fixture.oracle, blind};
    const auto adapter =
        convert_adapter<double>(model.config, tiny_adapter(model.config, all_targets));
    const auto a = local.forward_backward(tiny_batch(), adapter, Trainable::both).value();
    const auto b = far.forward_backward(tiny_batch(), adapter, Trainable::both).value();
    EXPECT_EQ(a.report.predicted, b.report.predicted);
    EXPECT_EQ(a.report.weight, b.report.weight);
    EXPECT_NEAR(a.report.weighted_nll, b.report.weighted_nll, 1e-12);
    std::vector<double> da(trainable_count(model.config, adapter.config(), Trainable::both));
    std::vector<double> db(da.size());
    unit_gradient<double>(a.tape, tiny_batch().sequences, da);
    unit_gradient<double>(b.tape, tiny_batch().sequences, db);
    for (std::size_t i = 0; i < da.size(); ++i) ASSERT_NEAR(da[i], db[i], 1e-12) << i;
    for (const auto positions : {LogitPositions::all, LogitPositions::last}) {
      expect_near(local.logits(tiny_batch(), nullptr, positions).value(),
                  far.logits(tiny_batch(), nullptr, positions).value(), 1e-12);
    }
    auto ga = zero_client_weights<double>(model.config);
    auto gb = ga;
    ASSERT_TRUE(local.forward_backward_weights(tiny_batch(), ga));
    ASSERT_TRUE(far.forward_backward_weights(tiny_batch(), gb));
    expect_near(ga.output_head(), gb.output_head(), 1e-12);
  }
}

TEST(BlindHeadTest, BlocksOfTokensMakeNoDifference) {
  const MatrixT<double> head = random_matrix(300, 5, "head", 0.7);
  const MatrixT<double> x = random_matrix(5, 1100, "x");  // three blocks of the oracle
  Batch batch;
  for (std::uint32_t t = 0; t < 1100; ++t) {
    batch.tokens.push_back(t * t % 300);
    batch.loss_weight.push_back(t % 3 == 0 || t == 1099 ? 0.0F : 0.01F);
  }
  batch.sequences = {{0, 1100}};
  BaseWeightsT<double> base;
  base.head = head;
  PlainFp32OracleT<double> oracle{base};
  MatrixT<double> da, db, ha{300, 5}, hb{300, 5};
  const auto a = head_loss<double>(head, x, batch, {&da, &ha});
  const auto b = blind_head_loss<double>(oracle, head, x, batch, {&db, &hb}, 2).value();
  for (std::size_t t = 0; t < 1100; ++t) ASSERT_NEAR(a.nll[t], b.nll[t], 1e-12);
  expect_near(da, db, 1e-12);
  expect_near(ha, hb, 1e-12);
}

// A logit moves by at most half a step of its row a coordinate, δ; a loss then by 2δ, and the
// probabilities by e^(2δ) - 1 in all, which the local backward multiplies by the head.
TEST(BlindHeadTest, Int8ProductsStayWithinTheirRounding) {
  const Model model = offering_model();
  const ConstMatrixView head = model.client.output_head();
  Matrix x{8, 16};
  SeededSequence random{3, "x"};
  for (float& value : x.values()) value = static_cast<float>(random.normal());
  auto oracle = PlainInt8Oracle::create(model.base).value();
  Matrix da, db;
  const auto a = head_loss<float>(model.client.output_head(), x, tiny_batch(), {&da, nullptr});
  const auto b =
      blind_head_loss<float>(oracle, model.client.output_head(), x, tiny_batch(), {&db, nullptr})
          .value();
  const auto scales = quantize_rows(head)->row_scale;
  const double scale = *std::max_element(scales.begin(), scales.end());
  bool moved = false;
  for (std::size_t t = 0; t < 16; ++t) {
    double norm = 0;
    for (std::size_t j = 0; j < 8; ++j) norm += std::abs(double{x(j, t)});
    const double delta = 0.5 * scale * norm + 1e-5;
    EXPECT_LE(std::abs(double{a.nll[t]} - double{b.nll[t]}), 2 * delta) << t;
    moved = moved || a.nll[t] != b.nll[t];
    for (std::size_t j = 0; j < 8; ++j) {
      double largest = 0;
      for (std::size_t v = 0; v < 11; ++v)
        largest = std::max(largest, std::abs(double{head(v, j)}));
      const double bound =
          double{tiny_batch().loss_weight[t]} * largest * std::expm1(2 * delta) + 1e-6;
      EXPECT_LE(std::abs(double{da(j, t)} - double{db(j, t)}), bound) << t;
    }
  }
  EXPECT_TRUE(moved);  // it is the oracle's product
}

TEST(BlindHeadTest, AnOracleWithoutAHeadSaysSo) {
  const Model model = tiny_model(config_of(tiny_literal()));
  PlainFp32Oracle exact{model.base};
  auto rounded = PlainInt8Oracle::create(model.base).value();
  for (LinearOracle* oracle :
       {static_cast<LinearOracle*>(&exact), static_cast<LinearOracle*>(&rounded)}) {
    EXPECT_EQ(oracle->forward(head_site, Matrix{8, 2}).error().code, Errc::unsupported);
    EXPECT_EQ(oracle->backward(head_site, Matrix{11, 2}).error().code, Errc::unsupported);
    const Transformer far{model.config, model.client, *oracle, blind};
    EXPECT_EQ(far.evaluate(tiny_batch(), nullptr).error().code, Errc::unsupported);
  }
}

TEST(BlindHeadTest, AnswersOfTheWrongShapeAreAMismatch) {
  const Model model = offering_model();
  PlainFp32Oracle plain{model.base};
  BadHead oracle{plain, false};
  const Transformer far{model.config, model.client, oracle, blind};
  EXPECT_EQ(far.evaluate(tiny_batch(), nullptr).error().code, Errc::mismatch);
  EXPECT_EQ(far.logits(tiny_batch(), nullptr, LogitPositions::last).error().code, Errc::mismatch);
  const auto adapter = tiny_adapter(model.config, all_targets);
  EXPECT_EQ(far.forward_backward(tiny_batch(), adapter, Trainable::both).error().code,
            Errc::mismatch);
}

TEST(BlindHeadTest, ADecoderAsksForItAndAFailureLeavesTheCaches) {
  const Model model = offering_model();
  PlainFp32Oracle plain{model.base};
  BadHead bad{plain, true};
  KvCache cache = KvCache::create(model.config, 8, std::size_t{1} << 20).value();
  KvCache other = cache, third = cache;
  const std::vector<std::uint32_t> tokens{1, 2, 3};
  const Continuation next{&cache, tokens};
  const Decoder broken{model.config, model.client, bad, nullptr, 64, blind};
  EXPECT_EQ(broken.advance({&next, 1}).error().code, Errc::unavailable);
  EXPECT_EQ(broken.score({&next, 1}).error().code, Errc::unavailable);
  EXPECT_EQ(cache.tokens(), 0U);
  const Decoder far{model.config, model.client, plain, nullptr, 64, blind};
  const Decoder local{model.config, model.client, plain, nullptr, 64};
  const Continuation same{&other, tokens}, again{&third, tokens};
  const auto a = far.advance({&next, 1}).value(), b = local.advance({&same, 1}).value();
  for (std::size_t v = 0; v < 11; ++v) EXPECT_NEAR(a(v, 0), b(v, 0), 1e-5);
  EXPECT_EQ(cache.tokens(), 3U);
  EXPECT_EQ(far.score({&again, 1}).value().front().size(), 2U);
  EXPECT_EQ(third.tokens(), 3U);
}

TEST(BlindHeadTest, BlocksOfACorrectedOracleAreItsWholeProduct) {
  ModelLiteral literal = tiny_literal();
  literal.hidden = 32;
  literal.head_dim = 8;
  Model model = tiny_model(config_of(literal));
  offer_head(model);
  auto rounded = PlainInt8Oracle::create(model.base).value();
  ResidualOracle oracle{rounded, find_channel_residuals(model, 2, 1).value(), 1};
  const Matrix x = convert_client<float>(model.client).embedding;  // any values: (11, 32)
  Matrix columns{32, 11};
  for (std::size_t r = 0; r < 32; ++r) {
    for (std::size_t c = 0; c < 11; ++c) columns(r, c) = x(c, r);
  }
  for (const LinearSite site : {LinearSite{1, LinearGroup::qkv}, head_site}) {
    const Matrix want = oracle.forward(site, columns).value();
    std::size_t blocks = 0;
    ASSERT_TRUE(oracle.forward_blocks(site, columns, [&](std::size_t begin, ConstMatrixView y) {
      EXPECT_EQ(begin, 0U);
      for (std::size_t r = 0; r < want.rows(); ++r) {
        for (std::size_t c = 0; c < 11; ++c) EXPECT_EQ(y(r, c), want(r, c));
      }
      ++blocks;
      return Status{};
    }));
    EXPECT_EQ(blocks, 1U);
    const bool corrected = site != head_site;
    const Matrix plain = rounded.forward(site, columns).value();
    bool differs = false;
    for (std::size_t i = 0; i < plain.size(); ++i) {
      differs = differs || plain.values()[i] != want.values()[i];
    }
    EXPECT_EQ(differs, corrected);
  }
}

TEST(BlindHeadTest, AnOfferedHeadMustHaveTheModelsShape) {
  Model model = offering_model();
  EXPECT_TRUE(check_weights(model));
  model.base.head = Matrix{10, 8};
  EXPECT_EQ(check_weights(model).error().code, Errc::mismatch);
}

}  // namespace
}  // namespace hippocrypt::model
