#include "crypto/client/tile_kernels.hpp"

#include "base/cpu.hpp"

namespace hippocrypt::crypto {

void encrypt_group(const EncryptGroup& group) {
  switch (simd_level()) {
    case SimdLevel::avx512:
      return tile_kernels::avx512_encrypt(group);
    case SimdLevel::avx2:
      return tile_kernels::avx2_encrypt(group);
    case SimdLevel::portable:
      return tile_kernels::portable_encrypt(group);
  }
}

void decrypt_group(const DecryptGroup& group) {
  switch (simd_level()) {
    case SimdLevel::avx512:
      return tile_kernels::avx512_decrypt(group);
    case SimdLevel::avx2:
      return tile_kernels::avx2_decrypt(group);
    case SimdLevel::portable:
      return tile_kernels::portable_decrypt(group);
  }
}

void add_squares(const float* x, std::size_t tokens, double* sums) {
  switch (simd_level()) {
    case SimdLevel::avx512:
      return tile_kernels::avx512_squares(x, tokens, sums);
    case SimdLevel::avx2:
      return tile_kernels::avx2_squares(x, tokens, sums);
    case SimdLevel::portable:
      return tile_kernels::portable_squares(x, tokens, sums);
  }
}

}  // namespace hippocrypt::crypto
