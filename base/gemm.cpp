#include "base/gemm.hpp"

#include "base/cpu.hpp"
#include "base/gemm_kernels.hpp"

namespace hippocrypt {
namespace {

void run(const gemm_kernels::Operands<float>& operands) {
  switch (simd_level()) {
    case SimdLevel::avx512:
      return gemm_kernels::avx512_f32(operands);
    case SimdLevel::avx2:
      return gemm_kernels::avx2_f32(operands);
    case SimdLevel::portable:
      return gemm_kernels::portable_f32(operands);
  }
}

void run(const gemm_kernels::Operands<double>& operands) {
  switch (simd_level()) {
    case SimdLevel::avx512:
      return gemm_kernels::avx512_f64(operands);
    case SimdLevel::avx2:
      return gemm_kernels::avx2_f64(operands);
    case SimdLevel::portable:
      return gemm_kernels::portable_f64(operands);
  }
}

/// The complex type serves gradient checks only, so a plain loop does.
void run(const gemm_kernels::Operands<std::complex<double>>& o) {
  for (std::size_t i = 0; i < o.m; ++i) {
    for (std::size_t j = 0; j < o.n; ++j) {
      std::complex<double> sum = o.accumulate ? o.c[i * o.c_stride + j] : 0.0;
      for (std::size_t l = 0; l < o.k; ++l) {
        sum += (o.a_transposed ? o.a[l * o.a_stride + i] : o.a[i * o.a_stride + l]) *
               (o.b_transposed ? o.b[j * o.b_stride + l] : o.b[l * o.b_stride + j]);
      }
      o.c[i * o.c_stride + j] = sum;
    }
  }
}

}  // namespace

template <class T>
void gemm(Transpose transpose_a, ConstMatrixViewT<T> a, Transpose transpose_b,
          ConstMatrixViewT<T> b, MatrixViewT<T> c, bool accumulate) {
  const bool ta = transpose_a == Transpose::yes;
  const bool tb = transpose_b == Transpose::yes;
  const std::size_t m = ta ? a.cols() : a.rows();
  const std::size_t k = ta ? a.rows() : a.cols();
  HIPPOCRYPT_CHECK((tb ? b.cols() : b.rows()) == k);
  const std::size_t n = tb ? b.rows() : b.cols();
  HIPPOCRYPT_CHECK(c.rows() == m && c.cols() == n);
  if (m == 0 || n == 0) return;
  run(gemm_kernels::Operands<T>{a.data(), a.stride(), ta, b.data(), b.stride(), tb, c.data(),
                                c.stride(), m, n, k, accumulate});
}

template void gemm<float>(Transpose, ConstMatrixViewT<float>, Transpose, ConstMatrixViewT<float>,
                          MatrixViewT<float>, bool);
template void gemm<double>(Transpose, ConstMatrixViewT<double>, Transpose, ConstMatrixViewT<double>,
                           MatrixViewT<double>, bool);
template void gemm<std::complex<double>>(Transpose, ConstMatrixViewT<std::complex<double>>,
                                         Transpose, ConstMatrixViewT<std::complex<double>>,
                                         MatrixViewT<std::complex<double>>, bool);

}  // namespace hippocrypt
