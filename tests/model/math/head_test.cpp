#include "model/head.hpp"

#include <gtest/gtest.h>

#include "math_support.hpp"

namespace hippocrypt::model {
namespace {

constexpr std::size_t vocab = 600;  // more than a chunk
constexpr std::size_t hidden = 5;

Batch predicted_batch() {
  Batch batch;
  batch.tokens = {3, 599, 511, 0, 512, 7};
  batch.sequences = {{0, 6}};
  batch.loss_weight = {1.0F, 0.5F, 0.0F, 2.0F, 0.25F, 0.0F};
  return batch;
}

TEST(HeadTest, LossIsTheFormulaForTheWeightedTokens) {
  const MatrixT<double> head = random_matrix(vocab, hidden, "head", 0.7);
  const MatrixT<double> x = random_matrix(hidden, 6, "x");
  const Batch batch = predicted_batch();
  const auto report = head_loss<double>(head, x, batch, {});
  const MatrixT<double> logits = head_logits<double>(head, x);
  EXPECT_EQ(report.predicted, 4U);
  EXPECT_DOUBLE_EQ(report.weight, 3.75);
  double weighted = 0.0;
  for (std::size_t t = 0; t < 6; ++t) {
    if (batch.loss_weight[t] == 0.0F) {
      EXPECT_EQ(report.nll[t], 0.0);
      continue;
    }
    double sum = 0.0;
    for (std::size_t v = 0; v < vocab; ++v) {
      double logit = 0.0;
      for (std::size_t i = 0; i < hidden; ++i) logit += head(v, i) * x(i, t);
      ASSERT_NEAR(logits(v, t), logit, 1e-12);
      sum += std::exp(logit);
    }
    EXPECT_NEAR(report.nll[t], std::log(sum) - logits(batch.tokens[t + 1], t), 1e-12);
    weighted += static_cast<double>(batch.loss_weight[t]) * report.nll[t];
  }
  EXPECT_NEAR(report.weighted_nll, weighted, 1e-12);
}

TEST(HeadTest, GradientsAgreeWithComplexStep) {
  const MatrixT<double> head = random_matrix(vocab, hidden, "head", 0.7);
  const MatrixT<double> x = random_matrix(hidden, 6, "x");
  const Batch batch = predicted_batch();
  MatrixT<double> dx, dhead{vocab, hidden};
  head_loss<double>(head, x, batch, {&dx, &dhead});
  MatrixT<Complex> xc = as<Complex>(x), hc = as<Complex>(head);
  const auto loss = [&] { return head_loss<Complex>(hc, xc, batch, {}).weighted_nll; };
  expect_gradient(xc.values(), dx.values(), loss);
  expect_gradient(hc.values().first(60), dhead.values().first(60), loss, 1e-9);
  expect_gradient(hc.values().last(60), dhead.values().last(60), loss, 1e-9);
}

TEST(HeadTest, SmallAndManyBlocksOfTokensGiveTheSameLosses) {
  const MatrixT<double> head = random_matrix(40, hidden, "head", 0.7);
  const MatrixT<double> x = random_matrix(hidden, 700, "x");  // two blocks of tokens
  Batch batch;
  batch.tokens.resize(700);
  for (std::size_t t = 0; t < 700; ++t) batch.tokens[t] = static_cast<std::uint32_t>(t * 7 % 40);
  batch.sequences = {{0, 700}};
  batch.loss_weight.assign(700, 1.0F);
  batch.loss_weight.back() = 0.0F;
  MatrixT<double> dx;
  const auto all = head_loss<double>(head, x, batch, {&dx, nullptr});
  for (const std::size_t t : {0U, 300U, 698U}) {
    Batch one = batch;
    std::fill(one.loss_weight.begin(), one.loss_weight.end(), 0.0F);
    one.loss_weight[t] = 1.0F;
    MatrixT<double> d;
    const auto report = head_loss<double>(head, x, one, {&d, nullptr});
    EXPECT_NEAR(report.nll[t], all.nll[t], 1e-12);
    for (std::size_t i = 0; i < hidden; ++i) EXPECT_NEAR(d(i, t), dx(i, t), 1e-12);
  }
}

TEST(HeadTest, NothingToPredictIsNoLoss) {
  const MatrixT<double> head = random_matrix(40, hidden, "head");
  Batch batch = predicted_batch();
  std::fill(batch.loss_weight.begin(), batch.loss_weight.end(), 0.0F);
  MatrixT<double> dx;
  const auto report = head_loss<double>(head, random_matrix(hidden, 6, "x"), batch, {&dx, nullptr});
  EXPECT_EQ(report.predicted, 0U);
  EXPECT_EQ(report.weighted_nll, 0.0);
  for (const double value : dx.values()) EXPECT_EQ(value, 0.0);
}

}  // namespace
}  // namespace hippocrypt::model
