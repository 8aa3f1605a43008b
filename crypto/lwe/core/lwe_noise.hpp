#pragma once
// How far a decrypted product of the scalar scheme can be, and is expected to be, from the true
// one; in units of 1/D_t, that is before decryption divides by the token's scale.
//
// Derivation. Let m_j = D·x_j + ρ_j be the rounded message, |ρ_j| ≤ 1/2, and mod 2^32
//   b_j = <A_j, s> + e_j + m_j                       |e_j| ≤ lwe_error_bound
// The server's sums A' = Σ_j W_j·A_j and b' = Σ_j W_j·b_j are exact mod 2^32, so that
//   b' - <A', s> = D·Σ_j W_j·x_j + Σ_j W_j·(ρ_j + e_j)
// as long as the right side lies in [-2^31, 2^31). There is no modulus switch and no rounding on
// the way down. e_j is a normal deviate of variance σ² rounded to an integer: variance σ² + 1/12.

namespace hippocrypt::crypto {

/// ‖W_i‖₁·(1/2 + lwe_error_bound).
double lwe_worst_noise(double row_l1);
/// Standard deviation of the noise of one output: ‖W_i‖₂·sqrt(σ² + 1/6), 137.2 a unit of norm.
double lwe_expected_noise(double row_l2);
/// What |D_t·W_i·x_t| may use: 2^31 - 1 less the worst noise and lwe_rounding_slack. Negative when
/// there is no room.
double lwe_message_room(double max_l1);
/// Covers the rounding of doubles: where there is room, ‖W‖₁ < 2^21, so D_t·x (2^-23 an input)
/// costs 1/4; the norms of up to 2^22 inputs (relative 2^-32, of 2^31) 1/2; D_t itself nothing.
inline constexpr double lwe_rounding_slack = 2;

}  // namespace hippocrypt::crypto
