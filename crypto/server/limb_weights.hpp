#pragma once
// Internal to crypto/server: products with one of the integer kernels of limb_kernel.hpp.

#include "crypto/server/limb_kernel.hpp"
#include "crypto/server/product.hpp"

namespace hippocrypt::crypto {

/// `weights` must have been checked (pack_weights does), and the machine must run the kernel, which
/// outlives the result.
std::unique_ptr<PackedWeights> pack_limb_weights(const LimbKernel& kernel, Int8MatrixView weights);

}  // namespace hippocrypt::crypto
