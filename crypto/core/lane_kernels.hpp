#pragma once
// Internal to crypto/core: the entry points that each lane_transform_<isa>.cpp defines. Plain
// pointers only, so that no inline function compiled for one instruction set can be picked by the
// linker for another.

#include <cstddef>
#include <cstdint>

#include "crypto/core/upcoming.hpp"

namespace hippocrypt::crypto::lane_kernels {

/// The inverse transforms of 16 products (polynomial ∘ secret).
struct InverseProduct {
  const std::uint32_t* group;   ///< N·16 words in [0, q): 16 polynomials in NTT form
  const std::uint32_t* secret;  ///< N words in [0, q): ŝ/N, so that no scaling is left to do
  const std::uint32_t* secret_quotients;  ///< N Shoup quotients of `secret`
  const std::uint32_t* roots;             ///< NttTables::inverse_roots
  const std::uint32_t* root_quotients;    ///< NttTables::inverse_root_quotients
  std::size_t ring_dim;                   ///< N ≥ 16
  std::uint32_t q;                        ///< the modulus; see lane_transform.inl
  std::uint32_t* out;                     ///< N·16 words: coefficients in [0, q); not `group`
  Upcoming upcoming;
  std::size_t wanted;  ///< coefficients that must be right in the end, from the first on
};

/// Σ_k polynomial[k]·weights[t][k] of 16 polynomials.
struct InnerProducts {
  const std::uint32_t* group;    ///< N·16 words in [0, q)
  const std::uint32_t* weights;  ///< count rows of N words in [0, q)
  std::size_t ring_dim;          ///< N, a multiple of 8
  std::size_t count;             ///< 1 to inner_products_at_once
  std::uint32_t two_to_32;       ///< 2^32 mod q, below 2^20
  std::uint64_t* out;            ///< [t][16] sums below 2^53, congruent modulo q
};
/// As many as leave their sums in 16 registers.
inline constexpr std::size_t inner_products_at_once = 4;

void portable_inner_products(const InnerProducts& job);
void avx2_inner_products(const InnerProducts& job);
void avx512_inner_products(const InnerProducts& job);

/// The first 8 (for count ≤ 8) or 16 coefficients of each product; only these are written, and
/// nothing is fetched.
void portable_first_coefficients(const InverseProduct& job, std::size_t count);
void avx2_first_coefficients(const InverseProduct& job, std::size_t count);
void avx512_first_coefficients(const InverseProduct& job, std::size_t count);

void portable_inverse_product(const InverseProduct& job);
void avx2_inverse_product(const InverseProduct& job);
void avx512_inverse_product(const InverseProduct& job);

}  // namespace hippocrypt::crypto::lane_kernels
