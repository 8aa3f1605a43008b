#pragma once
// Real numbers in the ring Z_2^32.
//
// A value x, |x| <= range, becomes q = round(x / scale) with scale = range / (2^(value_bits-1) -
// 1), so that |q| < 2^(value_bits-1). A hospital adds w·q mod 2^32, w its public weight. With W =
// sum of all weights and value_bits + ceil(log2 W) <= 32 (Params refuses anything else)
//   |sum w·q| <= W·(2^(value_bits-1) - 1) < 2^31,
// so the sum never wraps and is read as a signed number S; the weighted mean is S·scale / W', W'
// the weight of those in the sum. Each q is within 1/2 of x / scale, so before the last rounding to
// float the mean is within scale / 2 of the mean of the values; the divisions in double add less
// than 2^-20 of a scale. Values beyond the range are clamped and counted.

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "base/secret.hpp"
#include "federation/secagg/common/params.hpp"

namespace hippocrypt::federation::secagg {

/// A hospital's vector in the ring, not yet masked: as secret as the update itself.
struct Encoded {
  SecretArray<std::uint32_t> words;
  std::uint64_t clamped = 0;  ///< values that were beyond the range
};

/// `weight` as in the roster, at least 1. Errors: not_finite, with the place.
Result<Encoded> encode(std::span<const float> values, std::uint32_t weight, const Params& params);

/// The weighted mean that `sum` stands for; `weight_sum` of those in it, at least 1.
std::vector<float> decode_mean(std::span<const std::uint32_t> sum, std::uint64_t weight_sum,
                               const Params& params);

}  // namespace hippocrypt::federation::secagg
