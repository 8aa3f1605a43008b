// Vectors of sixteen 32-bit words (AVX-512 F, DQ, BW, VL). Included by kernel translation units
// only; see lane_transform.inl.

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

namespace hippocrypt::crypto {
namespace {

using Vec = __m512i;
constexpr std::size_t vec_width = 16;
constexpr int merged_levels =
    3;  // 32 registers hold 8 values, 7 roots with quotients and temporaries

inline Vec load(const std::uint32_t* from) { return _mm512_loadu_si512(from); }
inline void store(std::uint32_t* to, Vec x) { _mm512_storeu_si512(to, x); }
inline Vec broadcast(std::uint32_t x) { return _mm512_set1_epi32(static_cast<int>(x)); }
inline Vec add(Vec x, Vec y) { return _mm512_add_epi32(x, y); }
inline Vec sub(Vec x, Vec y) { return _mm512_sub_epi32(x, y); }
inline Vec min(Vec x, Vec y) { return _mm512_min_epu32(x, y); }
inline Vec mul_low(Vec x, Vec y) { return _mm512_mullo_epi32(x, y); }
/// The high halves of the 64-bit products. y must be the same in lanes 2i and 2i + 1 (a broadcast).
inline Vec mul_high(Vec x, Vec y) {
  const Vec even = _mm512_mul_epu32(x, y);
  const Vec odd = _mm512_mul_epu32(_mm512_srli_epi64(x, 32), y);
  return _mm512_mask_shuffle_epi32(odd, 0x5555, even, _MM_PERM_CDAB);
}

/// 64-bit sums of the products of each word.
struct Wide {
  Vec even = _mm512_setzero_si512(), odd = _mm512_setzero_si512();
};
/// y must be a broadcast.
inline Wide multiply_add(Wide acc, Vec x, Vec y) {
  return {_mm512_add_epi64(acc.even, _mm512_mul_epu32(x, y)),
          _mm512_add_epi64(acc.odd, _mm512_mul_epu32(_mm512_srli_epi64(x, 32), y))};
}
inline Vec fold_half(Vec sums, Vec y) {
  return _mm512_add_epi64(_mm512_and_si512(sums, _mm512_set1_epi64(0xFFFFFFFF)),
                          _mm512_mul_epu32(_mm512_srli_epi64(sums, 32), y));
}
/// Congruent sums below 2^53, for y = 2^32 mod q < 2^20.
inline Wide fold(Wide acc, Vec y) { return {fold_half(acc.even, y), fold_half(acc.odd, y)}; }
inline void store_wide(std::uint64_t* to, Wide acc) {
  std::uint64_t halves[2][8];
  _mm512_storeu_si512(halves[0], acc.even);
  _mm512_storeu_si512(halves[1], acc.odd);
  for (std::size_t i = 0; i < vec_width; ++i) to[i] = halves[i % 2][i / 2];
}

}  // namespace
}  // namespace hippocrypt::crypto
