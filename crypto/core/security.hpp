#pragma once
// The parameter sets that may be used, with their estimated security. Numbers: lattice-estimator
// runs for q = 2^30 - 2^18 + 1, secret and error both TUniform(2^b), unlimited samples.

#include <cstddef>
#include <span>
#include <string_view>

namespace hippocrypt::crypto {

/// One row: N and the smallest accepted b; a larger b is at least as hard.
struct SecurityEntry {
  std::string_view name;
  std::size_t ring_dim;
  unsigned min_log_bound;
  double classical_bits;  ///< MATZOV cost model
  double quantum_bits;    ///< quantum model of the 2024 homomorphic encryption guidelines
};

/// Larger noise bounds would only cost accuracy.
inline constexpr unsigned max_log_bound = 8;

/// All rows.
std::span<const SecurityEntry> security_table();
/// The row that covers (N, b), or null.
const SecurityEntry* find_security(std::size_t ring_dim, unsigned log_bound);

}  // namespace hippocrypt::crypto
