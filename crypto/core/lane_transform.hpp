#pragma once
// The inner loop of the client: pads a_j·s (and H_i·s) of 16 polynomials at a time. One polynomial
// per 32-bit lane, so that no butterfly moves values between lanes.

#include <cstdint>

#include "base/cpu.hpp"

namespace hippocrypt::crypto {

class NttTables;

/// The inverse transforms of 16 products (polynomial ∘ secret): `group` is N·16 words in [0, q),
/// NTT form; `secret` is ŝ/N, N words in [0, q), with `secret_quotients`; `out` takes N·16
/// coefficients in [0, q). N ≥ 16. Runs the kernel of `level`, which the machine must have; all
/// levels give the same words. `out` aligned to 64 bytes is fastest.
void inverse_product(const NttTables& tables, const std::uint32_t* group,
                     const std::uint32_t* secret, const std::uint32_t* secret_quotients,
                     std::uint32_t* out, SimdLevel level = simd_level());

}  // namespace hippocrypt::crypto
