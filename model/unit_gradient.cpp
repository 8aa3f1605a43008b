#include "model/unit_gradient.hpp"

#include <algorithm>
#include <complex>
#include <numeric>

#include "base/gemm.hpp"
#include "base/parallel.hpp"

namespace hippocrypt::model {
namespace {

/// The gradient of one factor is left * right^T over a unit's tokens. left (rows of the factor,
/// tokens), right (its columns, tokens).
template <class T>
struct Factor {
  ConstMatrixViewT<T> left, right;
  std::size_t size() const { return left.rows() * right.rows(); }
};

/// Calls body(factor) for every trained factor of a layer, in flat order.
template <class T, class Body>
void for_each_factor(const LoraTapeT<T>& tape, std::size_t layer, const Body& body) {
  const LoraBlockTapeT<T>& block = tape.blocks[layer / tape.shapes.size()];
  const std::size_t i = layer % tape.shapes.size();
  const LoraTargetShape& shape = tape.shapes[i];
  const auto group = static_cast<std::size_t>(shape.group);
  if (trains_core(tape.trainable)) body(Factor<T>{block.bdy[i].view(), block.ax[i].view()});
  if (trains_a(tape.trainable)) body(Factor<T>{block.bdy[i].view(), block.x[group].view()});
  if (trains_b(tape.trainable)) {
    body(Factor<T>{block.dy[group].view().row_block(shape.row_begin, shape.out),
                   block.ax[i].view()});
  }
}

std::size_t count_tokens(std::span<const SequenceSpan> ranges) {
  return std::accumulate(
      ranges.begin(), ranges.end(), std::size_t{0},
      [](std::size_t sum, const SequenceSpan& range) { return sum + range.count; });
}

/// out (left rows, right rows) = sum over the ranges of left[:,t] * right[:,t]^T.
template <class T>
void outer_products(const Factor<T>& factor, std::span<const SequenceSpan> ranges,
                    MatrixViewT<T> out) {
  bool accumulate = false;
  for (const SequenceSpan& range : ranges) {
    if (range.count == 0) continue;
    gemm<T>(Transpose::no, factor.left.columns(range.begin, range.count), Transpose::yes,
            factor.right.columns(range.begin, range.count), out, accumulate);
    accumulate = true;
  }
  if (accumulate) return;
  for (std::size_t r = 0; r < out.rows(); ++r) std::fill(out.row(r).begin(), out.row(r).end(), T{});
}

/// The ranges' columns side by side, in double precision.
MatrixT<double> gathered(ConstMatrixViewT<float> matrix, std::span<const SequenceSpan> ranges) {
  MatrixT<double> out{matrix.rows(), count_tokens(ranges)};
  for (std::size_t r = 0; r < matrix.rows(); ++r) {
    auto at = out.row(r).begin();
    for (const SequenceSpan& range : ranges) {
      const auto from = matrix.row(r).subspan(range.begin, range.count);
      at = std::copy(from.begin(), from.end(), at);
    }
  }
  return out;
}

/// (columns, columns): every column times every column.
MatrixT<double> gram(const MatrixT<double>& matrix) {
  MatrixT<double> out{matrix.cols(), matrix.cols()};
  gemm<double>(Transpose::yes, matrix.view(), Transpose::no, matrix.view(), out.view());
  return out;
}

double square_by_gram(const Factor<float>& factor, std::span<const SequenceSpan> ranges) {
  const MatrixT<double> left = gram(gathered(factor.left, ranges));
  const MatrixT<double> right = gram(gathered(factor.right, ranges));
  const double square =
      std::inner_product(left.values().begin(), left.values().end(), right.values().begin(), 0.0);
  // Rounding may take a square that is zero below it; a NaN must stay one.
  return square < 0.0 ? 0.0 : square;
}

double square_by_product(const Factor<float>& factor, std::span<const SequenceSpan> ranges,
                         std::vector<float>& memory) {
  if (memory.size() < factor.size()) memory.resize(factor.size());
  outer_products<float>(
      factor, ranges,
      {memory.data(), factor.left.rows(), factor.right.rows(), factor.right.rows()});
  constexpr std::size_t lanes = 8;
  double sums[lanes] = {};
  std::size_t i = 0;
  for (; i + lanes <= factor.size(); i += lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      const auto value = static_cast<double>(memory[i + lane]);
      sums[lane] += value * value;
    }
  }
  for (; i < factor.size(); ++i)
    sums[0] += static_cast<double>(memory[i]) * static_cast<double>(memory[i]);
  return std::accumulate(std::begin(sums), std::end(sums), 0.0);
}

/// Multiplications: tokens^2 (p + r) in double precision, which is twice as slow, against
/// tokens * p * r.
bool prefers_gram(const Factor<float>& factor, std::size_t tokens) {
  return 2 * tokens * (factor.left.rows() + factor.right.rows()) < factor.size();
}

std::vector<std::size_t> sizes_of(const std::vector<LoraTargetShape>& shapes, std::size_t blocks,
                                  std::size_t rank, Trainable trainable) {
  std::vector<std::size_t> sizes;
  for (std::size_t block = 0; block < blocks; ++block) {
    for (const LoraTargetShape& shape : shapes) {
      sizes.push_back(rank * ((trains_a(trainable) ? shape.in : 0) +
                              (trains_b(trainable) ? shape.out : 0) +
                              (trains_core(trainable) ? rank : 0)));
    }
  }
  return sizes;
}

}  // namespace

