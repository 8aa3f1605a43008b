// Included by row_kernels_<isa>.cpp after HIPPOCRYPT_ROW_ISA is defined. The pointers never
// overlap, save where one matrix is updated in place entry by entry, which the pragma allows for.
#include <cstddef>

#include "model/exponential.hpp"

#if defined(__clang__)
#define HIPPOCRYPT_INDEPENDENT _Pragma("clang loop vectorize(assume_safety)")
#else
#define HIPPOCRYPT_INDEPENDENT _Pragma("GCC ivdep")
#endif

namespace hippocrypt::model::row_kernels::HIPPOCRYPT_ROW_ISA {

// Declared again here, as row_kernels.hpp would bring inline functions of other headers along.
void exponentials(float* row, const float* largest, float scale, float* sum, std::size_t n);
void silu_gate(const float* gate, const float* up, float* out, std::size_t n);
void silu_gate_backward(const float* gate, const float* up, const float* dout, float* dgate,
                        float* dup, std::size_t n);

void exponentials(float* row, const float* largest, float scale, float* sum, std::size_t n) {
  HIPPOCRYPT_INDEPENDENT
  for (std::size_t i = 0; i < n; ++i) {
    const float value = exponential(scale * (row[i] - largest[i]));
    row[i] = value;
    sum[i] += value;
  }
}

void silu_gate(const float* gate, const float* up, float* out, std::size_t n) {
  HIPPOCRYPT_INDEPENDENT
  for (std::size_t i = 0; i < n; ++i) {
    out[i] = gate[i] / (1.0F + exponential(-gate[i])) * up[i];
  }
}

void silu_gate_backward(const float* gate, const float* up, const float* dout, float* dgate,
                        float* dup, std::size_t n) {
  HIPPOCRYPT_INDEPENDENT
  for (std::size_t i = 0; i < n; ++i) {
    const float s = 1.0F / (1.0F + exponential(-gate[i]));
    const float silu = gate[i] * s;
    dgate[i] = dout[i] * up[i] * (s + silu * (1.0F - s));
    dup[i] = dout[i] * silu;
  }
}

}  // namespace hippocrypt::model::row_kernels::HIPPOCRYPT_ROW_ISA
