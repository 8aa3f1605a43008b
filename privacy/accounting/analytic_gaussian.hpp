#pragma once
// The Gaussian mechanism without sampling, exactly (Balle, Wang, arXiv:1805.06530, theorem 8): one
// release of a value of sensitivity 1 with noise N(0, s^2) is (epsilon, delta)-differentially
// private if and only if
//
//     delta >= delta(s, epsilon) = Phi(1/(2s) - epsilon s) - e^epsilon Phi(-1/(2s) - epsilon s).
//
// For a value of sensitivity D, multiply s by D. Everything returned is rounded towards more
// privacy by a few 1e-13, so that a caller may compare without a margin.

#include "base/result.hpp"

namespace hippocrypt::privacy {

struct EpsilonDelta {
  double epsilon;
  double delta;
};

/// delta(s, epsilon) above, relative error below 1e-12 where it is above 1e-200; for
/// `noise_multiplier` s > 0 and every finite epsilon, negative ones too.
double gaussian_delta(double noise_multiplier, double epsilon);

/// The least noise multiplier for (epsilon, delta), relative error below 1e-12 and never too small.
/// Errors: out_of_range (epsilon is not in [0, 1e6], delta not in [1e-200, 1)).
Result<double> gaussian_noise_multiplier(const EpsilonDelta& target);

/// The least epsilon >= 0 at `delta`; infinity for a noise multiplier of 0. Errors: out_of_range
/// (a noise multiplier that is negative or not finite, delta not in [1e-200, 1)).
Result<double> gaussian_epsilon(double noise_multiplier, double delta);

}  // namespace hippocrypt::privacy
