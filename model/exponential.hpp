#pragma once
// e^x for float as straight-line code that compilers turn into vector instructions. Nothing else is
// included or called, and it is always inlined: translation units compiled for different
// instruction sets use it, and the linker must not merge them.

#include <cstdint>

namespace hippocrypt::model {

/// x = n·ln 2 + r, |r| ≤ ln(2)/2, minimax polynomial in r (Cephes, expf); within 2 ulp. Arguments
/// are clamped to [-87, 88], where the result is a normal number; NaN stays NaN.
[[gnu::always_inline]] inline float exponential(float x) {
  x = x < -87.0F ? -87.0F : x;
  x = x > 88.0F ? 88.0F : x;
  constexpr float round_to_integer = 12582912.0F;  // 1.5·2^23: adding it rounds to an integer
  const float shifted = x * 1.44269504F + round_to_integer;
  const float n = shifted - round_to_integer;
  float r = x - n * 0.693359375F;  // ln 2 in two parts, so that n·(first part) is exact
  r = r + n * 2.12194440e-4F;
  float p = 1.9875691500e-4F;
  p = p * r + 1.3981999507e-3F;
  p = p * r + 8.3334519073e-3F;
  p = p * r + 4.1665795894e-2F;
  p = p * r + 1.6666665459e-1F;
  p = p * r + 5.0000001201e-1F;
  p = p * (r * r) + r + 1.0F;
  const std::uint32_t exponent = __builtin_bit_cast(std::uint32_t, shifted) -
                                 __builtin_bit_cast(std::uint32_t, round_to_integer) + 127U;
  return p * __builtin_bit_cast(float, exponent << 23U);
}

}  // namespace hippocrypt::model
