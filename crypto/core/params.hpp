#pragma once
// Parameters of the token-packed RLWE scheme: ring R_q = Z_q[X]/(X^N + 1), q = 2^30 - 2^18 + 1.

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.hpp"
#include "base/sha256.hpp"
#include "crypto/core/wire_format.hpp"

namespace hippocrypt::crypto {

/// The ciphertext modulus: prime, ≡ 1 mod 4096, and 4q < 2^32 so that lazy butterflies fit 32-bit
/// words.
inline constexpr std::uint32_t modulus_q = 1073479681;
/// Values are switched from q to 2^24 for the upload and to 2^16 for the download, unless the
/// parameters say 20 or 12 bits (wire_format.hpp).
inline constexpr unsigned upload_bits = WireFormat{}.upload_bits;
inline constexpr unsigned download_bits = WireFormat{}.download_bits;
inline constexpr std::size_t upload_bytes_per_value = 3;
inline constexpr std::size_t download_bytes_per_value = 2;

/// Unchecked values.
struct ParamsLiteral {
  std::string name;
  std::size_t ring_dim = 0;  ///< N: coefficients of a polynomial, and the most tokens of a tile
  unsigned tuniform_log_bound = 0;  ///< b: secret and error are TUniform on [-2^b, 2^b]
  WireFormat wire = {};             ///< bits of a value on the way up and down
  bool insecure_test = false;       ///< accept sets that protect nothing; for tests only
};

/// Checked and immutable; the fingerprint is stamped on every ciphertext, hint and file.
class Params {
 public:
  /// Accepts only sets of the security table (at least 128 bits): N = 2048 with b >= 3, N = 1024
  /// with b >= 4; b <= 8. With `insecure_test` also N = 256, 512, 1024 or 2048 with b = 1 … 8.
  /// Errors: out_of_range naming what is allowed.
  static Result<Params> create(ParamsLiteral literal);
  /// "rlwe2048", "rlwe1024" or, with `insecure_test`, "test512" (N = 512, b = 3).
  /// Errors: not_found naming the known sets, out_of_range as create().
  static Result<Params> named(std::string_view name, WireFormat wire = {},
                              bool insecure_test = false);

  const std::string& name() const { return literal_.name; }
  std::size_t ring_dim() const { return literal_.ring_dim; }
  unsigned tuniform_log_bound() const { return literal_.tuniform_log_bound; }
  WireFormat wire() const { return literal_.wire; }
  /// Estimated classical security, bits (security.hpp); 0 for insecure sets, which nobody
  /// estimated.
  double security_bits() const { return security_bits_; }
  /// Not in the security table: everything that is encrypted may as well be sent in the clear.
  bool is_insecure() const { return security_bits_ == 0; }
  /// What the user has to be told on every run: a sentence, or nothing for sets with a wide margin.
  std::string warning() const;
  /// How many secrets may meet one set of masks before the nonce (and with it every hint) has to
  /// be drawn anew. Each secret encrypts one tile.
  ///
  /// The hybrid argument over K secrets under the same a_j loses log2 K + 1 bits (Peikert,
  /// Vaikuntanathan and Waters 2008). A set with at least 64 bits beyond 128 keeps a proven 128 for
  /// every K that fits 64 bits, so for it this is 2^63: never. N = 1024 has 8.7 bits to spare and
  /// would have a proof of 128 bits for 2^7 tiles only; beyond that it relies on no attack being
  /// known whose first key costs less because there are K. What is known is that later keys cost
  /// some bits less once the lattice of the a_j has been reduced, which is why masks do not live
  /// for ever: 2^20 tiles leave a proof of 115 bits.
  std::uint64_t max_tiles_per_nonce() const;
  const Hash256& fingerprint() const { return fingerprint_; }

 private:
  Params(ParamsLiteral literal, double security_bits);
  ParamsLiteral literal_;
  double security_bits_;
  Hash256 fingerprint_;
};

}  // namespace hippocrypt::crypto
