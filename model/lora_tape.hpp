#pragma once
// Forward and backward of the adapters of one group, and the tape from which the gradient of any
// range of tokens can be cut (unit_gradient.hpp). Sequences are isolated from each other, so one
// backward over a packed batch holds the gradient of every unit: dB = s·Σ_t g_t·(A·x_t)ᵀ, dA =
// s·Σ_t (Bᵀ·g_t)·x_tᵀ, and dR = s·Σ_t (Pᵀ·g_t)·(A·x_t)ᵀ where B = P·R, over the unit's own tokens,
// with g = dL/dy.

#include <array>
#include <cstddef>
#include <span>
#include <vector>

#include "base/matrix.hpp"
#include "model/batch.hpp"
#include "model/lora_adapter.hpp"

namespace hippocrypt::model {

/// What one block leaves behind; columns are the tokens of the batch. Indexed by group, or by the
/// adapter's target index. Groups without an adapted matrix stay empty.
template <class T>
struct LoraBlockTapeT {
  std::array<MatrixT<T>, linear_group_count> dy;  ///< (out of the group, tokens)
  std::array<MatrixT<T>, linear_group_count>
      x;                       ///< (in of the group, tokens); only if A is trained
  std::vector<MatrixT<T>> ax;  ///< s·A·x (rank, tokens)
  /// s·Bᵀ·dy (rank, tokens), if A is trained; Pᵀ·dy, if the core is.
  std::vector<MatrixT<T>> bdy;
};

template <class T>
struct LoraTapeT {
  Trainable trainable = Trainable::b_only;
  std::size_t rank = 0;
  std::vector<LoraTargetShape> shapes;  ///< as in the adapter
  std::vector<LoraBlockTapeT<T>> blocks;
};
using LoraTape = LoraTapeT<float>;

/// y += s·B·A·x for every adapted matrix of `group`. y (out of the group, tokens), x (in, tokens).
/// Stores s·A·x of each in ax unless that is null. A matrix whose B is all zero leaves y bit for
/// bit as it was.
template <class T>
void lora_forward(const LoraAdapterT<T>& adapter, std::size_t block, LinearGroup group,
                  ConstMatrixViewT<T> x, MatrixViewT<T> y, std::vector<MatrixT<T>>* ax,
                  std::size_t threads = 1);

/// dx += s·Aᵀ·Bᵀ·dy for every adapted matrix of `group`, unless dx is null. Stores s·Bᵀ·dy in bdy,
/// or Pᵀ·dy of an adapter with a core, unless that is null.
template <class T>
void lora_backward(const LoraAdapterT<T>& adapter, std::size_t block, LinearGroup group,
                   ConstMatrixViewT<T> dy, MatrixViewT<T>* dx, std::vector<MatrixT<T>>* bdy,
                   std::size_t threads = 1);

/// Whether any matrix of `group` is adapted.
template <class T>
bool adapts(const LoraAdapterT<T>& adapter, LinearGroup group);

}  // namespace hippocrypt::model
