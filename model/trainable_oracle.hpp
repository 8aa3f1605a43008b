#pragma once
// A plaintext oracle for pretraining: it also collects the gradient of its own matrices.

#include <complex>

#include "base/result.hpp"
#include "model/config.hpp"
#include "model/linear_oracle.hpp"
#include "model/plain_oracle.hpp"
#include "model/weights.hpp"

namespace hippocrypt::model {

/// backward(site, dY) adds dY·Xᵀ to gradient.at(site), X being the input of the site's last
/// forward, which it consumes: one backward for each forward. Errors: not_finite.
template <class T>
class TrainableOracleT final : public LinearOracleT<T> {
 public:
  /// Both must outlive the oracle; `gradient` has the shapes of `weights` (zero_base_weights()).
  TrainableOracleT(const BaseWeightsT<T>& weights, BaseWeightsT<T>& gradient);
  Result<MatrixT<T>> forward(LinearSite site, ConstMatrixViewT<T> x) override;
  Result<MatrixT<T>> backward(LinearSite site, ConstMatrixViewT<T> dy) override;

 private:
  PlainFp32OracleT<T> plain_;
  BaseWeightsT<T>& gradient_;
  BaseWeightsT<T> inputs_;  ///< X of each site, between its forward and its backward
};

extern template class TrainableOracleT<float>;
extern template class TrainableOracleT<double>;
extern template class TrainableOracleT<std::complex<double>>;

}  // namespace hippocrypt::model
