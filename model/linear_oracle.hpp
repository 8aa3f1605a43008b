#pragma once
// Seam A: products with the frozen base weights. model/ never sees those weights, a key or a
// socket.

#include <cstddef>
#include <cstdint>

#include "base/matrix.hpp"
#include "base/result.hpp"

namespace hippocrypt::model {

/// The frozen matrices of a block that share an input are one group, stacked by rows in this order:
/// qkv = [q; k; v], attention_out = [o], gate_up = [gate; up], down = [down].
enum class LinearGroup : std::uint8_t { qkv = 0, attention_out = 1, gate_up = 2, down = 3 };
inline constexpr std::size_t linear_group_count = 4;

const char* to_string(LinearGroup group);

/// One stacked matrix W (out, in) of the model.
struct LinearSite {
  std::uint32_t block;
  LinearGroup group;
  friend bool operator==(const LinearSite&, const LinearSite&) = default;
};

/// Calls block until the product is there: the model stays straight-line code on its own thread.
template <class T>
class LinearOracleT {
 public:
  virtual ~LinearOracleT() = default;
  /// Y = W·X. x (in, tokens) → (out, tokens). Errors: not_finite, unavailable, deadline, malformed,
  /// mismatch, cancelled.
  virtual Result<MatrixT<T>> forward(LinearSite site, ConstMatrixViewT<T> x) = 0;
  /// dX = Wᵀ·dY. dy (out, tokens) → (in, tokens). The same errors.
  virtual Result<MatrixT<T>> backward(LinearSite site, ConstMatrixViewT<T> dy) = 0;
};

using LinearOracle = LinearOracleT<float>;

}  // namespace hippocrypt::model
