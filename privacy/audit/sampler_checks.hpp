#pragma once
// Whether lots are Poisson lots: every unit by itself with probability q, in every step anew.

#include <cstddef>
#include <vector>

#include "privacy/audit/check_result.hpp"

namespace hippocrypt::privacy::audit {

/// At least 2 lots of a data set of `units` >= 2 units, ascending without repetition, as they were
/// drawn one after the other. "sampling rate" (all inclusions against the binomial law), "unit
/// rates" (the least likely unit), "lot size variance" (against N q (1 - q): lots of a fixed size
/// have none), "pairs" (neighbouring units together, against q^2), "repeats" (units of a lot that
/// are in the next one, too, against q^2: epochs without replacement have none).
std::vector<CheckResult> check_sampler(const std::vector<std::vector<std::size_t>>& lots,
                                       std::size_t units, double sampling_rate);

}  // namespace hippocrypt::privacy::audit
