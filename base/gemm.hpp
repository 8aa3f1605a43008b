#pragma once
// General matrix products on row-major data, by Eigen compiled once per instruction set and chosen
// at run time. Single-threaded: callers split the work, so results do not depend on the thread
// count.

#include <complex>
#include <cstddef>

#include "base/matrix.hpp"

namespace hippocrypt {

enum class Transpose : bool { no, yes };

/// C = op(A)·op(B), or C += op(A)·op(B) when `accumulate`. op(A) is (m, k), op(B) (k, n), C (m, n);
/// shapes are checked. C may not overlap A or B. Instantiated for float, double, complex<double>.
/// With double and integer values whose partial sums stay below 2^53 the result is exact.
template <class T>
void gemm(Transpose transpose_a, ConstMatrixViewT<T> a, Transpose transpose_b,
          ConstMatrixViewT<T> b, MatrixViewT<T> c, bool accumulate = false);

extern template void gemm<float>(Transpose, ConstMatrixViewT<float>, Transpose,
                                 ConstMatrixViewT<float>, MatrixViewT<float>, bool);
extern template void gemm<double>(Transpose, ConstMatrixViewT<double>, Transpose,
                                  ConstMatrixViewT<double>, MatrixViewT<double>, bool);
extern template void gemm<std::complex<double>>(Transpose, ConstMatrixViewT<std::complex<double>>,
                                                Transpose, ConstMatrixViewT<std::complex<double>>,
                                                MatrixViewT<std::complex<double>>, bool);

}  // namespace hippocrypt
