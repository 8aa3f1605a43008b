#include "model/trainable_oracle.hpp"

#include <algorithm>
#include <utility>

#include "base/gemm.hpp"

namespace hippocrypt::model {

template <class T>
TrainableOracleT<T>::TrainableOracleT(const BaseWeightsT<T>& weights, BaseWeightsT<T>& gradient)
    : plain_{weights}, gradient_{gradient} {
  HIPPOCRYPT_CHECK(weights.blocks.size() == gradient.blocks.size());
  inputs_.blocks.resize(weights.blocks.size());
}

template <class T>
Result<MatrixT<T>> TrainableOracleT<T>::forward(LinearSite site, ConstMatrixViewT<T> x) {
  MatrixT<T> copy{x.rows(), x.cols()};
  for (std::size_t r = 0; r < x.rows(); ++r) {
    std::copy_n(x.row(r).data(), x.cols(), copy.row(r).data());
  }
  inputs_.at(site) = std::move(copy);
  return plain_.forward(site, x);
}

template <class T>
Result<MatrixT<T>> TrainableOracleT<T>::backward(LinearSite site, ConstMatrixViewT<T> dy) {
  HIPPOCRYPT_TRY(MatrixT<T> dx, plain_.backward(site, dy));
  const MatrixT<T> x = std::exchange(inputs_.at(site), MatrixT<T>{});
  HIPPOCRYPT_CHECK(x.cols() == dy.cols(), "one backward for each forward");
  gemm<T>(Transpose::no, dy, Transpose::yes, x, gradient_.at(site).view(), true);
  return dx;
}

template class TrainableOracleT<float>;
template class TrainableOracleT<double>;
template class TrainableOracleT<std::complex<double>>;

}  // namespace hippocrypt::model
