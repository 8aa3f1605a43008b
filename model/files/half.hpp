#pragma once
// The two 16-bit floating-point formats of checkpoints: exact widening, narrowing to the nearest.

#include <bit>
#include <cstdint>

namespace hippocrypt::model {

/// IEEE 754 binary16 → float; exact for every value, subnormals, infinities and NaN included.
inline float half_to_float(std::uint16_t half) {
  const std::uint32_t sign = static_cast<std::uint32_t>(half & 0x8000u) << 16;
  const std::uint32_t exponent = (half >> 10) & 0x1Fu;
  const std::uint32_t fraction = half & 0x3FFu;
  if (exponent == 0) {
    // A subnormal is fraction · 2^-24; both factors and the product are exact.
    const float magnitude = static_cast<float>(fraction) * 0x1p-24f;
    return std::bit_cast<float>(sign | std::bit_cast<std::uint32_t>(magnitude));
  }
  const std::uint32_t wide_exponent = exponent == 0x1Fu ? 0xFFu : exponent + (127 - 15);
  return std::bit_cast<float>(sign | (wide_exponent << 23) | (fraction << 13));
}

/// bfloat16 (the upper half of a float) → float; exact.
inline float bfloat16_to_float(std::uint16_t value) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(value) << 16);
}

/// The nearest bfloat16, ties to even; a NaN stays one.
inline std::uint16_t float_to_bfloat16(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  if ((bits & 0x7FFFFFFFu) > 0x7F800000u) return static_cast<std::uint16_t>((bits >> 16) | 0x40u);
  return static_cast<std::uint16_t>((bits + 0x7FFFu + ((bits >> 16) & 1u)) >> 16);
}

/// The nearest binary16, ties to even; what is 65520 or more becomes infinity, a NaN stays one.
inline std::uint16_t float_to_half(float value) {
  const auto bits = std::bit_cast<std::uint32_t>(value);
  const auto sign = static_cast<std::uint16_t>((bits >> 16) & 0x8000u);
  const std::uint32_t magnitude = bits & 0x7FFFFFFFu;
  if (magnitude > 0x7F800000u) return static_cast<std::uint16_t>(sign | 0x7E00u);
  constexpr std::uint32_t overflow = 0x477FF000u;    // 65520, halfway above the largest
  constexpr std::uint32_t min_normal = 0x38800000u;  // 2^-14
  if (magnitude >= overflow) return static_cast<std::uint16_t>(sign | 0x7C00u);
  if (magnitude >= min_normal) {
    const std::uint32_t rebased = magnitude - ((127u - 15u) << 23);
    const std::uint32_t rounded = rebased + 0xFFFu + ((rebased >> 13) & 1u);
    return static_cast<std::uint16_t>(sign | (rounded >> 13));
  }
  // A subnormal counts units of 2^-24. Added to 0.5, whose unit in the last place is just that, the
  // value is rounded by the processor, and the low bits of the sum are the count.
  const float sum = std::bit_cast<float>(magnitude) + 0.5F;
  const std::uint32_t count = std::bit_cast<std::uint32_t>(sum) - 0x3F000000u;
  return static_cast<std::uint16_t>(sign | count);
}

}  // namespace hippocrypt::model
