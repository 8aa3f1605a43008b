#pragma once
// Normal deviates rounded to integers, the error of the scalar scheme.

#include <cstdint>
#include <span>

#include "base/random.hpp"

namespace hippocrypt::crypto {

/// round(std·z), z standard normal by Box and Muller (1958) from 53-bit uniforms: z = sqrt(-2 ln
/// u)·cos(2πv). u ≥ 2^-53 bounds |z| by sqrt(106·ln 2) = 8.572, so |out| ≤ 1176 for std = 2^7.1; a
/// true normal exceeds that with probability 2^-56, and the tail is coarse only near it. The C
/// library's functions may take a time that depends on u and v (see README.md).
void sample_rounded_gaussian(RandomSource& random, double std, std::span<std::int32_t> out);

}  // namespace hippocrypt::crypto
