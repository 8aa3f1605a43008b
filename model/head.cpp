#include "model/head.hpp"

#include <algorithm>
#include <complex>
#include <cstdint>
#include <vector>

#include "base/gemm.hpp"
#include "model/ops.hpp"

namespace hippocrypt::model {
namespace {

/// Tokens whose logits exist together: about 2^21 values, 8 MiB of floats.
std::size_t block_tokens(std::size_t vocab) {
  return std::clamp<std::size_t>((std::size_t{1} << 21) / vocab, 16, 512);
}

template <class T>
MatrixT<T> gather_columns(ConstMatrixViewT<T> x, std::span<const std::size_t> columns) {
  MatrixT<T> out{x.rows(), columns.size()};
  for (std::size_t r = 0; r < x.rows(); ++r) {
    for (std::size_t c = 0; c < columns.size(); ++c) out(r, c) = x(r, columns[c]);
  }
  return out;
}

template <class T>
void scatter_columns(const MatrixT<T>& from, std::span<const std::size_t> columns, MatrixT<T>& to) {
  for (std::size_t r = 0; r < from.rows(); ++r) {
    for (std::size_t c = 0; c < columns.size(); ++c) to(r, columns[c]) = from(r, c);
  }
}

std::vector<std::size_t> weighted_tokens(const Batch& batch) {
  std::vector<std::size_t> out;
  for (std::size_t t = 0; t < batch.loss_weight.size(); ++t) {
    if (batch.loss_weight[t] != 0.0F) out.push_back(t);
  }
  return out;
}

}  // namespace

template <class T>
MatrixT<T> embed(const MatrixT<T>& embedding, std::span<const std::uint32_t> tokens) {
  MatrixT<T> x{embedding.cols(), tokens.size()};
  for (std::size_t r = 0; r < x.rows(); ++r) {
    for (std::size_t t = 0; t < tokens.size(); ++t) x(r, t) = embedding(tokens[t], r);
  }
  return x;
}

template <class T>
void embed_backward(ConstMatrixViewT<T> dx, std::span<const std::uint32_t> tokens,
                    MatrixT<T>& gradient) {
  HIPPOCRYPT_CHECK(dx.cols() == tokens.size() && dx.rows() == gradient.cols());
  for (std::size_t r = 0; r < dx.rows(); ++r) {
    for (std::size_t t = 0; t < tokens.size(); ++t) gradient(tokens[t], r) += dx(r, t);
  }
}

template <class T>
LossReportT<T> head_loss(const MatrixT<T>& head, ConstMatrixViewT<T> x, const Batch& batch,
                         const HeadSinksT<T>& sinks) {
  HIPPOCRYPT_CHECK(x.rows() == head.cols() && x.cols() == batch.tokens.size());
  HIPPOCRYPT_CHECK(sinks.dx != nullptr || sinks.dhead == nullptr);
  LossReportT<T> report;
  report.nll.resize(batch.tokens.size());
  if (sinks.dx != nullptr) *sinks.dx = MatrixT<T>{x.rows(), x.cols()};
  const std::vector<std::size_t> all = weighted_tokens(batch);
  report.predicted = all.size();
  const std::size_t block = block_tokens(head.rows());
  std::vector<T> logits_scratch(head.rows() * std::min(block, all.size()));
  for (std::size_t begin = 0; begin < all.size(); begin += block) {
    const std::size_t count = std::min(block, all.size() - begin);
    const auto columns = std::span{all}.subspan(begin, count);
    std::vector<std::uint32_t> targets(count);
    std::vector<T> weights(count);
    std::vector<T> nll(count);
    for (std::size_t c = 0; c < count; ++c) {
      targets[c] = batch.tokens[columns[c] + 1];
      weights[c] = from_float<T>(batch.loss_weight[columns[c]]);
    }
    const MatrixT<T> inputs = gather_columns(x, columns);
    MatrixViewT<T> logits{logits_scratch.data(), head.rows(), count, count};
    gemm<T>(Transpose::no, head, Transpose::no, inputs, logits);
    const auto wanted = sinks.dx == nullptr ? std::span<const T>{} : std::span<const T>{weights};
    cross_entropy<T>(logits, targets, wanted, nll);
    for (std::size_t c = 0; c < count; ++c) {
      report.nll[columns[c]] = nll[c];
      report.weighted_nll += static_cast<WideT<T>>(weights[c]) * static_cast<WideT<T>>(nll[c]);
      report.weight += static_cast<double>(batch.loss_weight[columns[c]]);
    }
    if (sinks.dx == nullptr) continue;
    MatrixT<T> dinputs{x.rows(), count};
    gemm<T>(Transpose::yes, head, Transpose::no, logits, dinputs.view());
    scatter_columns(dinputs, columns, *sinks.dx);
    if (sinks.dhead != nullptr) {
      gemm<T>(Transpose::no, logits, Transpose::yes, inputs, sinks.dhead->view(), true);
    }
  }
  return report;
}

#define HIPPOCRYPT_INSTANTIATE(T)                                                            \
  template MatrixT<T> embed<T>(const MatrixT<T>&, std::span<const std::uint32_t>);           \
  template void embed_backward<T>(ConstMatrixViewT<T>, std::span<const std::uint32_t>,       \
                                  MatrixT<T>&);                                              \
  template LossReportT<T> head_loss<T>(const MatrixT<T>&, ConstMatrixViewT<T>, const Batch&, \
                                       const HeadSinksT<T>&);
HIPPOCRYPT_INSTANTIATE(float)
HIPPOCRYPT_INSTANTIATE(double)
HIPPOCRYPT_INSTANTIATE(std::complex<double>)
#undef HIPPOCRYPT_INSTANTIATE

}  // namespace hippocrypt::model
