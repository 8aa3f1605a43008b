#pragma once
// How far a decrypted product can be, and is expected to be, from the true one; in units of 1/D_t,
// that is before decryption divides by the token's scale.
//
// Derivation (DESIGN 3.1). Let m_j = D·x_j + ρ_j be the rounded message and write mod q:
//   b_j = a_j·s + e_j + m_j                                  |ρ_j| ≤ 1/2, |e_j| ≤ 2^b
//   u_j = b_j·2^24/q + δ_j                                   |δ_j| ≤ 1/2
//   B   = (Σ_j W_j·u_j)/2^8 + ε                              |ε| ≤ 1/2
//   v   = B·q/2^16 + η                                       |η| ≤ 1/2
// Since H = Σ_j W_j·a_j, what decryption computes is
//   v - H·s = D·Σ W_j·x_j + Σ W_j·(ρ_j + e_j + (q/2^24)·δ_j) + (q/2^16)·ε + η,
// so the four roundings and the error add up as the functions below say. The expected values take
// the roundings as independent and uniform, which the masks make true for δ, ε and η.

namespace hippocrypt::crypto {

/// |ρ + e + (q/2^24)·δ| of one input: 1/2 + 2^b + q/2^25 (32.0).
double worst_input_noise(unsigned log_bound);
/// |(q/2^16)·ε + η|: q/2^17 + 1/2 (8190.5).
double worst_output_noise();
/// ‖W_i‖₁·worst_input_noise + worst_output_noise.
double worst_noise(unsigned log_bound, double row_l1);

/// Variance of ρ + e + (q/2^24)·δ: 1/12 + (2^(2b+1) + 1)/6 + (q/2^24)²/12.
double input_noise_variance(unsigned log_bound);
/// Variance of (q/2^16)·ε + η: ((q/2^16)² + 1)/12.
double output_noise_variance();
/// Standard deviation of the noise of one output: sqrt(‖W_i‖₂²·input + output variance).
double expected_noise(unsigned log_bound, double row_l2);
/// Noise over signal of a typical output: a row of norm `row_l2` of a matrix whose largest is
/// `max_l2`, in inputs, whose direction is random with respect to x, under the guaranteed scale
/// without margin: expected_noise / ((q/2)·(row_l2/max_l2)/√in).
double expected_noise_to_signal(unsigned log_bound, double row_l2, double max_l2, double in);

/// What |D_t·W_i·x_t| may use: (q-1)/2 less the worst noise and `rounding_slack`.
/// Negative when there is no room.
double message_room(unsigned log_bound, double max_l1);
/// Covers the double rounding of D_t, of D_t·x (2^-24 an input, ‖W‖₁ < 2^24) and of the norms
/// (relative 2^-30, of q/2).
inline constexpr double rounding_slack = 2;

}  // namespace hippocrypt::crypto
