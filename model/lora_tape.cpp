#include "model/lora_tape.hpp"

#include <algorithm>
#include <complex>
#include <utility>

#include "base/gemm.hpp"

namespace hippocrypt::model {
namespace {

template <class T>
bool all_zero(const MatrixT<T>& matrix) {
  return std::all_of(matrix.values().begin(), matrix.values().end(),
                     [](const T& value) { return value == T{}; });
}

template <class T>
void scale_values(MatrixT<T>& matrix, T scale) {
  for (T& value : matrix.values()) value *= scale;
}

/// out (left rows, right rows) = Σ over the ranges of left[:,t]·right[:,t]ᵀ.
template <class T>
void outer_products(ConstMatrixViewT<T> left, ConstMatrixViewT<T> right,
                    std::span<const SequenceSpan> ranges, MatrixViewT<T> out) {
  bool accumulate = false;
  for (const SequenceSpan& range : ranges) {
    if (range.count == 0) continue;
    gemm<T>(Transpose::no, left.columns(range.begin, range.count), Transpose::yes,
            right.columns(range.begin, range.count), out, accumulate);
    accumulate = true;
  }
}

}  // namespace

template <class T>
void unit_gradient(const LoraTapeT<T>& tape, std::span<const SequenceSpan> unit_ranges,
                   std::span<T> flat_out) {
  std::fill(flat_out.begin(), flat_out.end(), T{});
  std::size_t at = 0;
  const auto next = [&](std::size_t rows, std::size_t cols) {
    HIPPOCRYPT_CHECK(at + rows * cols <= flat_out.size());
    at += rows * cols;
    return MatrixViewT<T>{flat_out.data() + at - rows * cols, rows, cols, cols};
  };
  for (const LoraBlockTapeT<T>& block : tape.blocks) {
    for (std::size_t i = 0; i < tape.shapes.size(); ++i) {
      const LoraTargetShape& shape = tape.shapes[i];
      const auto group = static_cast<std::size_t>(shape.group);
      if (tape.trainable == Trainable::both) {
        outer_products<T>(block.bdy[i], block.x[group], unit_ranges, next(tape.rank, shape.in));
      }
      outer_products<T>(block.dy[group].view().row_block(shape.row_begin, shape.out), block.ax[i],
                        unit_ranges, next(shape.out, tape.rank));
    }
  }
  HIPPOCRYPT_CHECK(at == flat_out.size());
}

template <class T>
void lora_forward(const LoraAdapterT<T>& adapter, std::size_t block, LinearGroup group,
                  ConstMatrixViewT<T> x, MatrixViewT<T> y, std::vector<MatrixT<T>>* ax) {
  for (std::size_t i = 0; i < adapter.shapes().size(); ++i) {
    const LoraTargetShape& shape = adapter.shapes()[i];
    const auto& factors = adapter.at(block, i);
    if (shape.group != group) continue;
    const bool silent = all_zero(factors.b);
    if (silent && ax == nullptr) continue;
    MatrixT<T> product{adapter.config().rank(), x.cols()};
    gemm<T>(Transpose::no, factors.a, Transpose::no, x, product.view());
    scale_values(product, adapter.scale());
    if (!silent) {
      gemm<T>(Transpose::no, factors.b, Transpose::no, product,
              y.row_block(shape.row_begin, shape.out), true);
    }
    if (ax != nullptr) ax->at(i) = std::move(product);
  }
}

template <class T>
void lora_backward(const LoraAdapterT<T>& adapter, std::size_t block, LinearGroup group,
                   ConstMatrixViewT<T> dy, MatrixViewT<T>* dx, std::vector<MatrixT<T>>* bdy) {
  for (std::size_t i = 0; i < adapter.shapes().size(); ++i) {
    const LoraTargetShape& shape = adapter.shapes()[i];
    if (shape.group != group || (dx == nullptr && bdy == nullptr)) continue;
    const auto& factors = adapter.at(block, i);
    MatrixT<T> product{adapter.config().rank(), dy.cols()};
    gemm<T>(Transpose::yes, factors.b, Transpose::no, dy.row_block(shape.row_begin, shape.out),
            product.view());
    scale_values(product, adapter.scale());
    if (dx != nullptr) gemm<T>(Transpose::yes, factors.a, Transpose::no, product, *dx, true);
    if (bdy != nullptr) bdy->at(i) = std::move(product);
  }
}

template <class T>
bool adapts(const LoraAdapterT<T>& adapter, LinearGroup group) {
  return std::any_of(adapter.shapes().begin(), adapter.shapes().end(),
                     [&](const LoraTargetShape& shape) { return shape.group == group; });
}

#define HIPPOCRYPT_INSTANTIATE(T)                                                                 \
  template void unit_gradient<T>(const LoraTapeT<T>&, std::span<const SequenceSpan>,              \
                                 std::span<T>);                                                   \
  template void lora_forward<T>(const LoraAdapterT<T>&, std::size_t, LinearGroup,                 \
                                ConstMatrixViewT<T>, MatrixViewT<T>, std::vector<MatrixT<T>>*);   \
  template void lora_backward<T>(const LoraAdapterT<T>&, std::size_t, LinearGroup,                \
                                 ConstMatrixViewT<T>, MatrixViewT<T>*, std::vector<MatrixT<T>>*); \
  template bool adapts<T>(const LoraAdapterT<T>&, LinearGroup);
HIPPOCRYPT_INSTANTIATE(float)
HIPPOCRYPT_INSTANTIATE(double)
HIPPOCRYPT_INSTANTIATE(std::complex<double>)
#undef HIPPOCRYPT_INSTANTIATE

}  // namespace hippocrypt::model
