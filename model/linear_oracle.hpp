#pragma once
// Seam A: products with the frozen base weights. model/ never sees those weights, a key or a
// socket.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>

#include "base/matrix.hpp"
#include "base/result.hpp"

namespace hippocrypt::model {

/// The frozen matrices of a block that share an input are one group, stacked by rows in this order:
/// qkv = [q; k; v], attention_out = [o], gate_up = [gate; up], down = [down]. The output head
/// (vocab, hidden) belongs to no block: it is asked for as head_site, of oracles that offer it.
enum class LinearGroup : std::uint8_t {
  qkv = 0,
  attention_out = 1,
  gate_up = 2,
  down = 3,
  head = 4
};
/// The groups of a block.
inline constexpr std::size_t linear_group_count = 4;

const char* to_string(LinearGroup group);

/// One stacked matrix W (out, in) of the model.
struct LinearSite {
  std::uint32_t block;
  LinearGroup group;
  friend bool operator==(const LinearSite&, const LinearSite&) = default;
};

inline constexpr LinearSite head_site{0, LinearGroup::head};

/// Calls block until the product is there: the model stays straight-line code on its own thread.
template <class T>
class LinearOracleT {
 public:
  virtual ~LinearOracleT() = default;
  /// Y = W·X. x (in, tokens) → (out, tokens). Errors: not_finite, unavailable, deadline, malformed,
  /// mismatch, cancelled, unsupported (the head, where it is not offered).
  virtual Result<MatrixT<T>> forward(LinearSite site, ConstMatrixViewT<T> x) = 0;
  /// dX = Wᵀ·dY. dy (out, tokens) → (in, tokens). The same errors.
  virtual Result<MatrixT<T>> backward(LinearSite site, ConstMatrixViewT<T> dy) = 0;

  /// Takes columns [begin, begin + y.cols()) of a product; an error ends the product with it.
  using ColumnSink = std::function<Status(std::size_t begin, ConstMatrixViewT<T> y)>;
  /// forward() for answers too large to be kept whole: block after block of columns, from the
  /// first to the last. An oracle whose traffic must not depend on the number of tokens overrides
  /// this and sends what one forward() of them sends. Errors: those of forward() and of `sink`.
  virtual Status forward_blocks(LinearSite site, ConstMatrixViewT<T> x, const ColumnSink& sink) {
    constexpr std::size_t width = 512;
    for (std::size_t begin = 0; begin < x.cols(); begin += width) {
      HIPPOCRYPT_TRY(const MatrixT<T> y,
                     forward(site, x.columns(begin, std::min(width, x.cols() - begin))));
      HIPPOCRYPT_TRY_VOID(sink(begin, y));
    }
    return Ok{};
  }
};

using LinearOracle = LinearOracleT<float>;

}  // namespace hippocrypt::model
