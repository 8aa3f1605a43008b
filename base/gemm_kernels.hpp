#pragma once
// Internal to base: the entry points that each gemm_<isa>.cpp defines. Plain pointers only, so that
// no inline function compiled for one instruction set can be picked by the linker for another.

#include <cstddef>

namespace hippocrypt::gemm_kernels {

/// Row-major operands with leading dimensions; see gemm.hpp for the meaning.
template <class T>
struct Operands {
  const T* a;
  std::size_t a_stride;
  bool a_transposed;
  const T* b;
  std::size_t b_stride;
  bool b_transposed;
  T* c;
  std::size_t c_stride;
  std::size_t m, n, k;
  bool accumulate;
};

void portable_f32(const Operands<float>& operands);
void portable_f64(const Operands<double>& operands);
void avx2_f32(const Operands<float>& operands);
void avx2_f64(const Operands<double>& operands);
void avx512_f32(const Operands<float>& operands);
void avx512_f64(const Operands<double>& operands);

}  // namespace hippocrypt::gemm_kernels
