// Included by gemm_<isa>.cpp after HIPPOCRYPT_GEMM_ISA is defined. Eigen's namespace is renamed per
// instruction set, so that the linker cannot merge functions compiled with different flags.
#define HIPPOCRYPT_PASTE_INNER(a, b) a##b
#define HIPPOCRYPT_PASTE(a, b) HIPPOCRYPT_PASTE_INNER(a, b)
#define Eigen HIPPOCRYPT_PASTE(HippocryptEigen_, HIPPOCRYPT_GEMM_ISA)
#define EIGEN_DONT_PARALLELIZE
#include <Eigen/Core>

#include "base/gemm_kernels.hpp"

namespace hippocrypt::gemm_kernels {
namespace {

template <class T>
using RowMajor = Eigen::Matrix<T, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;
template <class T>
using ConstMap = Eigen::Map<const RowMajor<T>, 0, Eigen::OuterStride<>>;
template <class T>
using MutableMap = Eigen::Map<RowMajor<T>, 0, Eigen::OuterStride<>>;

Eigen::Index index(std::size_t value) { return static_cast<Eigen::Index>(value); }

/// What `out.noalias() += left * right` calls for all but small products. Those it multiplies in an
/// order that depends on where the result lies in memory, so equal inputs could differ in their
/// last bits.
template <class Left, class Right, class Out>
void multiply(const Left& left, const Right& right, Out& out, bool accumulate) {
  using Product = Eigen::internal::generic_product_impl<Left, Right, Eigen::DenseShape,
                                                        Eigen::DenseShape, Eigen::GemmProduct>;
  if (!accumulate) out.setZero();
  Product::scaleAndAddTo(out, left, right, typename Out::Scalar{1});
}

template <class T>
void run(const Operands<T>& o) {
  const ConstMap<T> a{o.a, index(o.a_transposed ? o.k : o.m), index(o.a_transposed ? o.m : o.k),
                      Eigen::OuterStride<>{index(o.a_stride)}};
  const ConstMap<T> b{o.b, index(o.b_transposed ? o.n : o.k), index(o.b_transposed ? o.k : o.n),
                      Eigen::OuterStride<>{index(o.b_stride)}};
  MutableMap<T> c{o.c, index(o.m), index(o.n), Eigen::OuterStride<>{index(o.c_stride)}};
  if (o.a_transposed && o.b_transposed) {
    multiply(a.transpose(), b.transpose(), c, o.accumulate);
  } else if (o.a_transposed) {
    multiply(a.transpose(), b, c, o.accumulate);
  } else if (o.b_transposed) {
    multiply(a, b.transpose(), c, o.accumulate);
  } else {
    multiply(a, b, c, o.accumulate);
  }
}

}  // namespace

void HIPPOCRYPT_PASTE(HIPPOCRYPT_GEMM_ISA, _f32)(const Operands<float>& operands) { run(operands); }
void HIPPOCRYPT_PASTE(HIPPOCRYPT_GEMM_ISA, _f64)(const Operands<double>& operands) {
  run(operands);
}

}  // namespace hippocrypt::gemm_kernels
