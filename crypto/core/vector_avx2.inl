// Vectors of eight 32-bit words (AVX2). Included by kernel translation units only; see
// lane_transform.inl.

#include <immintrin.h>

#include <cstddef>
#include <cstdint>

namespace hippocrypt::crypto {
namespace {

using Vec = __m256i;
constexpr std::size_t vec_width = 8;
constexpr int merged_levels =
    2;  // 16 registers hold 4 values, 3 roots with quotients and temporaries

inline Vec load(const std::uint32_t* from) {
  return _mm256_loadu_si256(reinterpret_cast<const __m256i*>(from));
}
inline void store(std::uint32_t* to, Vec x) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), x);
}
inline Vec broadcast(std::uint32_t x) { return _mm256_set1_epi32(static_cast<int>(x)); }
inline Vec add(Vec x, Vec y) { return _mm256_add_epi32(x, y); }
inline Vec sub(Vec x, Vec y) { return _mm256_sub_epi32(x, y); }
inline Vec min(Vec x, Vec y) { return _mm256_min_epu32(x, y); }
inline Vec mul_low(Vec x, Vec y) { return _mm256_mullo_epi32(x, y); }
/// The high halves of the 64-bit products. y must be the same in lanes 2i and 2i + 1 (a broadcast).
inline Vec mul_high(Vec x, Vec y) {
  const Vec even = _mm256_srli_epi64(_mm256_mul_epu32(x, y), 32);
  const Vec odd = _mm256_mul_epu32(_mm256_srli_epi64(x, 32), y);
  return _mm256_blend_epi32(even, odd, 0xAA);
}

/// 64-bit sums of the products of each word.
struct Wide {
  Vec even = _mm256_setzero_si256(), odd = _mm256_setzero_si256();
};
/// y must be a broadcast.
inline Wide multiply_add(Wide acc, Vec x, Vec y) {
  return {_mm256_add_epi64(acc.even, _mm256_mul_epu32(x, y)),
          _mm256_add_epi64(acc.odd, _mm256_mul_epu32(_mm256_srli_epi64(x, 32), y))};
}
inline Vec fold_half(Vec sums, Vec y) {
  return _mm256_add_epi64(_mm256_and_si256(sums, _mm256_set1_epi64x(0xFFFFFFFF)),
                          _mm256_mul_epu32(_mm256_srli_epi64(sums, 32), y));
}
/// Congruent sums below 2^53, for y = 2^32 mod q < 2^20.
inline Wide fold(Wide acc, Vec y) { return {fold_half(acc.even, y), fold_half(acc.odd, y)}; }
inline void store_wide(std::uint64_t* to, Wide acc) {
  std::uint64_t halves[2][4];
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(halves[0]), acc.even);
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(halves[1]), acc.odd);
  for (std::size_t i = 0; i < vec_width; ++i) to[i] = halves[i % 2][i / 2];
}

}  // namespace
}  // namespace hippocrypt::crypto
