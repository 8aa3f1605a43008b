#pragma once
// Internal to crypto/server: which kernel packs a matrix. Faster ones (AMX, VNNI) join the list
// here.

#include <memory>
#include <span>

#include "crypto/server/product.hpp"

namespace hippocrypt::crypto {

/// A way to multiply. All kernels give the same bytes.
struct ProductKernel {
  const char* name;
  /// Whether this machine has the instructions (and HIPPOCRYPT_KERNEL allows them).
  bool (*available)();
  std::unique_ptr<PackedWeights> (*pack)(Int8MatrixView weights);
};

/// Every kernel of this build, fastest first; the last one is always available. Tests compare them.
std::span<const ProductKernel> product_kernels();
/// The first available one.
const ProductKernel& fastest_kernel();

}  // namespace hippocrypt::crypto
