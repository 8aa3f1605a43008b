// The vector operations of tile_kernels.inl for sixteen words at a time.

#include "crypto/core/vector_avx512.inl"

namespace hippocrypt::crypto {
namespace {

template <unsigned bits>
inline Vec shift_left(Vec x) {
  return _mm512_slli_epi32(x, bits);
}
template <unsigned bits>
inline Vec shift_right(Vec x) {
  return _mm512_srli_epi32(x, bits);
}
inline Vec bit_and(Vec x, Vec y) { return _mm512_and_si512(x, y); }
/// value + amount where x > y as signed words.
inline Vec add_where_greater(Vec value, Vec x, Vec y, Vec amount) {
  return _mm512_mask_add_epi32(value, _mm512_cmpgt_epi32_mask(x, y), value, amount);
}

/// Step 1 and 2 of a transposition: four rows become four vectors whose 128-bit parts are columns.
inline void transpose_4(const Vec* in, Vec* out) {
  const Vec a = _mm512_unpacklo_epi32(in[0], in[1]), b = _mm512_unpackhi_epi32(in[0], in[1]);
  const Vec c = _mm512_unpacklo_epi32(in[2], in[3]), d = _mm512_unpackhi_epi32(in[2], in[3]);
  out[0] = _mm512_unpacklo_epi64(a, c);
  out[1] = _mm512_unpackhi_epi64(a, c);
  out[2] = _mm512_unpacklo_epi64(b, d);
  out[3] = _mm512_unpackhi_epi64(b, d);
}

/// rows[f][t] = lanes[t][f] of a 16×16 block; `stride` words from one row to the next.
inline void transpose_block(const std::uint32_t* in, std::uint32_t* rows, std::size_t stride) {
  Vec a[16], b[16];
  for (std::size_t i = 0; i < 16; ++i) a[i] = load(in + i * 16);
  transpose_4(a, b);
  transpose_4(a + 4, b + 4);
  transpose_4(a + 8, b + 8);
  transpose_4(a + 12, b + 12);
  for (std::size_t i = 0; i < 4; ++i) {  // b[4g + i] holds tokens 4g… of features i, i+4, i+8, i+12
    const Vec low_01 = _mm512_shuffle_i32x4(b[i], b[4 + i], 0x88);
    const Vec high_01 = _mm512_shuffle_i32x4(b[i], b[4 + i], 0xDD);
    const Vec low_23 = _mm512_shuffle_i32x4(b[8 + i], b[12 + i], 0x88);
    const Vec high_23 = _mm512_shuffle_i32x4(b[8 + i], b[12 + i], 0xDD);
    store(rows + i * stride, _mm512_shuffle_i32x4(low_01, low_23, 0x88));
    store(rows + (4 + i) * stride, _mm512_shuffle_i32x4(high_01, high_23, 0x88));
    store(rows + (8 + i) * stride, _mm512_shuffle_i32x4(low_01, low_23, 0xDD));
    store(rows + (12 + i) * stride, _mm512_shuffle_i32x4(high_01, high_23, 0xDD));
  }
}

/// x·scale + 1.5·2^52, which leaves the rounded product in the low bits.
inline Vec shifted_product(const float* x, const double* scale) {
  const __m512d product =
      _mm512_mul_pd(_mm512_cvtps_pd(_mm256_loadu_ps(x)), _mm512_loadu_pd(scale));
  return _mm512_castpd_si512(_mm512_add_pd(product, _mm512_set1_pd(6755399441055744.0)));
}
/// round(x·scale), ties to even, as signed words.
inline Vec message(const float* x, const double* scale) {
  const Vec even = _mm512_setr_epi32(0, 2, 4, 6, 8, 10, 12, 14, 16, 18, 20, 22, 24, 26, 28, 30);
  return _mm512_permutex2var_epi32(shifted_product(x, scale), even,
                                   shifted_product(x + 8, scale + 8));
}
/// Writes 48 bytes.
inline void store_upload(Vec x, std::uint8_t* out) {
  const __m128i pick = _mm_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
  const Vec gather = _mm512_setr_epi32(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 7, 11, 15);
  const Vec packed =
      _mm512_permutexvar_epi32(gather, _mm512_shuffle_epi8(x, _mm512_broadcast_i32x4(pick)));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(out), _mm512_castsi512_si256(packed));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out + 32), _mm512_extracti32x4_epi32(packed, 2));
}
/// Values of 1 or 2 little-endian bytes.
template <unsigned bytes>
inline Vec load_unsigned(const std::uint8_t* from) {
  if constexpr (bytes == 1) {
    return _mm512_cvtepu8_epi32(_mm_loadu_si128(reinterpret_cast<const __m128i*>(from)));
  }
  return _mm512_cvtepu16_epi32(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(from)));
}
inline void store_scaled(Vec x, const double* inverse_scale, float* y) {
  const __m512d low =
      _mm512_mul_pd(_mm512_cvtepi32_pd(_mm512_castsi512_si256(x)), _mm512_loadu_pd(inverse_scale));
  const __m512d high = _mm512_mul_pd(_mm512_cvtepi32_pd(_mm512_extracti64x4_epi64(x, 1)),
                                     _mm512_loadu_pd(inverse_scale + 8));
  _mm256_storeu_ps(y, _mm512_cvtpd_ps(low));
  _mm256_storeu_ps(y + 8, _mm512_cvtpd_ps(high));
}

}  // namespace
}  // namespace hippocrypt::crypto
