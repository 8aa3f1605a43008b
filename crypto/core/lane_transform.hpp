#pragma once
// The inner loop of the client: pads a_j·s (and H_i·s) of 16 polynomials at a time. One polynomial
// per 32-bit lane, so that no butterfly moves values between lanes.

#include <cstddef>
#include <cstdint>

#include "base/cpu.hpp"
#include "crypto/core/upcoming.hpp"

namespace hippocrypt::crypto {

class NttTables;

inline constexpr std::size_t all_coefficients = static_cast<std::size_t>(-1);

/// The inverse transforms of 16 products (polynomial ∘ secret): `group` is N·16 words in [0, q),
/// NTT form; `secret` is ŝ/N, N words in [0, q), with `secret_quotients`; `out` takes N·16
/// coefficients in [0, q). N ≥ 16. Runs the kernel of `level`, which the machine must have; all
/// levels give the same words. `out` aligned to 64 bytes is fastest. Fetches `upcoming` on the way.
/// Only the first `wanted` coefficients need be right: the last stages are saved where few are.
void inverse_product(const NttTables& tables, const std::uint32_t* group,
                     const std::uint32_t* secret, const std::uint32_t* secret_quotients,
                     std::uint32_t* out, SimdLevel level = simd_level(),
                     const Upcoming& upcoming = {}, std::size_t wanted = all_coefficients);

inline constexpr std::size_t most_first_coefficients = 16;
/// The first 16 coefficients of the same products, of which `count` (1 to 16) are meant, for tiles
/// of few tokens: a third of the stages and no pass through memory. `out` takes 16·16 words, of
/// which those beyond the count's block of 8 may stay as they are.
void first_coefficients(const NttTables& tables, const std::uint32_t* group,
                        const std::uint32_t* secret, const std::uint32_t* secret_quotients,
                        std::size_t count, std::uint32_t* out, SimdLevel level = simd_level());

/// The first coefficients of the same products by inner products of length N, for tiles of very few
/// tokens: reads each polynomial once for up to four coefficients and needs no transform.
/// `weights` are `count` rows of N words from coefficient_weights(); `out` takes 16 words in [0, q)
/// a coefficient. Gives the very words of inverse_product().
void inner_products(const NttTables& tables, const std::uint32_t* group,
                    const std::uint32_t* weights, std::size_t count, std::uint32_t* out,
                    SimdLevel level = simd_level());

/// w_t[k] = secret[k]·ζ_k^-t for t < count, where ζ_k is the point at which NTT form evaluates a
/// polynomial at index k: coefficient t of the product with polynomial a is ⟨â, w_t⟩ mod q.
/// `secret` is ŝ/N; the weights are as secret as it is. (DESIGN §3.1, partial tiles.)
void coefficient_weights(const NttTables& tables, const std::uint32_t* secret, std::size_t count,
                         std::uint32_t* weights);

}  // namespace hippocrypt::crypto
