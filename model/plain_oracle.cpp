#include "model/plain_oracle.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

#include "base/gemm.hpp"
#include "base/parallel.hpp"
#include "model/numeric.hpp"

namespace hippocrypt::model {
namespace {

// The matrix kernels choose their own blocking by the size that they see, and with it the order of
// summation: a fixed size makes results independent of the thread count.
constexpr std::size_t block_columns = 512;
// Rows of int8 weights that are widened to float at a time.
constexpr std::size_t block_rows = 128;

Error not_finite(LinearSite site, const char* direction) {
  return {Errc::not_finite,
          fmt::format("the {} product of block {} {} was asked for with NaN or infinity; has the "
                      "training diverged?",
                      direction, site.block, to_string(site.group))};
}

/// Errors: not_finite; unsupported (a head that is not there).
template <class T>
Status check_call(LinearSite site, const char* direction, bool offered, ConstMatrixViewT<T> x) {
  if (!offered) {
    return Error{Errc::unsupported,
                 "this oracle does not offer the output head; make it of "
                 "weights that hold the head too"};
  }
  if (!all_finite(x)) return not_finite(site, direction);
  return {};
}

/// Rows [begin, begin + count) as floats, without their scales.
void widen(const QuantizedMatrix& matrix, std::size_t begin, std::size_t count, float* out) {
  const std::int8_t* const in = matrix.values.data() + begin * matrix.cols;
  for (std::size_t i = 0; i < count * matrix.cols; ++i) out[i] = static_cast<float>(in[i]);
}

void scale_rows(std::span<const float> scale, ConstMatrixView from, MatrixView to) {
  for (std::size_t r = 0; r < to.rows(); ++r) {
    const float* const in = from.row(r).data();
    float* const out = to.row(r).data();
    for (std::size_t c = 0; c < to.cols(); ++c) out[c] = in[c] * scale[r];
  }
}

}  // namespace

template <class T>
PlainFp32OracleT<T>::PlainFp32OracleT(const BaseWeightsT<T>& weights, std::size_t threads)
    : weights_{weights}, threads_{threads} {
  HIPPOCRYPT_CHECK(threads >= 1);
}

template <class T>
Result<MatrixT<T>> PlainFp32OracleT<T>::forward(LinearSite site, ConstMatrixViewT<T> x) {
  const MatrixT<T>& w = weights_.at(site);
  HIPPOCRYPT_TRY_VOID(check_call<T>(site, "forward", w.size() != 0, x));
  MatrixT<T> y{w.rows(), x.cols()};
  run_ranges(x.cols(), block_columns, threads_, [&](std::size_t begin, std::size_t count) {
    gemm<T>(Transpose::no, w, Transpose::no, x.columns(begin, count),
            y.view().columns(begin, count));
  });
  return y;
}

template <class T>
Result<MatrixT<T>> PlainFp32OracleT<T>::backward(LinearSite site, ConstMatrixViewT<T> dy) {
  const MatrixT<T>& w = weights_.at(site);
  HIPPOCRYPT_TRY_VOID(check_call<T>(site, "backward", w.size() != 0, dy));
  MatrixT<T> dx{w.cols(), dy.cols()};
  run_ranges(dy.cols(), block_columns, threads_, [&](std::size_t begin, std::size_t count) {
    gemm<T>(Transpose::yes, w, Transpose::no, dy.columns(begin, count),
            dx.view().columns(begin, count));
  });
  return dx;
}

template class PlainFp32OracleT<float>;
template class PlainFp32OracleT<double>;
template class PlainFp32OracleT<std::complex<double>>;

Result<std::shared_ptr<const Int8Weights>> quantize_base(const BaseWeights& weights) {
  auto out = std::make_shared<Int8Weights>();
  out->blocks.resize(weights.blocks.size());
  for (std::size_t b = 0; b < out->blocks.size(); ++b) {
    for (std::size_t g = 0; g < linear_group_count; ++g) {
      HIPPOCRYPT_TRY(out->blocks[b][g], quantize_rows(weights.blocks[b][g]));
    }
  }
  HIPPOCRYPT_TRY(out->head, quantize_rows(weights.head));
  return std::shared_ptr<const Int8Weights>{std::move(out)};
}

PlainInt8Oracle::PlainInt8Oracle(std::shared_ptr<const Int8Weights> weights, std::size_t threads)
    : weights_{std::move(weights)}, threads_{threads} {
  HIPPOCRYPT_CHECK(threads >= 1 && weights_ != nullptr);
}

Result<PlainInt8Oracle> PlainInt8Oracle::create(const BaseWeights& weights, std::size_t threads) {
  HIPPOCRYPT_TRY(auto quantized, quantize_base(weights));
  return PlainInt8Oracle{std::move(quantized), threads};
}

Result<PlainInt8Oracle> PlainInt8Oracle::create(Blocks blocks, std::size_t threads) {
  for (const auto& block : blocks) {
    for (const QuantizedMatrix& matrix : block) {
      if (matrix.values.size() != matrix.rows * matrix.cols ||
          matrix.row_scale.size() != matrix.rows) {
        return Error{
            Errc::mismatch,
            fmt::format("a quantized matrix says {} x {} but holds {} values and {} scales",
                        matrix.rows, matrix.cols, matrix.values.size(), matrix.row_scale.size())};
      }
    }
  }
  return PlainInt8Oracle{std::make_shared<const Int8Weights>(Int8Weights{std::move(blocks), {}}),
                         threads};
}

const QuantizedMatrix& PlainInt8Oracle::at(LinearSite site) const {
  if (site.group == LinearGroup::head) return weights_->head;
  return weights_->blocks.at(site.block)[static_cast<std::size_t>(site.group)];
}

Result<Matrix> PlainInt8Oracle::forward(LinearSite site, ConstMatrixView x) {
  const QuantizedMatrix& w = at(site);
  HIPPOCRYPT_TRY_VOID(check_call<float>(site, "forward", w.rows != 0, x));
  HIPPOCRYPT_CHECK(x.rows() == w.cols);
  Matrix y{w.rows, x.cols()};
  run_ranges(x.cols(), block_columns, threads_, [&](std::size_t begin, std::size_t count) {
    std::vector<float> wide(std::min(block_rows, w.rows) * w.cols);
    for (std::size_t row = 0; row < w.rows; row += block_rows) {
      const std::size_t rows = std::min(block_rows, w.rows - row);
      widen(w, row, rows, wide.data());
      const MatrixView out = y.view().row_block(row, rows).columns(begin, count);
      gemm<float>(Transpose::no, ConstMatrixView{wide.data(), rows, w.cols}, Transpose::no,
                  x.columns(begin, count), out);
      scale_rows(std::span{w.row_scale}.subspan(row, rows), out, out);
    }
  });
  return y;
}

Result<Matrix> PlainInt8Oracle::backward(LinearSite site, ConstMatrixView dy) {
  const QuantizedMatrix& w = at(site);
  HIPPOCRYPT_TRY_VOID(check_call<float>(site, "backward", w.rows != 0, dy));
  HIPPOCRYPT_CHECK(dy.rows() == w.rows);
  Matrix dx{w.cols, dy.cols()};
  run_ranges(dy.cols(), block_columns, threads_, [&](std::size_t begin, std::size_t count) {
    std::vector<float> wide(std::min(block_rows, w.rows) * w.cols);
    Matrix scaled{std::min(block_rows, w.rows), count};
    for (std::size_t row = 0; row < w.rows; row += block_rows) {
      const std::size_t rows = std::min(block_rows, w.rows - row);
      widen(w, row, rows, wide.data());
      const MatrixView part = scaled.view().row_block(0, rows);
      scale_rows(std::span{w.row_scale}.subspan(row, rows),
                 dy.row_block(row, rows).columns(begin, count), part);
      gemm<float>(Transpose::yes, ConstMatrixView{wide.data(), rows, w.cols}, Transpose::no, part,
                  dx.view().columns(begin, count), row > 0);
    }
  });
  return dx;
}

}  // namespace hippocrypt::model
