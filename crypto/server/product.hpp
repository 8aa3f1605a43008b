#pragma once
// What the blind server computes: one integer matrix product on ciphertext bytes. No key, no NTT.

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "crypto/core/lane_polys.hpp"
#include "crypto/core/wire_format.hpp"

namespace hippocrypt::crypto {

/// int8 weights (out, in), row-major, values in [-127, 127].
struct Int8MatrixView {
  std::span<const std::int8_t> values;
  std::size_t out = 0, in = 0;
};

/// One request: in rows of row_bytes(upload_bits, tokens), feature-major.
struct ProductInput {
  ByteView body;
  std::size_t tokens = 0;
};

using WritableBytes = std::span<std::uint8_t>;

/// A weight matrix prepared for products. Immutable: products may run on several threads at once.
class PackedWeights {
 public:
  virtual ~PackedWeights() = default;
  virtual std::size_t out() const = 0;
  virtual std::size_t in() const = 0;
  virtual const char* kernel_name() const = 0;
  /// What the packed weights take.
  virtual std::size_t memory_bytes() const = 0;

  /// B_i = Σ_j W_ij·b_j mod 2^upload_bits, rounded (half up) to its top download_bits: out rows of
  /// row_bytes(download_bits, tokens). Work is split over `threads`; the result does not depend on
  /// it. Errors: malformed when a body does not have the length that its tokens ask for.
  Result<Bytes> multiply(ByteView body, std::size_t tokens, int threads,
                         WireFormat format = {}) const;
  /// The same for several requests in one pass over the weights, in their order. Columns of small
  /// requests share tiles: sixteen requests of one token cost little more than one.
  Result<std::vector<Bytes>> multiply_many(std::span<const ProductInput> inputs, WireFormat format,
                                           int threads) const;
  /// The same into `answers`, each of answer_bytes().
  Status multiply_into(std::span<const ProductInput> inputs, WireFormat format, int threads,
                       std::span<const WritableBytes> answers) const;
  std::size_t answer_bytes(std::size_t tokens, WireFormat format) const {
    return out() * row_bytes(format.download_bits, tokens);
  }

 private:
  Status check(std::span<const ProductInput> inputs, WireFormat format) const;
  /// Checked: at least one input has tokens, answers have their sizes, threads ≥ 1.
  virtual void run(std::span<const ProductInput> inputs, WireFormat format, std::size_t threads,
                   std::span<const WritableBytes> answers) const = 0;
};

/// Packs for the fastest kernel of this machine, or the one that HIPPOCRYPT_KERNEL names
/// (base/cpu.hpp). Errors: out_of_range (a weight of -128, an empty matrix, in > 2^22).
Result<std::unique_ptr<PackedWeights>> pack_weights(Int8MatrixView weights);

/// The kernels that this machine can run, fastest first, whatever HIPPOCRYPT_KERNEL says.
std::vector<std::string> runnable_kernels();
/// Packs for one of them, to compare kernels. Errors: those of pack_weights; unsupported when the
/// machine lacks it or there is none of this name.
Result<std::unique_ptr<PackedWeights>> pack_weights_for(std::string_view kernel,
                                                        Int8MatrixView weights);

/// H_i = Σ_j W_ij·a_j mod q in NTT form (the sum is linear, so no transform is needed). `masks`
/// holds at least weights.in polynomials. Exact for in ≤ 65,536, blocked beyond.
LanePolys compute_hints(Int8MatrixView weights, LanePolysView masks, int threads);

}  // namespace hippocrypt::crypto
