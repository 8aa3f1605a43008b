#pragma once
// Plaintext LinearOracles: the reference that the encrypted one is measured against. Products are
// taken in fixed blocks of columns, so a result does not depend on the number of threads.

#include <array>
#include <complex>
#include <cstddef>
#include <memory>
#include <vector>

#include "base/result.hpp"
#include "model/config.hpp"
#include "model/linear_oracle.hpp"
#include "model/weights.hpp"

namespace hippocrypt::model {

/// Exact weights, the head's too if they are there. Errors: not_finite (an input with NaN or
/// infinity, as the encrypted oracle refuses it), unsupported (the head, where it is not offered).
template <class T>
class PlainFp32OracleT final : public LinearOracleT<T> {
 public:
  /// `weights` must outlive the oracle. threads ≥ 1.
  explicit PlainFp32OracleT(const BaseWeightsT<T>& weights, std::size_t threads = 1);
  Result<MatrixT<T>> forward(LinearSite site, ConstMatrixViewT<T> x) override;
  Result<MatrixT<T>> backward(LinearSite site, ConstMatrixViewT<T> dy) override;

 private:
  const BaseWeightsT<T>& weights_;
  std::size_t threads_;
};
using PlainFp32Oracle = PlainFp32OracleT<float>;

extern template class PlainFp32OracleT<float>;
extern template class PlainFp32OracleT<double>;
extern template class PlainFp32OracleT<std::complex<double>>;

/// What PlainInt8Oracles multiply by; any number of them may share one.
struct Int8Weights {
  using Blocks = std::vector<std::array<QuantizedMatrix, linear_group_count>>;
  Blocks blocks;
  QuantizedMatrix head;  ///< no rows: not offered
};

/// Quantizes every matrix, the head too if it is there. Errors: not_finite.
Result<std::shared_ptr<const Int8Weights>> quantize_base(const BaseWeights& weights);

/// int8 weights with one scale a row, float activations; what the encrypted product computes,
/// without its noise. The backward is the exact adjoint of the forward. Errors: as above.
class PlainInt8Oracle final : public LinearOracle {
 public:
  using Blocks = Int8Weights::Blocks;

  /// threads ≥ 1, here and below.
  explicit PlainInt8Oracle(std::shared_ptr<const Int8Weights> weights, std::size_t threads = 1);
  /// Of quantize_base(). Errors: its.
  static Result<PlainInt8Oracle> create(const BaseWeights& weights, std::size_t threads = 1);
  /// From matrices that are quantized already, without a head. Errors: mismatch (sizes that
  /// contradict each other).
  static Result<PlainInt8Oracle> create(Blocks blocks, std::size_t threads = 1);

  Result<Matrix> forward(LinearSite site, ConstMatrixView x) override;
  Result<Matrix> backward(LinearSite site, ConstMatrixView dy) override;

 private:
  const QuantizedMatrix& at(LinearSite site) const;

  std::shared_ptr<const Int8Weights> weights_;
  std::size_t threads_;
};

}  // namespace hippocrypt::model
