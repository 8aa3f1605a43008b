#pragma once
// Which instruction sets this machine has. Kernels are chosen at run time, never by compile flags
// of the whole program. HIPPOCRYPT_KERNEL lowers the choice (tests, comparisons):
//   portable, avx2, avx512          that level everywhere, integer products in exact double
//   avx_vnni, avx512_vnni, amx      integer products by that kernel, the rest by the level below it

#include <string>
#include <string_view>

#include "base/result.hpp"

namespace hippocrypt {

enum class SimdLevel { portable, avx2, avx512 };

/// Instructions for integer products, beyond a level.
enum class IntegerFeature { avx_vnni, avx512_vnni, amx };

/// What HIPPOCRYPT_KERNEL asks for.
struct KernelSetting {
  SimdLevel level;
  std::string product;  ///< the name as in the variable; empty when it is not set: the fastest
};

/// Reads a value of HIPPOCRYPT_KERNEL. Errors: invalid_config (an unknown name), unsupported (this
/// machine lacks the instructions).
Result<KernelSetting> parse_kernel_setting(std::string_view asked);
/// The process's setting. A name that cannot be followed ends the process with a sentence. Decided
/// once.
const KernelSetting& kernel_setting();
/// The best level that the machine has and HIPPOCRYPT_KERNEL allows: kernel_setting().level.
SimdLevel simd_level();

/// The best level that the machine has, whatever the environment says.
SimdLevel machine_simd_level();
/// What this machine (or its operating system) lacks, e.g. "AVX512_VNNI", or null. With AMX, the
/// first call asks the operating system for the tile registers, for the whole process.
const char* missing_feature(SimdLevel level);
const char* missing_feature(IntegerFeature feature);

const char* to_string(SimdLevel level);
const char* to_string(IntegerFeature feature);
/// The processor's model name as the operating system gives it.
std::string cpu_name();

}  // namespace hippocrypt
