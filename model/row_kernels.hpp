#pragma once
// The loops over one row of tokens in which exponentials dominate, compiled once per instruction
// set and chosen at run time for float; plain loops for the other types. All give the same bits, as
// -ffp-contract=off leaves each operation its own rounding. Internal to model/.

#include <cstddef>

#include "base/cpu.hpp"
#include "model/numeric.hpp"

namespace hippocrypt::model::row_kernels {

/// Float entry points of one instruction set; plain pointers, so that no inline function crosses.
#define HIPPOCRYPT_DECLARE_ROW_KERNELS(isa)                                                    \
  namespace isa {                                                                              \
  void exponentials(float* row, const float* largest, float scale, float* sum, std::size_t n); \
  void silu_gate(const float* gate, const float* up, float* out, std::size_t n);               \
  void silu_gate_backward(const float* gate, const float* up, const float* dout, float* dgate, \
                          float* dup, std::size_t n);                                          \
  }
HIPPOCRYPT_DECLARE_ROW_KERNELS(portable)
HIPPOCRYPT_DECLARE_ROW_KERNELS(avx2)
HIPPOCRYPT_DECLARE_ROW_KERNELS(avx512)
#undef HIPPOCRYPT_DECLARE_ROW_KERNELS

/// row[i] = exp(scale·(row[i] − largest[i])); sum[i] += row[i].
template <class T>
void exponentials(T* row, const T* largest, T scale, T* sum, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    row[i] = exponential(scale * (row[i] - largest[i]));
    sum[i] += row[i];
  }
}
inline void exponentials(float* row, const float* largest, float scale, float* sum, std::size_t n) {
  switch (simd_level()) {
    case SimdLevel::avx512:
      return avx512::exponentials(row, largest, scale, sum, n);
    case SimdLevel::avx2:
      return avx2::exponentials(row, largest, scale, sum, n);
    case SimdLevel::portable:
      return portable::exponentials(row, largest, scale, sum, n);
  }
}

/// out = gate·sigmoid(gate)·up.
template <class T>
void silu_gate(const T* gate, const T* up, T* out, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    out[i] = gate[i] / (T{1} + exponential(-gate[i])) * up[i];
  }
}
inline void silu_gate(const float* gate, const float* up, float* out, std::size_t n) {
  switch (simd_level()) {
    case SimdLevel::avx512:
      return avx512::silu_gate(gate, up, out, n);
    case SimdLevel::avx2:
      return avx2::silu_gate(gate, up, out, n);
    case SimdLevel::portable:
      return portable::silu_gate(gate, up, out, n);
  }
}

/// Its derivatives times dout.
template <class T>
void silu_gate_backward(const T* gate, const T* up, const T* dout, T* dgate, T* dup,
                        std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) {
    const T s = T{1} / (T{1} + exponential(-gate[i]));
    const T silu = gate[i] * s;
    dgate[i] = dout[i] * up[i] * (s + silu * (T{1} - s));
    dup[i] = dout[i] * silu;
  }
}
inline void silu_gate_backward(const float* gate, const float* up, const float* dout, float* dgate,
                               float* dup, std::size_t n) {
  switch (simd_level()) {
    case SimdLevel::avx512:
      return avx512::silu_gate_backward(gate, up, dout, dgate, dup, n);
    case SimdLevel::avx2:
      return avx2::silu_gate_backward(gate, up, dout, dgate, dup, n);
    case SimdLevel::portable:
      return portable::silu_gate_backward(gate, up, dout, dgate, dup, n);
  }
}

}  // namespace hippocrypt::model::row_kernels
