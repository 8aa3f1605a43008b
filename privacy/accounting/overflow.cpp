#include "privacy/accounting/overflow.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <vector>

#include <fmt/core.h>

#include "base/check.hpp"

namespace hippocrypt::privacy {
namespace {

/// P[sum > limit] by adding one unit after another: `below[t]` is P[sum = t], and what passes the
/// limit is collected on its own, so a tiny probability keeps its digits (1 - sum(below) would
/// not).
double convolve(std::span<const std::uint32_t> unit_tokens, double q, std::uint64_t limit) {
  const auto size = static_cast<std::size_t>(limit) + 1;
  std::vector<double> below(size, 0.0);
  below[0] = 1.0;
  double above = 0.0;
  std::size_t reached = 0;  // the largest t that has mass so far
  for (const std::uint32_t length : unit_tokens) {
    if (length == 0) continue;
    const std::size_t top = std::min(reached + length, size - 1);
    // Mass that steps over the limit, from the cells within `length` of it.
    const std::size_t first_over = length >= size ? 0 : size - length;
    for (std::size_t t = first_over; t <= reached && t < size; ++t) above += q * below[t];
    for (std::size_t t = top; t >= length && t < size; --t) {
      below[t] = (1.0 - q) * below[t] + q * below[t - length];
    }
    for (std::size_t t = 0; t < std::min<std::size_t>(length, reached + 1) && t < size; ++t) {
      below[t] *= 1.0 - q;
    }
    reached = top;
  }
  return above;
}

double log_moment(std::span<const std::uint32_t> unit_tokens, double q, double t) {
  double sum = 0.0;
  for (const std::uint32_t length : unit_tokens) {
    const double exponent = t * static_cast<double>(length);
    // log(1 - q + q e^x), in the form that cannot overflow.
    sum += exponent > 30.0 ? exponent + std::log(q + (1.0 - q) * std::exp(-exponent))
                           : std::log1p(q * std::expm1(exponent));
  }
  return sum;
}

}  // namespace

double chernoff_overflow(std::span<const std::uint32_t> unit_tokens, double sampling_rate,
                         std::uint64_t limit) {
  HIPPOCRYPT_CHECK(sampling_rate >= 0.0 && sampling_rate <= 1.0);
  const std::uint32_t longest =
      unit_tokens.empty() ? 0 : *std::max_element(unit_tokens.begin(), unit_tokens.end());
  if (longest == 0 || sampling_rate == 0.0) return 0.0;
  const auto target = static_cast<double>(limit) + 1.0;
  const auto exponent = [&](double t) {
    return log_moment(unit_tokens, sampling_rate, t) - t * target;
  };
  // Convex in t with value 0 at t = 0; beyond t = 800 / longest every term is linear to a double.
  double low = 0.0;
  double high = 800.0 / static_cast<double>(longest);
  double best = 0.0;
  for (int i = 0; i < 120; ++i) {
    const double left = low + (high - low) / 3.0;
    const double right = high - (high - low) / 3.0;
    const double at_left = exponent(left);
    const double at_right = exponent(right);
    best = std::min({best, at_left, at_right});
    (at_left < at_right ? high : low) = at_left < at_right ? right : left;
  }
  // The sum of n logarithms is off by less than n ulps of its largest terms.
  const double slack = 1e-15 * static_cast<double>(unit_tokens.size()) * (1.0 + std::abs(best));
  return std::min(1.0, std::exp(best + slack) + std::numeric_limits<double>::min());
}

Result<OverflowBound> overflow_probability(std::span<const std::uint32_t> unit_tokens,
                                           double sampling_rate, const LotLimits& limits) {
  if (!(sampling_rate >= 0.0 && sampling_rate <= 1.0)) {
    return Error{
        Errc::out_of_range,
        fmt::format("the sampling rate is {}; allowed is a value in [0, 1]", sampling_rate)};
  }
  std::uint64_t total = 0;
  for (const std::uint32_t length : unit_tokens) {
    if (length > limits.max_unit_tokens) {
      return Error{Errc::out_of_range,
                   fmt::format("a unit has {} tokens and the stated maximum is {}; cut longer "
                               "units or raise the maximum",
                               length, limits.max_unit_tokens)};
    }
    total += length;
  }
  if (limits.max_unit_tokens > limits.capacity_tokens) return OverflowBound{1.0, true};
  const std::uint64_t limit = limits.capacity_tokens - limits.max_unit_tokens;
  if (total <= limit || sampling_rate == 0.0) return OverflowBound{0.0, true};
  const bool is_small =
      limit < max_convolution_work && unit_tokens.size() <= max_convolution_work / (limit + 1);
  if (!is_small) {
    return OverflowBound{chernoff_overflow(unit_tokens, sampling_rate, limit), false};
  }
  // All terms are positive: each of the n passes rounds by a few ulps at most. The smallest normal
  // number stands for what underflow may have lost.
  const double probability = convolve(unit_tokens, sampling_rate, limit);
  const double rounded_up = probability * (1.0 + 1e-15 * static_cast<double>(unit_tokens.size())) +
                            std::numeric_limits<double>::min();
  return OverflowBound{std::min(1.0, rounded_up), true};
}

double overflow_delta(double probability, std::uint64_t steps, double epsilon) {
  HIPPOCRYPT_CHECK(probability >= 0.0 && probability <= 1.0);
  if (probability == 0.0 || steps == 0) return 0.0;
  return std::min(1.0, static_cast<double>(steps) * (1.0 + std::exp(epsilon)) * probability);
}

}  // namespace hippocrypt::privacy
