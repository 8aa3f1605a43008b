#include "model/head.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <complex>
#include <cstdint>
#include <utility>
#include <vector>

#include "base/gemm.hpp"
#include "base/parallel.hpp"
#include "model/chunked_softmax.hpp"
#include "model/numeric.hpp"

namespace hippocrypt::model {
namespace {

/// Tokens whose logits exist together: at most about 2^24 values, 64 MiB of floats, in equal
/// blocks.
std::size_t block_tokens(std::size_t vocab, std::size_t tokens) {
  const std::size_t most = std::clamp<std::size_t>((std::size_t{1} << 24) / vocab, 16, 512);
  const std::size_t blocks = (tokens + most - 1) / most;
  return std::min(tokens, ((tokens + blocks - 1) / blocks + 15) / 16 * 16);
}

/// Rows of the head that one thread takes at a time: sixteen chunks, or fewer of a small head.
std::size_t chunk_rows(std::size_t vocab) { return std::max<std::size_t>(512, (vocab + 15) / 16); }

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

namespace {

/// Weighted tokens [begin, begin + count) of a batch, on their way through the head.
template <class T>
class HeadBlock {
 public:
  HeadBlock(const MatrixT<T>& head, ConstMatrixViewT<T> x, const Batch& batch,
            std::span<const std::size_t> columns, MatrixT<T>& logits, std::size_t threads)
      : head_{head},
        columns_{columns},
        threads_{threads},
        rows_{chunk_rows(head.rows())},
        chunks_{(head.rows() + rows_ - 1) / rows_},
        inputs_{gather_columns(x, columns)},
        logits_{logits.data(), head.rows(), columns.size(), columns.size()},
        softmax_{chunks_, columns.size()},
        nll_(columns.size()) {
    for (const std::size_t column : columns) {
      targets_.push_back(batch.tokens[column + 1]);
      weights_.push_back(from_float<T>(batch.loss_weight[column]));
      HIPPOCRYPT_CHECK(targets_.back() < head.rows());
    }
  }

  const MatrixT<T>& inputs() const { return inputs_; }
  const std::vector<T>& nll() const { return nll_; }
  const std::vector<T>& weights() const { return weights_; }

  /// product(first row, rows, to) writes these rows of the block's logits.
  template <class Product>
  void forward(const Product& product) {
    std::vector<T> target_logits(columns_.size());
    for_each_chunk([&](std::size_t chunk, std::size_t first, std::size_t rows) {
      const MatrixViewT<T> part = logits_.row_block(first, rows);
      product(first, rows, part);
      for_each_target(first, rows,
                      [&](std::size_t c) { target_logits[c] = logits_(targets_[c], c); });
      softmax_.exponentiate(chunk, part);
    });
    softmax_.join(nll_);
    for (std::size_t c = 0; c < nll_.size(); ++c) nll_[c] -= target_logits[c];
  }

  /// After forward().
  void backward(const HeadSinksT<T>& sinks) {
    std::vector<MatrixT<T>> parts(chunks_);
    for_each_chunk([&](std::size_t chunk, std::size_t first, std::size_t rows) {
      const MatrixViewT<T> d = logits_.row_block(first, rows);
      softmax_.to_probabilities(chunk, weights_, d);
      for_each_target(first, rows, [&](std::size_t c) { logits_(targets_[c], c) -= weights_[c]; });
      parts[chunk] = MatrixT<T>::for_overwrite(inputs_.rows(), columns_.size());
      gemm<T>(Transpose::yes, head_.view().row_block(first, rows), Transpose::no, d,
              parts[chunk].view());
      if (sinks.dhead == nullptr) return;
      gemm<T>(Transpose::no, d, Transpose::yes, inputs_, sinks.dhead->view().row_block(first, rows),
              true);
    });
    run_ranges(inputs_.rows(), 16, threads_, [&](std::size_t first, std::size_t count) {
      for (std::size_t r = first; r < first + count; ++r) add_parts(parts, r, *sinks.dx);
    });
  }

