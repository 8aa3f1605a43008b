#pragma once
// Internal to crypto/server: integer matrix products by an ordinary double GEMM. Sums of integers
// that stay below 2^53 are exact in double whatever the order of summation, so the result depends
// neither on the instruction set nor on the number of threads.

#include <cstdint>
#include <memory>

#include "base/cpu.hpp"
#include "crypto/server/product.hpp"

namespace hippocrypt::crypto {

/// The kernel for machines without an integer matrix unit. `weights` must have been checked
/// (pack_weights does), and the machine must have the level.
std::unique_ptr<PackedWeights> pack_exact_double(Int8MatrixView weights, SimdLevel level);
/// "exact double avx2" and the like.
const char* exact_double_name(SimdLevel level);

/// to[r][j] = weights[first_row + r][first_input + j], contiguous.
void widen_weights(Int8MatrixView weights, std::size_t first_row, std::size_t rows,
                   std::size_t first_input, std::size_t inputs, double* to);

}  // namespace hippocrypt::crypto
