#pragma once
// Lots of bounded size. The server must not learn how many patients a lot holds, so every step
// sends the same number of tokens; a lot above this capacity loses units at random. That is no
// longer the Poisson sampled Gaussian, and this file bounds what the difference costs.
//
// Derivation. Let M be T steps of the untruncated mechanism, (epsilon, delta)-DP, and M' the one
// that drops units where a lot overflows. Couple them by the same sampling and the same noise: on a
// data set D they differ only if one of the T lots overflows, so for every event S
//     |P[M'(D) in S] - P[M(D) in S]| <= T p,   p >= P[a lot of D overflows].
// If p bounds the neighbour D' too, then
//     P[M'(D) in S] <= P[M(D) in S] + T p <= e^eps P[M(D') in S] + delta + T p
//                   <= e^eps (P[M'(D') in S] + T p) + delta + T p
//                    = e^eps P[M'(D') in S] + delta + T (1 + e^eps) p.
// A neighbour has one unit more, of at most max_unit_tokens, or one less: it overflows only if D's
// lot exceeds capacity - max_unit_tokens. The same argument holds whichever units are dropped.

#include <cstdint>
#include <span>

#include "base/result.hpp"

namespace hippocrypt::privacy {

/// What fits in a lot.
struct LotLimits {
  std::uint64_t capacity_tokens;  ///< tokens that one step always sends
  std::uint64_t max_unit_tokens;  ///< no unit, present or future, is longer: longer ones are cut
};

/// An upper bound on the probability that a lot overflows.
struct OverflowBound {
  double probability;
  bool exact;  ///< by convolution (rounded up); otherwise the Chernoff bound, which is larger
};

/// More work than this many additions, and the Chernoff bound is used instead of the convolution.
inline constexpr std::uint64_t max_convolution_work = std::uint64_t{1} << 28;

/// Bounds P[sum_i unit_tokens[i] * Bernoulli(q) > capacity - max_unit], for this data set and all
/// of its neighbours. The figure depends on private lengths: it stays in the hospital. Errors:
/// out_of_range (q outside [0, 1], a unit longer than max_unit_tokens).
Result<OverflowBound> overflow_probability(std::span<const std::uint32_t> unit_tokens,
                                           double sampling_rate, const LotLimits& limits);

/// The Chernoff bound min_t exp(-t (limit + 1)) prod_i (1 - q + q exp(t length_i)), for sums above
/// `limit`; any t gives a valid bound, so the search for the best one need not be exact.
double chernoff_overflow(std::span<const std::uint32_t> unit_tokens, double sampling_rate,
                         std::uint64_t limit);

/// steps * (1 + e^epsilon) * probability, at most 1: what is added to delta. Infinite epsilon with
/// a probability above 0 gives 1.
double overflow_delta(double probability, std::uint64_t steps, double epsilon);

}  // namespace hippocrypt::privacy
