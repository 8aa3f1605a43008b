#pragma once
// Internal to crypto/server: how a product is cut into tasks, and its parallel run.

#include "crypto/server/columns.hpp"
#include "crypto/server/limb_kernel.hpp"

namespace hippocrypt::crypto {

/// A cache line: what the kernels load at once.
struct alignas(64) Line {
  std::uint8_t bytes[64];
};

/// Weights as LimbKernel describes; rows and inputs are filled up with zeros.
struct LimbMatrix {
  const LimbKernel* kernel;
  std::size_t out, in;
  std::vector<Line> lines;

  std::size_t row_blocks() const { return (out + kernel->tile_rows - 1) / kernel->tile_rows; }
  /// Inputs with those that fill up.
  std::size_t padded_in() const {
    return (in + kernel->weight_inputs - 1) / kernel->weight_inputs * kernel->weight_inputs;
  }
  const std::int8_t* weights(std::size_t row_block, std::size_t first_input) const {
    return reinterpret_cast<const std::int8_t*>(lines.data()) +
           (row_block * padded_in() + first_input) * kernel->tile_rows;
  }
};

/// answers[i] = matrix times inputs[i], as PackedWeights::multiply_many says; answers have their
/// sizes, and at least one input has tokens.
void multiply_limbs(const LimbMatrix& matrix, std::span<const ProductInput> inputs,
                    WireFormat format, std::size_t threads, std::span<const WritableBytes> answers);

}  // namespace hippocrypt::crypto