template <class T>
std::vector<std::size_t> layer_sizes(const LoraTapeT<T>& tape) {
  return sizes_of(tape.shapes, tape.blocks.size(), tape.rank, tape.trainable);
}

std::vector<std::size_t> layer_sizes(const LoraAdapter& adapter, Trainable trainable) {
  return sizes_of(adapter.shapes(), adapter.blocks(), adapter.config().rank(), trainable);
}

template <class T>
void layer_gradient(const LoraTapeT<T>& tape, std::size_t layer,
                    std::span<const SequenceSpan> unit_ranges, std::span<T> out) {
  std::size_t at = 0;
  for_each_factor(tape, layer, [&](const Factor<T>& factor) {
    HIPPOCRYPT_CHECK(at + factor.size() <= out.size());
    outer_products<T>(
        factor, unit_ranges,
        {out.data() + at, factor.left.rows(), factor.right.rows(), factor.right.rows()});
    at += factor.size();
  });
  HIPPOCRYPT_CHECK(at == out.size());
}

template <class T>
void unit_gradient(const LoraTapeT<T>& tape, std::span<const SequenceSpan> unit_ranges,
                   std::span<T> flat_out, std::size_t threads) {
  const auto sizes = layer_sizes(tape);
  std::vector<std::size_t> begin(sizes.size() + 1);
  std::partial_sum(sizes.begin(), sizes.end(), begin.begin() + 1);
  HIPPOCRYPT_CHECK(flat_out.size() == begin.back());
  run_pieces(sizes.size(), threads, [&](std::size_t layer, std::size_t) {
    layer_gradient<T>(tape, layer, unit_ranges, flat_out.subspan(begin[layer], sizes[layer]));
  });
}

std::vector<double> unit_squares(const LoraTape& tape,
                                 std::span<const std::vector<SequenceSpan>> units,
                                 std::size_t threads, NormBy by) {
  const std::size_t layers = tape.blocks.size() * tape.shapes.size();
  std::vector<double> squares(units.size() * layers, 0.0);
  std::vector<std::vector<float>> memory(threads);
  run_pieces(layers, threads, [&](std::size_t layer, std::size_t worker) {
    for (std::size_t unit = 0; unit < units.size(); ++unit) {
      const std::size_t tokens = count_tokens(units[unit]);
      for_each_factor(tape, layer, [&](const Factor<float>& factor) {
        const bool gram_is_used =
            by == NormBy::gram || (by == NormBy::automatic && prefers_gram(factor, tokens));
        squares[unit * layers + layer] +=
            gram_is_used ? square_by_gram(factor, units[unit])
                         : square_by_product(factor, units[unit], memory[worker]);
      });
    }
  });
  return squares;
}

std::vector<double> unit_squares(const LoraTape& tape,
                                 std::span<const std::vector<SequenceSpan>> units,
                                 std::size_t threads) {
  return unit_squares(tape, units, threads, NormBy::automatic);
}

#define HIPPOCRYPT_INSTANTIATE(T)                                                                  \
  template std::vector<std::size_t> layer_sizes<T>(const LoraTapeT<T>&);                           \
  template void layer_gradient<T>(const LoraTapeT<T>&, std::size_t, std::span<const SequenceSpan>, \
                                  std::span<T>);                                                   \
  template void unit_gradient<T>(const LoraTapeT<T>&, std::span<const SequenceSpan>, std::span<T>, \
                                 std::size_t);
HIPPOCRYPT_INSTANTIATE(float)
HIPPOCRYPT_INSTANTIATE(double)
HIPPOCRYPT_INSTANTIATE(std::complex<double>)
#undef HIPPOCRYPT_INSTANTIATE

}  // namespace hippocrypt::model
