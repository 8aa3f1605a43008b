// The vector operations of tile_kernels.inl for eight words at a time.

#include "crypto/core/vector_avx2.inl"

namespace hippocrypt::crypto {
namespace {

template <int bits>
inline Vec shift_left(Vec x) {
  return _mm256_slli_epi32(x, bits);
}
template <int bits>
inline Vec shift_right(Vec x) {
  return _mm256_srli_epi32(x, bits);
}
inline Vec bit_and(Vec x, Vec y) { return _mm256_and_si256(x, y); }
/// value + amount where x > y as signed words.
inline Vec add_where_greater(Vec value, Vec x, Vec y, Vec amount) {
  return add(value, bit_and(_mm256_cmpgt_epi32(x, y), amount));
}

/// rows[f][t] = lanes[t][f] of an 8×8 corner of a 16×16 block.
inline void transpose_8(const std::uint32_t* in, std::uint32_t* rows, std::size_t stride) {
  Vec a[8], b[8];
  for (std::size_t i = 0; i < 8; ++i) a[i] = load(in + i * 16);
  for (std::size_t i = 0; i < 4; ++i) {
    b[2 * i] = _mm256_unpacklo_epi32(a[2 * i], a[2 * i + 1]);
    b[2 * i + 1] = _mm256_unpackhi_epi32(a[2 * i], a[2 * i + 1]);
  }
  for (std::size_t i = 0; i < 2; ++i) {
    for (std::size_t h = 0; h < 2; ++h) {
      a[4 * i + 2 * h] = _mm256_unpacklo_epi64(b[4 * i + h], b[4 * i + 2 + h]);
      a[4 * i + 2 * h + 1] = _mm256_unpackhi_epi64(b[4 * i + h], b[4 * i + 2 + h]);
    }
  }
  for (std::size_t i = 0; i < 4; ++i) {
    store(rows + i * stride, _mm256_permute2x128_si256(a[i], a[i + 4], 0x20));
    store(rows + (i + 4) * stride, _mm256_permute2x128_si256(a[i], a[i + 4], 0x31));
  }
}

inline void transpose_block(const std::uint32_t* in, std::uint32_t* rows, std::size_t stride) {
  for (std::size_t t = 0; t < 16; t += 8) {
    for (std::size_t f = 0; f < 16; f += 8) {
      transpose_8(in + t * 16 + f, rows + f * stride + t, stride);
    }
  }
}

/// round(x·scale), ties to even, as signed words.
inline Vec message(const float* x, const double* scale) {
  const __m256 floats = _mm256_loadu_ps(x);
  const __m256d low =
      _mm256_mul_pd(_mm256_cvtps_pd(_mm256_castps256_ps128(floats)), _mm256_loadu_pd(scale));
  const __m256d high =
      _mm256_mul_pd(_mm256_cvtps_pd(_mm256_extractf128_ps(floats, 1)), _mm256_loadu_pd(scale + 4));
  return _mm256_inserti128_si256(_mm256_castsi128_si256(_mm256_cvtpd_epi32(low)),
                                 _mm256_cvtpd_epi32(high), 1);
}
/// Writes 24 bytes.
inline void store_upload(Vec x, std::uint8_t* out) {
  const Vec pick = _mm256_setr_epi8(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1,  //
                                    0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, -1, -1, -1, -1);
  const Vec packed = _mm256_permutevar8x32_epi32(_mm256_shuffle_epi8(x, pick),
                                                 _mm256_setr_epi32(0, 1, 2, 4, 5, 6, 3, 7));
  _mm_storeu_si128(reinterpret_cast<__m128i*>(out), _mm256_castsi256_si128(packed));
  _mm_storel_epi64(reinterpret_cast<__m128i*>(out + 16), _mm256_extracti128_si256(packed, 1));
}
/// Values of 1 or 2 little-endian bytes.
template <unsigned bytes>
inline Vec load_unsigned(const std::uint8_t* from) {
  const auto* const packed = reinterpret_cast<const __m128i*>(from);
  if constexpr (bytes == 1) return _mm256_cvtepu8_epi32(_mm_loadl_epi64(packed));
  return _mm256_cvtepu16_epi32(_mm_loadu_si128(packed));
}
inline void store_scaled(Vec x, const double* inverse_scale, float* y) {
  const __m256d low =
      _mm256_mul_pd(_mm256_cvtepi32_pd(_mm256_castsi256_si128(x)), _mm256_loadu_pd(inverse_scale));
  const __m256d high = _mm256_mul_pd(_mm256_cvtepi32_pd(_mm256_extracti128_si256(x, 1)),
                                     _mm256_loadu_pd(inverse_scale + 4));
  _mm_storeu_ps(y, _mm256_cvtpd_ps(low));
  _mm_storeu_ps(y + 4, _mm256_cvtpd_ps(high));
}

}  // namespace
}  // namespace hippocrypt::crypto
