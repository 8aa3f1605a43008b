#pragma once
// Parameters of the token-packed RLWE scheme: ring R_q = Z_q[X]/(X^N + 1), q = 2^30 - 2^18 + 1.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/sha256.hpp"

namespace hippocrypt::crypto {

/// The ciphertext modulus: prime, ≡ 1 mod 4096, and 4q < 2^32 so that lazy butterflies fit 32-bit
/// words.
inline constexpr std::uint32_t modulus_q = 1073479681;
/// Values are switched from q to 2^24 for the upload and to 2^16 for the download.
inline constexpr unsigned upload_bits = 24;
inline constexpr unsigned download_bits = 16;
inline constexpr std::size_t upload_bytes_per_value = 3;
inline constexpr std::size_t download_bytes_per_value = 2;

/// Unchecked values.
struct ParamsLiteral {
  std::string name;
  std::size_t ring_dim = 0;  ///< N: coefficients of a polynomial, and the most tokens of a tile
  unsigned tuniform_log_bound = 0;  ///< b: secret and error are TUniform on [-2^b, 2^b]
};

/// Checked and immutable; the fingerprint is stamped on every ciphertext, hint and file.
class Params {
 public:
  /// Accepts only sets of the security table (at least 128 bits): N = 2048 with b >= 3, N = 1024
  /// with b >= 4; b <= 8. Errors: out_of_range naming what is allowed.
  static Result<Params> create(ParamsLiteral literal);
  /// "rlwe2048" or "rlwe1024". Errors: not_found naming the known sets.
  static Result<Params> named(std::string_view name);

  const std::string& name() const { return literal_.name; }
  std::size_t ring_dim() const { return literal_.ring_dim; }
  unsigned tuniform_log_bound() const { return literal_.tuniform_log_bound; }
  /// Estimated classical security, bits (MATZOV model; security.md).
  double security_bits() const { return security_bits_; }
  const Hash256& fingerprint() const { return fingerprint_; }

 private:
  Params(ParamsLiteral literal, double security_bits);
  ParamsLiteral literal_;
  double security_bits_;
  Hash256 fingerprint_;
};

}  // namespace hippocrypt::crypto
