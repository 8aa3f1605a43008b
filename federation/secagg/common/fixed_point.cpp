#include "federation/secagg/common/fixed_point.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include "base/check.hpp"

namespace hippocrypt::federation::secagg {

Result<Encoded> encode(std::span<const float> values, std::uint32_t weight, const Params& params) {
  HIPPOCRYPT_CHECK(weight >= 1 && weight <= params.weight_sum());
  const double range = params.range();
  const double steps = params.largest_step();
  Encoded encoded{SecretArray<std::uint32_t>(values.size()), 0};
  const auto words = encoded.words.reveal();
  for (std::size_t i = 0; i < values.size(); ++i) {
    const double value = double{values[i]};
    if (!std::isfinite(value)) {
      return Error{Errc::not_finite, "value " + std::to_string(i) +
                                         " of the update is no number; it cannot be summed"};
    }
    const double inside = std::min(std::max(value, -range), range);
    if (inside != value) ++encoded.clamped;
    // Multiplied before it is divided: the range itself becomes exactly the largest step.
    const auto step = static_cast<std::int64_t>(std::nearbyint(inside * steps / range));
    words[i] = static_cast<std::uint32_t>(step * std::int64_t{weight});
  }
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
