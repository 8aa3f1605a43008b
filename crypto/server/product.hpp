#pragma once
// What the blind server computes: one integer matrix product on ciphertext bytes. No key, no NTT.

#include <memory>
#include <span>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/core/lane_polys.hpp"

namespace hippocrypt::crypto {

/// int8 weights (out, in), row-major, values in [-127, 127].
struct Int8MatrixView {
  std::span<const std::int8_t> values;
  std::size_t out = 0, in = 0;
};

/// A weight matrix prepared for products. Immutable: products may run on several threads at once.
class PackedWeights {
 public:
  virtual ~PackedWeights() = default;
  virtual std::size_t out() const = 0;
  virtual std::size_t in() const = 0;
  virtual const char* kernel_name() const = 0;
  /// B_i = Σ_j W_ij·b_j mod 2^24, rounded to its top 16 bits. `body` is in·tokens values of 3
  /// little-endian bytes, feature-major; the answer out·tokens values of 2. Work is split over
  /// `threads`; the result does not depend on it. Errors: malformed when body's length is not
  /// in·tokens·3.
  virtual Result<Bytes> multiply(ByteView body, std::size_t tokens, int threads) const = 0;
};

/// Packs for the fastest kernel of this machine (base/cpu.hpp). Errors: out_of_range (a weight of
/// -128, an empty matrix, in > 2^22).
Result<std::unique_ptr<PackedWeights>> pack_weights(Int8MatrixView weights);

/// H_i = Σ_j W_ij·a_j mod q in NTT form (the sum is linear, so no transform is needed). `masks`
/// holds at least weights.in polynomials. Exact for in ≤ 65,536, blocked beyond.
LanePolys compute_hints(Int8MatrixView weights, LanePolysView masks, int threads);

}  // namespace hippocrypt::crypto
