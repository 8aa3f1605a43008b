#pragma once
// Which instruction sets this machine has. Kernels are chosen at run time, never by compile flags
// of the whole program; HIPPOCRYPT_KERNEL=portable|avx2|avx512 lowers the choice (tests,
// comparisons).

#include <string>

namespace hippocrypt {

enum class SimdLevel { portable, avx2, avx512 };

/// The best level that the machine has and HIPPOCRYPT_KERNEL allows. An unknown name there ends the
/// process with a sentence. Decided once.
SimdLevel simd_level();
/// The best level that the machine has, whatever the environment says.
SimdLevel machine_simd_level();
const char* to_string(SimdLevel level);
/// The processor's model name as the operating system gives it.
std::string cpu_name();

}  // namespace hippocrypt
