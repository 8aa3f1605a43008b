#include "model/chunked_softmax.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <vector>

#include "model/numeric.hpp"
#include "model/row_kernels.hpp"

namespace hippocrypt::model {
namespace {

template <class T>
void keep_largest(std::span<const T> row, std::span<T> largest) {
  for (std::size_t t = 0; t < row.size(); ++t) {
    largest[t] = real_part(row[t]) > real_part(largest[t]) ? row[t] : largest[t];
  }
}

}  // namespace

template <class T>
ChunkedSoftmaxT<T>::ChunkedSoftmaxT(std::size_t chunks, std::size_t tokens)
    : largest_{chunks, tokens}, sum_{chunks, tokens}, all_{2, tokens} {
  HIPPOCRYPT_CHECK(chunks >= 1);
}

template <class T>
void ChunkedSoftmaxT<T>::exponentiate(std::size_t chunk, MatrixViewT<T> logits) {
  HIPPOCRYPT_CHECK(logits.rows() >= 1 && logits.cols() == all_.cols());
  const std::span<T> largest = largest_.row(chunk), sum = sum_.row(chunk);
  std::copy_n(logits.row(0).data(), largest.size(), largest.data());
  for (std::size_t v = 1; v < logits.rows(); ++v) keep_largest<T>(logits.row(v), largest);
  for (std::size_t v = 0; v < logits.rows(); ++v) {
    row_kernels::exponentials(logits.row(v).data(), largest.data(), T{1}, sum.data(), sum.size());
  }
}

template <class T>
void ChunkedSoftmaxT<T>::join(std::span<T> log_sums) {
  const std::span<T> largest = all_.row(0), sum = all_.row(1);
  HIPPOCRYPT_CHECK(log_sums.size() == sum.size());
  std::copy_n(largest_.row(0).data(), largest.size(), largest.data());
  for (std::size_t c = 1; c < largest_.rows(); ++c) keep_largest<T>(largest_.row(c), largest);
  for (std::size_t c = 0; c < largest_.rows(); ++c) {
    for (std::size_t t = 0; t < sum.size(); ++t) {
      sum[t] += sum_(c, t) * exponential(largest_(c, t) - largest[t]);
    }
  }
  for (std::size_t t = 0; t < sum.size(); ++t) log_sums[t] = largest[t] + std::log(sum[t]);
}

template <class T>
void ChunkedSoftmaxT<T>::to_probabilities(std::size_t chunk, std::span<const T> weights,
                                          MatrixViewT<T> exponentials) const {
  const std::span<const T> largest = all_.row(0), sum = all_.row(1);
  HIPPOCRYPT_CHECK(weights.size() == sum.size() && exponentials.cols() == sum.size());
  std::vector<T> factors(sum.size());
  for (std::size_t t = 0; t < sum.size(); ++t) {
    factors[t] = weights[t] / sum[t] * exponential(largest_(chunk, t) - largest[t]);
  }
  for (std::size_t v = 0; v < exponentials.rows(); ++v) {
    T* const row = exponentials.row(v).data();
    for (std::size_t t = 0; t < factors.size(); ++t) row[t] *= factors[t];
  }
}

template class ChunkedSoftmaxT<float>;
template class ChunkedSoftmaxT<double>;
template class ChunkedSoftmaxT<std::complex<double>>;

}  // namespace hippocrypt::model
