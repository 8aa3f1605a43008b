// The vector operations of limb_pack.inl for sixteen tokens (AVX-512 F, BW, VL).

#include <immintrin.h>

#include "crypto/server/limb_kernel.hpp"

namespace hippocrypt::crypto {
namespace {

struct Avx512Vector {
  using Vec = __m512i;
  static constexpr std::size_t tokens = 16;

  static Vec zero() { return _mm512_setzero_si512(); }
  static Vec load(const void* from) { return _mm512_loadu_si512(from); }
  static void store(void* to, Vec x) { _mm512_storeu_si512(to, x); }
  static Vec add(Vec x, Vec y) { return _mm512_add_epi32(x, y); }
  template <unsigned bits>
  static Vec shift_left(Vec x) {
    return _mm512_slli_epi32(x, bits);
  }
  static Vec interleave_low_8(Vec x, Vec y) { return _mm512_unpacklo_epi8(x, y); }
  static Vec interleave_high_8(Vec x, Vec y) { return _mm512_unpackhi_epi8(x, y); }
  static Vec interleave_low_16(Vec x, Vec y) { return _mm512_unpacklo_epi16(x, y); }
  static Vec interleave_high_16(Vec x, Vec y) { return _mm512_unpackhi_epi16(x, y); }

  /// The same order of bytes in every part.
  static Vec split(Vec x, __m128i order) {
    return _mm512_shuffle_epi8(x, _mm512_broadcast_i32x4(order));
  }
  /// 48 bytes, of which each 128-bit part gets twelve.
  static Vec load_24(const std::uint8_t* row) {
    const Vec spread = _mm512_setr_epi32(0, 1, 2, 0, 3, 4, 5, 0, 6, 7, 8, 0, 9, 10, 11, 0);
    const Vec parts = _mm512_permutexvar_epi32(spread, _mm512_maskz_loadu_epi32(0xFFF, row));
    return split(parts, _mm_setr_epi8(0, 3, 6, 9, 1, 4, 7, 10, 2, 5, 8, 11, -1, -1, -1, -1));
  }
  /// 40 bytes, of which each part gets ten. Of a pair of values in five bytes the even one, as
  /// 16·v, is the first three shifted by four bits, and the odd one the last three without their
  /// lowest four bits.
  static Vec load_20(const std::uint8_t* row) {
    const Vec spread = _mm512_set_epi16(0, 0, 0, 19, 18, 17, 16, 15, 0, 0, 0, 14, 13, 12, 11, 10, 0,
                                        0, 0, 9, 8, 7, 6, 5, 0, 0, 0, 4, 3, 2, 1, 0);
    const Vec parts = _mm512_permutexvar_epi16(spread, _mm512_maskz_loadu_epi32(0x3FF, row));
    const Vec triples =
        split(parts, _mm_setr_epi8(0, 1, 2, -1, 2, 3, 4, -1, 5, 6, 7, -1, 7, 8, 9, -1));
    const Vec shifted = _mm512_mask_slli_epi32(triples, 0x5555, triples, 4);
    const Vec values = _mm512_and_si512(shifted, _mm512_set1_epi32(0xFFFFF0));
    return split(values, _mm_setr_epi8(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, -1, -1, -1, -1));
  }
  /// Sixteen sums mod 2^24 to 32 bytes.
  static void round_16(const std::uint32_t* sums, std::uint8_t* to) {
    const Vec low = _mm512_add_epi32(load(sums), _mm512_set1_epi32(128));
    const Vec rounded = _mm512_srli_epi32(low, 8);
    _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm512_cvtepi32_epi16(rounded));
  }
  /// Sixteen sums mod 2^24 to 24 bytes: three bytes a pair, six a part.
  static void round_12(const std::uint32_t* sums, std::uint8_t* to) {
    const Vec low = _mm512_add_epi32(load(sums), _mm512_set1_epi32(1 << 11));
    const Vec rounded = _mm512_and_si512(_mm512_srli_epi32(low, 12), _mm512_set1_epi32(0xFFF));
    const Vec pairs = _mm512_or_si512(rounded, _mm512_srli_epi64(rounded, 32 - 12));
    const Vec parts =
        split(pairs, _mm_setr_epi8(0, 1, 2, 8, 9, 10, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1));
    const Vec gather = _mm512_set_epi16(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0,
                                        26, 25, 24, 18, 17, 16, 10, 9, 8, 2, 1, 0);
    _mm512_mask_storeu_epi32(to, 0x3F, _mm512_permutexvar_epi16(gather, parts));
  }
};

}  // namespace
}  // namespace hippocrypt::crypto
