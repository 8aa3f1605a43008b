#pragma once
// Renyi divergence of one step of DP-SGD: the Gaussian mechanism on a Poisson sample of the
// records, add/remove one record. Everything is computed exactly up to rounding, save where rho()
// says that it is a bound.
//
// Legend: q sampling rate, sigma noise multiplier (noise std = sigma * clip), alpha Renyi order,
// rho(alpha) = log(A_alpha) / (alpha - 1), A_alpha = E_{z ~ N(0, sigma^2)}[r(z)^alpha],
// r(z) = 1 - q + q exp((2z - 1) / (2 sigma^2))  (Mironov, Talwar, Zhang, arXiv:1908.10530, section
// 3).

namespace hippocrypt::privacy {

/// One step of the Poisson-sampled Gaussian.
struct SampledStep {
  double sampling_rate;     ///< q in [0, 1]
  double noise_multiplier;  ///< sigma >= 0
};

/// rho at `order` > 1. q = 0 gives 0; sigma = 0 (with q > 0) gives infinity; q = 1 gives
/// order / (2 sigma^2). Integer orders use the finite sum, the others the quadrature; both agree to
/// 1e-12. Below sigma = 0.1, where the quadrature would take millions of points, a fractional order
/// gets the upper bound log(1 - q + q exp(alpha (alpha - 1) / (2 sigma^2))) / (alpha - 1), too
/// large by about log(1/q) or less.
double rho(const SampledStep& step, double order);

/// The same by the trapezoid rule on E[(1+y)^alpha - 1 - alpha y], y = r - 1, for every order > 1;
/// relative error below 1e-12. Needs 0 < q < 1 and sigma > 0. The cost grows as 1 / sigma^2.
double rho_by_quadrature(const SampledStep& step, double order);

/// The same for an integer order in [2, 4096], by the finite sum over the binomial
/// (arXiv:1908.10530, section 3.3) with its two vanishing terms removed, so that nothing cancels.
/// Needs 0 < q < 1 and sigma > 0.
double rho_by_integer_sum(const SampledStep& step, int order);

}  // namespace hippocrypt::privacy
