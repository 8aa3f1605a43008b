#pragma once
// The privacy curve of one step of DP-SGD in closed form: what the accountants are tested against.

#include "privacy/accounting/rdp_divergence.hpp"

namespace hippocrypt::privacy {

/// Which of two neighbouring data sets is the first argument of the divergence. The two differ, and
/// a worst case over both must be taken after composition and not before it (Lebeda, Regehr,
/// Kamath, Steinke, arXiv:2405.20769).
enum class Direction {
  remove,  ///< (1-q) N(0, sigma^2) + q N(1, sigma^2) against N(0, sigma^2)
  add,     ///< the other way round
};

/// The least delta for which one step is (epsilon, delta)-private in this direction, for every
/// finite epsilon, negative ones too. Needs q in (0, 1] and sigma > 0.
double sampled_gaussian_delta(const SampledStep& step, Direction direction, double epsilon);

}  // namespace hippocrypt::privacy
