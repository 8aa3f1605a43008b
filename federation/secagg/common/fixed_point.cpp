#include "federation/secagg/common/fixed_point.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <string>

#include "base/check.hpp"

namespace hippocrypt::federation::secagg {
namespace {

/// Added to a number below 2^51 it leaves no place for a fraction: the sum is rounded to the
/// nearest integer, ties to even, and its lowest 32 bits are that integer mod 2^32. No call, no
/// conversion: the compiler does several at once.
constexpr double rounding = 0x1.8p52;

}  // namespace

Result<Encoded> encode(std::span<const float> values, std::uint32_t weight, const Params& params) {
  HIPPOCRYPT_CHECK(weight >= 1 && weight <= params.weight_sum());
  const double range = params.range();
  const double steps = params.largest_step();
  Encoded encoded{SecretArray<std::uint32_t>(values.size()), 0};
  const auto words = encoded.words.reveal();
  std::uint64_t clamped = 0;
  const auto bad =
      std::find_if(values.begin(), values.end(), [](float x) { return !std::isfinite(x); });
  if (bad != values.end()) {
    return Error{Errc::not_finite, "value " + std::to_string(bad - values.begin()) +
                                       " of the update is no number; it cannot be summed"};
  }
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double value = double{values[i]};
    const double inside = std::min(std::max(value, -range), range);
    clamped += inside != value ? 1U : 0U;
    // Multiplied before it is divided: the range itself becomes exactly the largest step.
    const auto step = std::bit_cast<std::uint64_t>(inside * steps / range + rounding);
    words[i] = static_cast<std::uint32_t>(step) * weight;
  }
  encoded.clamped = clamped;
  return encoded;
}

std::vector<float> decode_mean(std::span<const std::uint32_t> sum, std::uint64_t weight_sum,
                               const Params& params) {
  HIPPOCRYPT_CHECK(weight_sum >= 1 && weight_sum <= params.weight_sum());
  const double divisor = params.largest_step() * static_cast<double>(weight_sum);
  std::vector<float> mean(sum.size());
  for (std::size_t i = 0; i < sum.size(); ++i) {
    const auto total = static_cast<std::int32_t>(sum[i]);
    mean[i] = static_cast<float>(static_cast<double>(total) * params.range() / divisor);
  }
  return mean;
}

}  // namespace hippocrypt::federation::secagg
