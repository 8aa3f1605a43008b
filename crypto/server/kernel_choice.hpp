#pragma once
// Internal to crypto/server: which kernel packs a matrix.

#include <memory>
#include <span>

#include "crypto/server/product.hpp"

namespace hippocrypt::crypto {

/// A way to multiply. All kernels give the same bytes.
struct ProductKernel {
  const char* name;     ///< also what packed weights report
  const char* setting;  ///< the value of HIPPOCRYPT_KERNEL that names it
  /// What this machine lacks to run it, or null.
  const char* (*missing)();
  /// `weights` must have been checked (pack_weights does).
  std::unique_ptr<PackedWeights> (*pack)(Int8MatrixView weights);
};

/// Every kernel of this build, fastest first; the last one runs everywhere. Tests compare them.
std::span<const ProductKernel> product_kernels();
/// The one that HIPPOCRYPT_KERNEL names, or the first that this machine runs.
const ProductKernel& chosen_kernel();

}  // namespace hippocrypt::crypto
