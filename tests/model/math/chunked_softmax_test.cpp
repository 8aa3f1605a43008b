#include "model/chunked_softmax.hpp"

#include <gtest/gtest.h>

#include "math_support.hpp"

namespace hippocrypt::model {
namespace {

/// log Σ_v e^logit of every column, by chunks of `rows`; `logits` end as weights·softmax.
template <class T>
std::vector<T> run(MatrixT<T>& logits, std::size_t rows, const std::vector<T>& weights) {
  const std::size_t chunks = (logits.rows() + rows - 1) / rows;
  const auto part = [&](std::size_t chunk) {
    const std::size_t first = chunk * rows;
    return logits.view().row_block(first, std::min(rows, logits.rows() - first));
  };
  ChunkedSoftmaxT<T> softmax{chunks, logits.cols()};
  for (std::size_t c = chunks; c-- > 0;) softmax.exponentiate(c, part(c));  // any order
  std::vector<T> log_sums(logits.cols());
  softmax.join(log_sums);
  for (std::size_t c = 0; c < chunks; ++c) softmax.to_probabilities(c, weights, part(c));
  return log_sums;
}

TEST(ChunkedSoftmaxTest, IsTheFormulaHoweverTheRowsAreCut) {
  const MatrixT<double> logits = random_matrix(7, 4, "logits", 3.0);
  const std::vector<double> weights{1.0, 0.5, 0.0, 2.0};
  for (const std::size_t rows : {1U, 2U, 3U, 7U, 20U}) {
    MatrixT<double> p = logits;
    const std::vector<double> log_sums = run(p, rows, weights);
    for (std::size_t t = 0; t < 4; ++t) {
      double sum = 0.0;
      for (std::size_t v = 0; v < 7; ++v) sum += std::exp(logits(v, t));
      EXPECT_NEAR(log_sums[t], std::log(sum), 1e-13);
      for (std::size_t v = 0; v < 7; ++v) {
        EXPECT_NEAR(p(v, t), weights[t] * std::exp(logits(v, t)) / sum, 1e-14);
      }
    }
  }
}

TEST(ChunkedSoftmaxTest, StaysFiniteForLargeLogits) {
  for (const std::size_t rows : {1U, 2U}) {
    Matrix logits{2, 2};
    logits(0, 0) = 1e4F;
    logits(1, 1) = -1e4F;
    const std::vector<float> log_sums = run<float>(logits, rows, {1.0F, 1.0F});
    EXPECT_FLOAT_EQ(log_sums[0], 1e4F);
    EXPECT_NEAR(log_sums[1], 0.0F, 1e-30F);
    EXPECT_NEAR(logits(0, 0), 1.0F, 1e-6F);
    EXPECT_NEAR(logits(1, 0), 0.0F, 1e-30F);
  }
}

TEST(ChunkedSoftmaxTest, PassesNotANumberOn) {
  Matrix logits{3, 2};
  logits(1, 1) = std::nanf("");
  const std::vector<float> log_sums = run<float>(logits, 1, {1.0F, 1.0F});
  EXPECT_FLOAT_EQ(log_sums[0], std::log(3.0F));
  EXPECT_TRUE(std::isnan(log_sums[1]));
}

}  // namespace
}  // namespace hippocrypt::model
