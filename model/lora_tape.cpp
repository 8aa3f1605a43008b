#include "model/lora_tape.hpp"

#include <algorithm>
#include <complex>
#include <utility>

#include "base/gemm.hpp"
#include "base/parallel.hpp"

namespace hippocrypt::model {
namespace {

template <class T>
bool all_zero(const MatrixT<T>& matrix) {
  return std::all_of(matrix.values().begin(), matrix.values().end(),
                     [](const T& value) { return value == T{}; });
}

template <class T>
void scale_values(MatrixViewT<T> matrix, T scale) {
  for (std::size_t r = 0; r < matrix.rows(); ++r) {
    for (T& value : matrix.row(r)) value *= scale;
  }
}

// Columns of a piece; no sum crosses them.
constexpr std::size_t columns_a_piece = 256;

/// s·A·x into `ax` and, unless B is all zero, s·B·A·x added to y, for some columns.
template <class T>
void forward_columns(const typename LoraAdapterT<T>::Factors& factors, T scale, bool silent,
                     ConstMatrixViewT<T> x, MatrixViewT<T> ax, MatrixViewT<T> y) {
  gemm<T>(Transpose::no, factors.a, Transpose::no, x, ax);
  scale_values(ax, scale);
  if (!silent) gemm<T>(Transpose::no, factors.b, Transpose::no, ax, y, true);
}

}  // namespace

template <class T>
void lora_forward(const LoraAdapterT<T>& adapter, std::size_t block, LinearGroup group,
                  ConstMatrixViewT<T> x, MatrixViewT<T> y, std::vector<MatrixT<T>>* ax,
                  std::size_t threads) {
  for (std::size_t i = 0; i < adapter.shapes().size(); ++i) {
    const LoraTargetShape& shape = adapter.shapes()[i];
    const auto& factors = adapter.at(block, i);
    if (shape.group != group) continue;
    const bool silent = all_zero(factors.b);
    if (silent && ax == nullptr) continue;
    MatrixT<T> product = MatrixT<T>::for_overwrite(adapter.config().rank(), x.cols());
    run_ranges(x.cols(), columns_a_piece, threads, [&](std::size_t begin, std::size_t count) {
      forward_columns<T>(factors, adapter.scale(), silent, x.columns(begin, count),
                         product.view().columns(begin, count),
                         y.row_block(shape.row_begin, shape.out).columns(begin, count));
    });
    if (ax != nullptr) ax->at(i) = std::move(product);
  }
}

template <class T>
void lora_backward(const LoraAdapterT<T>& adapter, std::size_t block, LinearGroup group,
                   ConstMatrixViewT<T> dy, MatrixViewT<T>* dx, std::vector<MatrixT<T>>* bdy,
                   std::size_t threads) {
  for (std::size_t i = 0; i < adapter.shapes().size(); ++i) {
    const LoraTargetShape& shape = adapter.shapes()[i];
    if (shape.group != group || (dx == nullptr && bdy == nullptr)) continue;
    const auto& factors = adapter.at(block, i);
    const std::size_t rank = adapter.config().rank();
    const bool has_core = factors.core.size() > 0;
    MatrixT<T> product = MatrixT<T>::for_overwrite(rank, dy.cols());
    MatrixT<T> projected = MatrixT<T>::for_overwrite(has_core ? rank : 0, dy.cols());
    run_ranges(dy.cols(), columns_a_piece, threads, [&](std::size_t begin, std::size_t count) {
      const MatrixViewT<T> part = product.view().columns(begin, count);
      const auto dy_part = dy.row_block(shape.row_begin, shape.out).columns(begin, count);
      if (has_core) {
        const MatrixViewT<T> onto_basis = projected.view().columns(begin, count);
        gemm<T>(Transpose::yes, factors.basis, Transpose::no, dy_part, onto_basis);
        gemm<T>(Transpose::yes, factors.core, Transpose::no, onto_basis, part);
      } else {
        gemm<T>(Transpose::yes, factors.b, Transpose::no, dy_part, part);
      }
      scale_values(part, adapter.scale());
      if (dx == nullptr) return;
      gemm<T>(Transpose::yes, factors.a, Transpose::no, part, dx->columns(begin, count), true);
    });
    if (bdy != nullptr) bdy->at(i) = std::move(has_core ? projected : product);
  }
}

template <class T>
bool adapts(const LoraAdapterT<T>& adapter, LinearGroup group) {
  return std::any_of(adapter.shapes().begin(), adapter.shapes().end(),
                     [&](const LoraTargetShape& shape) { return shape.group == group; });
}

#define HIPPOCRYPT_INSTANTIATE(T)                                                                \
  template void lora_forward<T>(const LoraAdapterT<T>&, std::size_t, LinearGroup,                \
                                ConstMatrixViewT<T>, MatrixViewT<T>, std::vector<MatrixT<T>>*,   \
                                std::size_t);                                                    \
  template void lora_backward<T>(const LoraAdapterT<T>&, std::size_t, LinearGroup,               \
                                 ConstMatrixViewT<T>, MatrixViewT<T>*, std::vector<MatrixT<T>>*, \
                                 std::size_t);                                                   \
  template bool adapts<T>(const LoraAdapterT<T>&, LinearGroup);
HIPPOCRYPT_INSTANTIATE(float)
HIPPOCRYPT_INSTANTIATE(double)
HIPPOCRYPT_INSTANTIATE(std::complex<double>)
#undef HIPPOCRYPT_INSTANTIATE

}  // namespace hippocrypt::model
