#include <algorithm>

#include "crypto/server/kernel_choice.hpp"
#include "crypto/server/product.hpp"

namespace hippocrypt::crypto {
namespace {

Status check_weights(Int8MatrixView weights) {
  constexpr std::size_t max_in = std::size_t{1} << 22;  // 2^22·127·2^24 < 2^53, exact in double
  HIPPOCRYPT_CHECK(weights.values.size() == weights.out * weights.in);
  if (weights.out == 0 || weights.in == 0) {
    return Error{Errc::out_of_range, "a weight matrix needs at least one output and one input"};
  }
  if (weights.in > max_in) {
    return Error{Errc::out_of_range, "a weight matrix has " + std::to_string(weights.in) +
                                         " inputs, more than the " + std::to_string(max_in) +
                                         " that products are exact for: split it"};
  }
  if (std::find(weights.values.begin(), weights.values.end(), std::int8_t{-128}) !=
      weights.values.end()) {
    return Error{Errc::out_of_range,
                 "a weight is -128: quantize symmetrically, to values in [-127, 127]"};
  }
  return Ok{};
}

}  // namespace

Result<std::unique_ptr<PackedWeights>> pack_weights(Int8MatrixView weights) {
  HIPPOCRYPT_TRY_VOID(check_weights(weights));
  return chosen_kernel().pack(weights);
}

std::vector<std::string> runnable_kernels() {
  std::vector<std::string> names;
  for (const ProductKernel& kernel : product_kernels()) {
    if (kernel.missing() == nullptr) names.emplace_back(kernel.name);
  }
  return names;
}

Result<std::unique_ptr<PackedWeights>> pack_weights_for(std::string_view name,
                                                        Int8MatrixView weights) {
  for (const ProductKernel& kernel : product_kernels()) {
    if (name != kernel.name) continue;
    if (const char* const missing = kernel.missing()) {
      return Error{Errc::unsupported,
                   "the product kernel " + std::string{name} + " needs a machine with " + missing};
    }
    HIPPOCRYPT_TRY_VOID(check_weights(weights));
    return kernel.pack(weights);
  }
  return Error{Errc::unsupported, "there is no product kernel called '" + std::string{name} +
                                      "'; runnable_kernels() lists those of this machine"};
}

}  // namespace hippocrypt::crypto
