#pragma once
// The parameter sets that may be used, with their estimated security: lattice-estimator runs with
// unlimited samples, q = 2^30 - 2^18 + 1 for the ring sets. Bits are log2 of the operations of the
// best known attack.

#include <cstddef>
#include <span>
#include <string_view>

namespace hippocrypt::crypto {

enum class Scheme {
  ring,    ///< the token-packed product: secret and error both TUniform(2^b)
  scalar,  ///< the LWE baseline: ternary secret, rounded Gaussian error
};

struct SecurityEntry {
  std::string_view name;
  Scheme scheme;
  std::size_t dimension;   ///< N
  double log2_modulus;     ///< log2 q
  unsigned min_log_bound;  ///< smallest accepted b, a larger one is at least as hard; 0 for scalar
  double error_std;        ///< of that b, or of the Gaussian
  double classical_bits;   ///< MATZOV cost model
  double quantum_bits;     ///< quantum model of the 2024 homomorphic encryption guidelines
};

/// Larger noise bounds would only cost accuracy.
inline constexpr unsigned max_log_bound = 8;

/// All rows. There is no estimator run for an error of exactly 2^7.1, the last row's: its figures
/// are those of the largest smaller error of each attack (128 to 131.6), which can only be too low.
std::span<const SecurityEntry> security_table();
/// The ring set that covers (N, b), or null.
const SecurityEntry* find_security(std::size_t ring_dim, unsigned log_bound);

}  // namespace hippocrypt::crypto
