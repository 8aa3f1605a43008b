#pragma once
// Internal to crypto/client: what happens to the coefficients of 16 polynomials after the inverse
// transform. Plain pointers only, as the kernels are compiled per instruction set; all sets give
// the same bytes, since everything is integer arithmetic or single IEEE operations. A group is up
// to 16 features (rows) by T tokens; arrays by token are padded with zeros to a multiple of 16.

#include <cstddef>
#include <cstdint>

namespace hippocrypt::crypto {

struct EncryptGroup {
  const std::uint32_t* pads;   ///< a·s in lane layout, [k][16]
  const float* x;              ///< activations of the first feature
  std::size_t x_stride;        ///< values from one feature to the next
  const double* scale;         ///< D_t, padded
  const std::int16_t* errors;  ///< [feature][error_stride], padded
  std::size_t error_stride;
  std::uint8_t* body;  ///< [feature][tokens] values of 3 bytes
  std::size_t features, tokens;
  std::uint32_t q;
  std::uint32_t* scratch;  ///< 256 words, aligned to 64 bytes; holds pads, so the caller wipes it
};

struct DecryptGroup {
  const std::uint32_t* pads;    ///< H·s in lane layout, [k][16]
  const std::uint8_t* answer;   ///< [feature][tokens] values of 2 bytes
  const double* inverse_scale;  ///< 1/D_t, padded
  float* y;                     ///< [feature][tokens]
  std::size_t features, tokens;
  std::uint32_t q;
  std::uint32_t* scratch;  ///< as above
};

/// body = round((pad + error + round(D_t·x) mod q)·2^24/q) mod 2^24.
void encrypt_group(const EncryptGroup& group);
/// y = centre(round(B·q/2^16) - pad mod q)/D_t.
void decrypt_group(const DecryptGroup& group);
/// sums[t] += x[t]².
void add_squares(const float* x, std::size_t tokens, double* sums);

namespace tile_kernels {
void portable_encrypt(const EncryptGroup& group);
void portable_decrypt(const DecryptGroup& group);
void portable_squares(const float* x, std::size_t tokens, double* sums);
void avx2_encrypt(const EncryptGroup& group);
void avx2_decrypt(const DecryptGroup& group);
void avx2_squares(const float* x, std::size_t tokens, double* sums);
void avx512_encrypt(const EncryptGroup& group);
void avx512_decrypt(const DecryptGroup& group);
void avx512_squares(const float* x, std::size_t tokens, double* sums);
}  // namespace tile_kernels

}  // namespace hippocrypt::crypto