 private:
  /// body(chunk, first row, rows).
  template <class Body>
  void for_each_chunk(const Body& body) const {
    run_ranges(head_.rows(), rows_, threads_,
               [&](std::size_t first, std::size_t rows) { body(first / rows_, first, rows); });
  }
  template <class Body>
  void for_each_target(std::size_t first, std::size_t rows, const Body& body) const {
    for (std::size_t c = 0; c < targets_.size(); ++c) {
      if (targets_[c] >= first && targets_[c] < first + rows) body(c);
    }
  }
  /// Row r of dx, in the order of the chunks.
  void add_parts(const std::vector<MatrixT<T>>& parts, std::size_t r, MatrixT<T>& dx) const {
    for (std::size_t c = 0; c < columns_.size(); ++c) {
      T sum{};
      for (const MatrixT<T>& part : parts) sum += part(r, c);
      dx(r, columns_[c]) = sum;
    }
  }

  const MatrixT<T>& head_;
  std::span<const std::size_t> columns_;
  std::size_t threads_, rows_, chunks_;
  MatrixT<T> inputs_;  ///< (hidden, tokens of the block)
  MatrixViewT<T> logits_;
  ChunkedSoftmaxT<T> softmax_;
  std::vector<std::uint32_t> targets_;
  std::vector<T> weights_, nll_;
};

/// All weighted tokens of a batch, block after block.
template <class T>
class HeadPass {
 public:
  HeadPass(const MatrixT<T>& head, ConstMatrixViewT<T> x, const Batch& batch,
           const HeadSinksT<T>& sinks, std::size_t threads)
      : head_{head}, x_{x}, batch_{batch}, sinks_{sinks}, threads_{threads} {
    HIPPOCRYPT_CHECK(x.rows() == head.cols() && x.cols() == batch.tokens.size());
    HIPPOCRYPT_CHECK(sinks.dx != nullptr || sinks.dhead == nullptr);
    report_.nll.resize(batch.tokens.size());
    if (sinks.dx != nullptr) *sinks.dx = MatrixT<T>{x.rows(), x.cols()};
    columns_ = weighted_tokens(batch);
    report_.predicted = columns_.size();
    if (columns_.empty()) return;
    width_ = block_tokens(head.rows(), columns_.size());
    logits_ = MatrixT<T>::for_overwrite(head.rows(), width_);
  }

  /// The next weighted tokens below `end`; product(block, columns, first row, rows, to) writes
  /// these rows of a block's logits.
  template <class Product>
  void advance(std::size_t end, const Product& product) {
    const auto last = std::lower_bound(columns_.begin(), columns_.end(), end);
    const auto stop = static_cast<std::size_t>(last - columns_.begin());
    for (; next_ < stop; next_ += std::min(width_, stop - next_)) {
      const auto columns = std::span{columns_}.subspan(next_, std::min(width_, stop - next_));
      HeadBlock<T> block{head_, x_, batch_, columns, logits_, threads_};
      block.forward([&](std::size_t first, std::size_t rows, MatrixViewT<T> to) {
        product(block, columns, first, rows, to);
      });
      add(block, columns);
      if (sinks_.dx != nullptr) block.backward(sinks_);
    }
  }

  LossReportT<T> report() && { return std::move(report_); }

 private:
  void add(const HeadBlock<T>& block, std::span<const std::size_t> columns) {
    for (std::size_t c = 0; c < columns.size(); ++c) {
      const T nll = block.nll()[c];
      report_.nll[columns[c]] = nll;
      report_.weighted_nll +=
          static_cast<WideT<T>>(block.weights()[c]) * static_cast<WideT<T>>(nll);
      report_.weight += static_cast<double>(batch_.loss_weight[columns[c]]);
    }
  }

