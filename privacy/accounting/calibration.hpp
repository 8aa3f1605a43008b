#pragma once
// How much noise, or how many steps: the accountants the other way round.

#include <span>

#include "base/result.hpp"
#include "privacy/accounting/rdp_accountant.hpp"

namespace hippocrypt::privacy {

/// Whose epsilon is held against the target.
enum class Accountant {
  rdp,
  pld,
  smaller,  ///< the PLD's where it can be computed, else the Renyi figure
};

/// The smallest noise multiplier, up to a relative 1e-7 and rounded towards more noise, with which
/// the target's steps after everything in `spent` keep to its epsilon. Errors: out_of_range (a
/// field of the target, or no noise is enough: `spent` alone is too much, or delta too small); for
/// Accountant::pld also those of PldAccountant.
Result<double> noise_multiplier_for(const NoiseTarget& target, Accountant accountant,
                                    std::span<const SampledGaussian> spent = {});

/// How many steps of (q, sigma) after everything in `spent` keep to `epsilon`; at most
/// max_counted_rounds. Where the PLD cannot be computed the RDP figure counts. Needs delta in
/// (0, 1).
std::uint64_t steps_for(const SampledGaussian& step, double epsilon, double delta,
                        std::span<const SampledGaussian> spent = {});

}  // namespace hippocrypt::privacy
