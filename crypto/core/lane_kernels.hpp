#pragma once
// Internal to crypto/core: the entry points that each lane_transform_<isa>.cpp defines. Plain
// pointers only, so that no inline function compiled for one instruction set can be picked by the
// linker for another.

#include <cstddef>
#include <cstdint>

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
};

void portable_inverse_product(const InverseProduct& job);
void avx2_inverse_product(const InverseProduct& job);
void avx512_inverse_product(const InverseProduct& job);

}  // namespace hippocrypt::crypto::lane_kernels
