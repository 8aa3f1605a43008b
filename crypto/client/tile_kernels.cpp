#include "crypto/client/tile_kernels.hpp"

#include "base/cpu.hpp"

namespace hippocrypt::crypto {

void make_pad_rows(const PadRows& job) {
  switch (simd_level()) {
    case SimdLevel::avx512:
      return tile_kernels::avx512_pads(job);
    case SimdLevel::avx2:
      return tile_kernels::avx2_pads(job);
    case SimdLevel::portable:
      return tile_kernels::portable_pads(job);
  }
}

void encrypt_rows(const EncryptRows& job) {
  switch (simd_level()) {
    case SimdLevel::avx512:
      return tile_kernels::avx512_encrypt(job);
    case SimdLevel::avx2:
      return tile_kernels::avx2_encrypt(job);
    case SimdLevel::portable:
      return tile_kernels::portable_encrypt(job);
  }
}

void decrypt_rows(const DecryptRows& job) {
  switch (simd_level()) {
    case SimdLevel::avx512:
      return tile_kernels::avx512_decrypt(job);
    case SimdLevel::avx2:
      return tile_kernels::avx2_decrypt(job);
    case SimdLevel::portable:
      return tile_kernels::portable_decrypt(job);
  }
}

void add_squares(const float* x, std::size_t x_stride, std::size_t features, std::size_t tokens,
                 double* sums) {
  switch (simd_level()) {
    case SimdLevel::avx512:
      return tile_kernels::avx512_squares(x, x_stride, features, tokens, sums);
    case SimdLevel::avx2:
      return tile_kernels::avx2_squares(x, x_stride, features, tokens, sums);
    case SimdLevel::portable:
      return tile_kernels::portable_squares(x, x_stride, features, tokens, sums);
  }
}

}  // namespace hippocrypt::crypto
