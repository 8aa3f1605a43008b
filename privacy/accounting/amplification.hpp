#pragma once
// What sampling is worth: the figure without it.

#include <span>

#include "base/result.hpp"
#include "privacy/accounting/rdp_accountant.hpp"

namespace hippocrypt::privacy {

/// Epsilon at `delta` that can be shown without secret sampling, for data in which every unit is
/// used once in 1/q steps, as when lots are shuffled and of a fixed size: one Gaussian with the
/// precision of the ceil(q T) releases that a unit is part of. Exact for that; Poisson sampling's
/// figure is no bound there. Errors: out_of_range (delta).
Result<double> epsilon_without_amplification(std::span<const SampledGaussian> events, double delta);

}  // namespace hippocrypt::privacy
