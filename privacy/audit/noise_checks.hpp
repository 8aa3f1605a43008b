#pragma once
// Whether the noise that was added is the noise that is claimed. One coordinate of 10^6 draws
// resolves the deviation to 0.3 %.

#include <vector>

#include "privacy/audit/check_result.hpp"
#include "privacy/audit/mechanism.hpp"

namespace hippocrypt::privacy::audit {

/// Runs the mechanism on one unit whose gradient is zero, so that all that it releases is noise,
/// also in the lots that are empty. Scaled by expected_lot: (steps, size). Errors: the mechanism's.
Result<Matrix> noise_of(const Mechanism& mechanism, const Claim& claim, std::size_t size,
                        std::uint64_t steps);

/// noise (steps, size), both at least 2, against N(0, deviation^2) for every value, all
/// independent: "noise variance" (chi-square, both tails), "noise shape" (Kolmogorov-Smirnov),
/// "noise mean", "noise independence" (correlation of values 1, 2 and size/2 apart in a step, and
/// of neighbouring steps), "noise reuse" (the largest correlation of two steps, of all pairs).
std::vector<CheckResult> check_noise(const Matrix& noise, double deviation);

}  // namespace hippocrypt::privacy::audit
