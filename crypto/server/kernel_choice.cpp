#include "crypto/server/kernel_choice.hpp"

#include <array>

#include "base/cpu.hpp"
#include "crypto/server/exact_double.hpp"
#include "crypto/server/limb_weights.hpp"

namespace hippocrypt::crypto {
namespace {

template <IntegerFeature feature, const LimbKernel& kernel>
ProductKernel limb_entry() {
  return {kernel.name, to_string(feature), [] { return missing_feature(feature); },
          [](Int8MatrixView weights) { return pack_limb_weights(kernel, weights); }};
}

template <SimdLevel level>
ProductKernel exact_double_entry() {
  return {exact_double_name(level), to_string(level), [] { return missing_feature(level); },
          [](Int8MatrixView weights) { return pack_exact_double(weights, level); }};
}

}  // namespace

std::span<const ProductKernel> product_kernels() {
  static const std::array kernels{limb_entry<IntegerFeature::amx, amx_kernel>(),
                                  limb_entry<IntegerFeature::avx512_vnni, avx512_vnni_kernel>(),
                                  limb_entry<IntegerFeature::avx_vnni, avx_vnni_kernel>(),
                                  exact_double_entry<SimdLevel::avx512>(),
                                  exact_double_entry<SimdLevel::avx2>(),
                                  exact_double_entry<SimdLevel::portable>()};
  return kernels;
}

const ProductKernel& chosen_kernel() {
  const std::string& asked = kernel_setting().product;  // one that this machine runs
  for (const ProductKernel& kernel : product_kernels()) {
    if (asked.empty() ? kernel.missing() == nullptr : asked == kernel.setting) return kernel;
  }
  check_failed(__FILE__, __LINE__, "kernel", "no product kernel is called " + asked);
}

}  // namespace hippocrypt::crypto
