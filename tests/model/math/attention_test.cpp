#include "model/attention.hpp"

#include <gtest/gtest.h>

#include "math_support.hpp"

namespace hippocrypt::model {
namespace {

ModelConfig attention_config(std::size_t heads, std::size_t kv_heads) {
  ModelLiteral literal = tiny_literal();
  literal.heads = heads;
  literal.kv_heads = kv_heads;
  literal.max_context = 512;
  return config_of(literal);
}

template <class T>
MatrixT<T> attend(const ModelConfig& config, const std::vector<SequenceSpan>& sequences,
                  const MatrixT<T>& qkv) {
  MatrixT<T> out{config.query_width(), qkv.cols()};
  attention_forward<T>(config, sequences, qkv, out.view());
  return out;
}

MatrixT<double> attend_backward(const ModelConfig& config,
                                const std::vector<SequenceSpan>& sequences,
                                const MatrixT<double>& qkv, const MatrixT<double>& dout) {
  MatrixT<double> dqkv{qkv.rows(), qkv.cols()};
  attention_backward<double>(config, sequences, qkv, dout, dqkv.view());
  return dqkv;
}

/// The definition, one query at a time.
MatrixT<double> by_definition(const ModelConfig& config, const std::vector<SequenceSpan>& sequences,
                              const MatrixT<double>& qkv) {
  const std::size_t dim = config->head_dim;
  MatrixT<double> out{config.query_width(), qkv.cols()};
  for (const SequenceSpan& span : sequences) {
    for (std::size_t head = 0; head < config->heads; ++head) {
      const std::size_t group = head * config->kv_heads / config->heads;
      const std::size_t k0 = config.query_width() + group * dim;
      const std::size_t v0 = k0 + config.kv_width();
      for (std::size_t t = span.begin; t < span.begin + span.count; ++t) {
        std::vector<double> p;
        double sum = 0.0;
        for (std::size_t u = span.begin; u <= t; ++u) {
          double score = 0.0;
          for (std::size_t i = 0; i < dim; ++i) score += qkv(head * dim + i, t) * qkv(k0 + i, u);
          p.push_back(std::exp(score / std::sqrt(static_cast<double>(dim))));
          sum += p.back();
        }
        for (std::size_t u = span.begin; u <= t; ++u) {
          for (std::size_t i = 0; i < dim; ++i) {
            out(head * dim + i, t) += p[u - span.begin] / sum * qkv(v0 + i, u);
          }
        }
      }
    }
  }
  return out;
}

TEST(Attention, AgreesWithTheDefinitionAcrossTiles) {
  const ModelConfig config = attention_config(4, 2);
  // 150 tokens are three tiles of queries; tokens 150 and 151 are dummies.
  const std::vector<SequenceSpan> sequences{{0, 150}, {152, 64}, {216, 1}};
  const MatrixT<double> qkv = random_matrix(config.out_features(LinearGroup::qkv), 217, "qkv");
  const MatrixT<double> out = attend(config, sequences, qkv);
  const MatrixT<double> expected = by_definition(config, sequences, qkv);
  for (std::size_t i = 0; i < out.size(); ++i) {
    ASSERT_NEAR(out.values()[i], expected.values()[i], 1e-13) << i;
  }
  EXPECT_EQ(out(3, 150), 0.0);
}

TEST(Attention, BackwardAgreesWithComplexStep) {
  const ModelConfig config = attention_config(4, 2);
  const std::vector<SequenceSpan> sequences{{0, 5}, {6, 3}};
  const MatrixT<double> qkv = random_matrix(config.out_features(LinearGroup::qkv), 9, "qkv");
  const MatrixT<double> c = random_matrix(config.query_width(), 9, "c");
  const MatrixT<double> dqkv = attend_backward(config, sequences, qkv, c);
  MatrixT<Complex> qc = as<Complex>(qkv);
  expect_gradient(qc.values(), dqkv.values(),
                  [&] { return weighted_sum(c, attend(config, sequences, qc)); });
}

TEST(Attention, BackwardAgreesWithComplexStepAcrossTiles) {
  const ModelConfig config = attention_config(1, 1);
  const std::vector<SequenceSpan> sequences{{0, 70}};
  const MatrixT<double> qkv = random_matrix(config.out_features(LinearGroup::qkv), 70, "qkv");
  const MatrixT<double> c = random_matrix(config.query_width(), 70, "c");
  const MatrixT<double> dqkv = attend_backward(config, sequences, qkv, c);
  MatrixT<Complex> qc = as<Complex>(qkv);
  expect_gradient(qc.values(), dqkv.values(),
                  [&] { return weighted_sum(c, attend(config, sequences, qc)); });
}

TEST(Attention, ChangingOneSequenceChangesNoOther) {
  const ModelConfig config = attention_config(4, 2);
  const std::vector<SequenceSpan> sequences{{0, 5}, {5, 6}};
  MatrixT<double> qkv = random_matrix(config.out_features(LinearGroup::qkv), 11, "qkv");
  const MatrixT<double> c = random_matrix(config.query_width(), 11, "c");
  const MatrixT<double> out = attend(config, sequences, qkv);
  const MatrixT<double> grad = attend_backward(config, sequences, qkv, c);
  for (std::size_t r = 0; r < qkv.rows(); ++r) qkv(r, 3) = 100.0;
  const MatrixT<double> out2 = attend(config, sequences, qkv);
  const MatrixT<double> grad2 = attend_backward(config, sequences, qkv, c);
  for (std::size_t t = 5; t < 11; ++t) {
    for (std::size_t r = 0; r < out.rows(); ++r) EXPECT_EQ(out(r, t), out2(r, t));
    for (std::size_t r = 0; r < grad.rows(); ++r) EXPECT_EQ(grad(r, t), grad2(r, t));
  }
  for (std::size_t r = 0; r < out.rows(); ++r) EXPECT_EQ(out(r, 2), out2(r, 2)) << "not causal";
}

TEST(Attention, GroupedQueriesEqualRepeatedKeysAndValues) {
  const ModelConfig grouped = attention_config(4, 2);
  const ModelConfig full = attention_config(4, 4);
  const std::vector<SequenceSpan> sequences{{0, 9}};
  const MatrixT<double> qkv = random_matrix(grouped.out_features(LinearGroup::qkv), 9, "qkv");
  MatrixT<double> repeated{full.out_features(LinearGroup::qkv), 9};
  // Row of the grouped matrix that each row of the full one repeats.
  std::vector<std::size_t> source(repeated.rows());
  for (std::size_t r = 0; r < repeated.rows(); ++r) {
    const std::size_t part = r / 16;  // q, k or v: 4 heads of 4
    const std::size_t head = r % 16 / 4;
    source[r] = part == 0 ? r : 16 + (part - 1) * 8 + head / 2 * 4 + r % 4;
    for (std::size_t t = 0; t < 9; ++t) repeated(r, t) = qkv(source[r], t);
  }
  const MatrixT<double> a = attend(grouped, sequences, qkv);
  const MatrixT<double> b = attend(full, sequences, repeated);
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a.values()[i], b.values()[i], 1e-15);

  const MatrixT<double> c = random_matrix(16, 9, "c");
  const MatrixT<double> da = attend_backward(grouped, sequences, qkv, c);
  const MatrixT<double> db = attend_backward(full, sequences, repeated, c);
  MatrixT<double> sum{da.rows(), 9};
  for (std::size_t r = 0; r < db.rows(); ++r) {
    for (std::size_t t = 0; t < 9; ++t) sum(source[r], t) += db(r, t);
  }
  for (std::size_t i = 0; i < da.size(); ++i) EXPECT_NEAR(da.values()[i], sum.values()[i], 1e-14);
}

}  // namespace
}  // namespace hippocrypt::model
