#pragma once
// How far a decrypted product can be, and is expected to be, from the true one; in units of 1/D_t,
// that is before decryption divides by the token's scale.
//
// Derivation (DESIGN 3.1), for 2^u values on the way up and 2^d on the way down. Let
// m_j = D·x_j + ρ_j be the rounded message and write mod q:
//   b_j = a_j·s + e_j + m_j                                  |ρ_j| ≤ 1/2, |e_j| ≤ 2^b
//   u_j = b_j·2^u/q + δ_j                                    |δ_j| ≤ 1/2
//   B   = (Σ_j W_j·u_j)/2^(u-d) + ε                          |ε| ≤ 1/2
//   v   = B·q/2^d + η                                        |η| ≤ 1/2
// Since H = Σ_j W_j·a_j, what decryption computes is
//   v - H·s = D·Σ W_j·x_j + Σ W_j·(ρ_j + e_j + (q/2^u)·δ_j) + (q/2^d)·ε + η,
// so the four roundings and the error add up as the functions below say. The variances take the
// roundings as independent and uniform, which the masks make true for δ, ε and η.

#include "crypto/core/wire_format.hpp"

namespace hippocrypt::crypto {

/// One step's contribution.
struct StepNoise {
  double worst;     ///< its largest magnitude
  double variance;  ///< its mean is 0
};

/// ρ: the message to integers. 1/2 and 1/12.
StepNoise message_rounding();
/// e: TUniform(2^b). 2^b and (2^(2b+1) + 1)/6.
StepNoise encryption_error(unsigned log_bound);
/// (q/2^u)·δ: q to 2^u. q/2^(u+1) and (q/2^u)²/12; 32.0 and 18.5² for 24 bits, 512 and 296² for 20.
StepNoise upload_rounding(WireFormat wire = {});
/// (q/2^d)·ε: 2^u to 2^d. q/2^(d+1) and (q/2^d)²/12; 8190 and 4728² for 16 bits, 131,040 and
/// 75,656² for 12.
StepNoise answer_rounding(WireFormat wire = {});
/// η: 2^d to q. 1/2 and 1/12.
StepNoise lift_rounding();

/// |ρ + e + (q/2^u)·δ| of one input (40.5 for b = 3 and 24 bits).
double worst_input_noise(unsigned log_bound, WireFormat wire = {});
/// |(q/2^d)·ε + η| (8190.5 for 16 bits).
double worst_output_noise(WireFormat wire = {});
/// ‖W_i‖₁·worst_input_noise + worst_output_noise.
double worst_noise(unsigned log_bound, double row_l1, WireFormat wire = {});

/// Variance of ρ + e + (q/2^u)·δ.
double input_noise_variance(unsigned log_bound, WireFormat wire = {});
/// Variance of (q/2^d)·ε + η.
double output_noise_variance(WireFormat wire = {});
/// Standard deviation of the noise of one output: sqrt(‖W_i‖₂²·input + output variance).
double expected_noise(unsigned log_bound, double row_l2, WireFormat wire = {});
/// Noise over signal of a typical output: a row of norm `row_l2` of a matrix whose largest is
/// `max_l2`, in inputs, whose direction is random with respect to x, under the guaranteed scale
/// without margin: expected_noise / ((q/2)·(row_l2/max_l2)/√in).
double expected_noise_to_signal(unsigned log_bound, double row_l2, double max_l2, double in,
                                WireFormat wire = {});

/// What |D_t·W_i·x_t| may use: (q-1)/2 less the worst noise and `rounding_slack`.
/// Negative when there is no room.
double message_room(unsigned log_bound, double max_l1, WireFormat wire = {});
/// Covers the double rounding of D_t, of D_t·x (2^-24 an input, ‖W‖₁ < 2^24) and of the norms
/// (relative 2^-30, of q/2).
inline constexpr double rounding_slack = 2;

}  // namespace hippocrypt::crypto