  const MatrixT<T>& head_;
  const ConstMatrixViewT<T> x_;
  const Batch& batch_;
  const HeadSinksT<T>& sinks_;
  std::size_t threads_;
  std::vector<std::size_t> columns_;  ///< with a weight, in order
  std::size_t next_ = 0;              ///< of columns_
  std::size_t width_ = 1;
  MatrixT<T> logits_;
  LossReportT<T> report_;
};

Error wrong_shape(std::size_t rows, std::size_t cols, std::size_t vocab) {
  return {Errc::mismatch, fmt::format("the product of the head is {} x {} where {} rows were asked "
                                      "for; is the oracle made of this model?",
                                      rows, cols, vocab)};
}

}  // namespace

template <class T>
LossReportT<T> head_loss(const MatrixT<T>& head, ConstMatrixViewT<T> x, const Batch& batch,
                         const HeadSinksT<T>& sinks, std::size_t threads) {
  HeadPass<T> pass{head, x, batch, sinks, threads};
  pass.advance(x.cols(), [&](const HeadBlock<T>& block, std::span<const std::size_t>,
                             std::size_t first, std::size_t rows, MatrixViewT<T> to) {
    gemm<T>(Transpose::no, head.view().row_block(first, rows), Transpose::no, block.inputs(), to);
  });
  return std::move(pass).report();
}

template <class T>
Result<LossReportT<T>> blind_head_loss(LinearOracleT<T>& oracle, const MatrixT<T>& head,
                                       ConstMatrixViewT<T> x, const Batch& batch,
                                       const HeadSinksT<T>& sinks, std::size_t threads) {
  HeadPass<T> pass{head, x, batch, sinks, threads};
  std::size_t came = 0;
  const auto take = [&](std::size_t begin, ConstMatrixViewT<T> y) -> Status {
    if (y.rows() != head.rows() || begin != came || y.cols() > x.cols() - came) {
      return wrong_shape(y.rows(), y.cols(), head.rows());
    }
    came += y.cols();
    pass.advance(came, [&](const HeadBlock<T>&, std::span<const std::size_t> columns,
                           std::size_t first, std::size_t rows, MatrixViewT<T> to) {
      for (std::size_t r = 0; r < rows; ++r) {
        for (std::size_t c = 0; c < columns.size(); ++c)
          to(r, c) = y(first + r, columns[c] - begin);
      }
    });
    return Ok{};
  };
  HIPPOCRYPT_TRY_VOID(oracle.forward_blocks(head_site, x, take));
  if (came != x.cols()) return wrong_shape(head.rows(), came, head.rows());
  return std::move(pass).report();
}

template <class T>
MatrixT<T> head_logits(const MatrixT<T>& head, ConstMatrixViewT<T> x, std::size_t threads) {
  MatrixT<T> logits = MatrixT<T>::for_overwrite(head.rows(), x.cols());
  run_ranges(head.rows(), chunk_rows(head.rows()), threads,
             [&](std::size_t first, std::size_t rows) {
               gemm<T>(Transpose::no, head.view().row_block(first, rows), Transpose::no, x,
                       logits.view().row_block(first, rows));
             });
  return logits;
}

template <class T>
Result<MatrixT<T>> blind_head_logits(LinearOracleT<T>& oracle, std::size_t vocab,
                                     ConstMatrixViewT<T> x) {
  HIPPOCRYPT_TRY(MatrixT<T> logits, oracle.forward(head_site, x));
  if (logits.rows() != vocab || logits.cols() != x.cols()) {
    return wrong_shape(logits.rows(), logits.cols(), vocab);
  }
  return logits;
}

#define HIPPOCRYPT_INSTANTIATE(T)                                                            \
  template MatrixT<T> embed<T>(const MatrixT<T>&, std::span<const std::uint32_t>);           \
  template void embed_backward<T>(ConstMatrixViewT<T>, std::span<const std::uint32_t>,       \
                                  MatrixT<T>&);                                              \
  template LossReportT<T> head_loss<T>(const MatrixT<T>&, ConstMatrixViewT<T>, const Batch&, \
                                       const HeadSinksT<T>&, std::size_t);                   \
  template MatrixT<T> head_logits<T>(const MatrixT<T>&, ConstMatrixViewT<T>, std::size_t);   \
  template Result<LossReportT<T>> blind_head_loss<T>(LinearOracleT<T>&, const MatrixT<T>&,   \
                                                     ConstMatrixViewT<T>, const Batch&,      \
                                                     const HeadSinksT<T>&, std::size_t);     \
  template Result<MatrixT<T>> blind_head_logits<T>(LinearOracleT<T>&, std::size_t,           \
                                                   ConstMatrixViewT<T>);
HIPPOCRYPT_INSTANTIATE(float)
HIPPOCRYPT_INSTANTIATE(double)
HIPPOCRYPT_INSTANTIATE(std::complex<double>)
#undef HIPPOCRYPT_INSTANTIATE

}  // namespace hippocrypt::model
