#pragma once
// Internal to crypto/client: what happens to the coefficients of polynomials after the inverse
// transform. Plain pointers only, as the kernels are compiled per instruction set; all sets give
// the same bytes, since everything is integer arithmetic or single IEEE operations. Arrays of
// tokens are read in whole blocks of 16, so pads, noise and scales are padded to that; activations,
// ciphertexts and results are not. Strides count elements from one feature to the next.

#include <cstddef>
#include <cstdint>

namespace hippocrypt::crypto {

/// Tokens that one visit to a row handles: the rows of pads of 16 features stay in the first-level
/// cache, and every other array is read and written in long enough pieces (64 was 5 % slower).
inline constexpr std::size_t visit_tokens = 128;

/// Lanes to rows: rows[f][t] = lanes[t][f], or lanes[t][f] + e + q with noise (encrypt_rows() wants
/// no negative sums). Always 16 features, of which the last may be missing ones.
struct PadRows {
  const std::uint32_t* lanes;  ///< a·s or H·s of 16 features, [t][16]
  const std::uint8_t* noise;   ///< [feature][token] random bytes, two a sample when b > 6; or null
  std::size_t noise_stride;    ///< in bytes
  unsigned log_bound;          ///< b: e = tuniform_from_bits(noise)
  std::uint32_t q;
  std::size_t tokens;
  std::uint32_t* rows;
  std::size_t row_stride;
};

struct EncryptRows {
  const std::uint32_t* pads;  ///< a·s + e + q, not reduced
  std::size_t pad_stride;
  const float* x;  ///< activations
  std::size_t x_stride;
  const double* scale;  ///< D_t
  std::uint8_t* body;   ///< rows of the wire format, from a whole byte on
  std::size_t body_stride;
  std::size_t features, tokens;
  std::uint32_t q;
  unsigned upload_bits;  ///< 24 or 20
};

struct DecryptRows {
  const std::uint32_t* pads;  ///< H·s in [0, q)
  std::size_t pad_stride;
  const std::uint8_t* answer;  ///< rows of the wire format, from a whole byte on
  std::size_t answer_stride;
  const double* inverse_scale;  ///< 1/D_t
  float* y;
  std::size_t y_stride;
  std::size_t features, tokens;
  std::uint32_t q;
  unsigned download_bits;  ///< 16 or 12
};

void make_pad_rows(const PadRows& job);
/// body = round((pad + round(D_t·x) mod q)·2^upload_bits/q) mod 2^upload_bits.
void encrypt_rows(const EncryptRows& job);
/// y = centre(round(B·q/2^download_bits) - pad mod q)/D_t.
void decrypt_rows(const DecryptRows& job);
/// sums[t] += x[f][t]² for each feature in turn.
void add_squares(const float* x, std::size_t x_stride, std::size_t features, std::size_t tokens,
                 double* sums);

namespace tile_kernels {
void portable_pads(const PadRows& job);
void portable_encrypt(const EncryptRows& job);
void portable_decrypt(const DecryptRows& job);
void portable_squares(const float* x, std::size_t x_stride, std::size_t features,
                      std::size_t tokens, double* sums);
void avx2_pads(const PadRows& job);
void avx2_encrypt(const EncryptRows& job);
void avx2_decrypt(const DecryptRows& job);
void avx2_squares(const float* x, std::size_t x_stride, std::size_t features, std::size_t tokens,
                  double* sums);
void avx512_pads(const PadRows& job);
void avx512_encrypt(const EncryptRows& job);
void avx512_decrypt(const DecryptRows& job);
void avx512_squares(const float* x, std::size_t x_stride, std::size_t features, std::size_t tokens,
                    double* sums);
}  // namespace tile_kernels

}  // namespace hippocrypt::crypto
