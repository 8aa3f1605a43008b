// The vector operations of limb_pack.inl for eight tokens (AVX2).

#include <immintrin.h>

#include "crypto/server/limb_kernel.hpp"

namespace hippocrypt::crypto {
namespace {

struct Avx2Vector {
  using Vec = __m256i;
  static constexpr std::size_t tokens = 8;

  static Vec zero() { return _mm256_setzero_si256(); }
  static Vec load(const void* from) {
    return _mm256_loadu_si256(static_cast<const __m256i*>(from));
  }
  static void store(void* to, Vec x) { _mm256_storeu_si256(static_cast<__m256i*>(to), x); }
  static Vec add(Vec x, Vec y) { return _mm256_add_epi32(x, y); }
  template <unsigned bits>
  static Vec shift_left(Vec x) {
    return _mm256_slli_epi32(x, bits);
  }
  static Vec interleave_low_8(Vec x, Vec y) { return _mm256_unpacklo_epi8(x, y); }
  static Vec interleave_high_8(Vec x, Vec y) { return _mm256_unpackhi_epi8(x, y); }
  static Vec interleave_low_16(Vec x, Vec y) { return _mm256_unpacklo_epi16(x, y); }
  static Vec interleave_high_16(Vec x, Vec y) { return _mm256_unpackhi_epi16(x, y); }

  /// Two parts of 16 bytes each.
  static Vec parts(const std::uint8_t* low, const std::uint8_t* high) {
    return _mm256_inserti128_si256(
        _mm256_castsi128_si256(_mm_loadu_si128(reinterpret_cast<const __m128i*>(low))),
        _mm_loadu_si128(reinterpret_cast<const __m128i*>(high)), 1);
  }
  /// 24 bytes; the upper part reads its twelve as the last of sixteen, to stay within the row.
  static Vec load_24(const std::uint8_t* row) {
    const Vec order = _mm256_setr_epi8(0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11, -1, -1, -1, -1,  //
                                       4, 7, 10, 13, 5, 8, 11, 14, 6, 9, 12, 15, -1, -1, -1, -1);
    return _mm256_shuffle_epi8(parts(row, row + 8), order);
  }
  /// 20 bytes, ten a part. Of a pair of values in five bytes the even one, as 16·v, is the first
  /// three shifted by four bits, and the odd one the last three without their lowest four bits.
  static Vec load_20(const std::uint8_t* row) {
    const Vec pairs = _mm256_setr_epi8(0, 1, 2, -1, 2, 3, 4, -1, 5, 6, 7, -1, 7, 8, 9, -1,  //
                                       6, 7, 8, -1, 8, 9, 10, -1, 11, 12, 13, -1, 13, 14, 15, -1);
    const Vec triples = _mm256_shuffle_epi8(parts(row, row + 4), pairs);
    const Vec shifted = _mm256_blend_epi32(_mm256_slli_epi32(triples, 4), triples, 0xAA);
    const Vec order = _mm256_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, -1, -1, -1, -1,  //
                                       0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, -1, -1, -1, -1);
    return _mm256_shuffle_epi8(_mm256_and_si256(shifted, _mm256_set1_epi32(0xFFFFF0)), order);
  }
  /// Eight sums mod 2^24 to 16 bytes.
  static void round_16(const std::uint32_t* sums, std::uint8_t* to) {
    const Vec low = _mm256_add_epi32(load(sums), _mm256_set1_epi32(128));
    const Vec rounded = _mm256_and_si256(_mm256_srli_epi32(low, 8), _mm256_set1_epi32(0xFFFF));
    _mm_storeu_si128(
        reinterpret_cast<__m128i*>(to),
        _mm_packus_epi32(_mm256_castsi256_si128(rounded), _mm256_extracti128_si256(rounded, 1)));
  }
  /// Eight sums mod 2^24 to 12 bytes: three bytes a pair, six a part.
  static void round_12(const std::uint32_t* sums, std::uint8_t* to) {
    const Vec low = _mm256_add_epi32(load(sums), _mm256_set1_epi32(1 << 11));
    const Vec rounded = _mm256_and_si256(_mm256_srli_epi32(low, 12), _mm256_set1_epi32(0xFFF));
    const Vec pairs = _mm256_or_si256(rounded, _mm256_srli_epi64(rounded, 32 - 12));
    const Vec order =
        _mm256_setr_epi8(0, 1, 2, 8, 9, 10, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1,  //
                         -1, -1, -1, -1, -1, -1, 0, 1, 2, 8, 9, 10, -1, -1, -1, -1);
    const Vec parts = _mm256_shuffle_epi8(pairs, order);
    const __m128i packed =
        _mm_or_si128(_mm256_castsi256_si128(parts), _mm256_extracti128_si256(parts, 1));
    _mm_storel_epi64(reinterpret_cast<__m128i*>(to), packed);
    const int last = _mm_extract_epi32(packed, 2);
    __builtin_memcpy(to + 8, &last, sizeof last);
  }
};

}  // namespace
}  // namespace hippocrypt::crypto
