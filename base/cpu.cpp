#include "base/cpu.hpp"

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "base/check.hpp"

namespace hippocrypt {

SimdLevel machine_simd_level() {
#if defined(__x86_64__)
  __builtin_cpu_init();
  if (__builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512dq") &&
      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl")) {
    return SimdLevel::avx512;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma")) return SimdLevel::avx2;
#endif
  return SimdLevel::portable;
}

SimdLevel simd_level() {
  static const SimdLevel level = [] {
    const SimdLevel best = machine_simd_level();
    const char* asked = std::getenv("HIPPOCRYPT_KERNEL");
    if (asked == nullptr || *asked == '\0') return best;
    for (const SimdLevel candidate : {SimdLevel::portable, SimdLevel::avx2, SimdLevel::avx512}) {
      if (std::string{asked} == to_string(candidate)) return std::min(candidate, best);
    }
    check_failed(__FILE__, __LINE__, "HIPPOCRYPT_KERNEL",
                 "must be portable, avx2 or avx512, not '" + std::string{asked} + "'");
  }();
  return level;
}

const char* to_string(SimdLevel level) {
  switch (level) {
    case SimdLevel::portable:
      return "portable";
    case SimdLevel::avx2:
      return "avx2";
    case SimdLevel::avx512:
      return "avx512";
  }
  return "unknown";
}

std::string cpu_name() {
  std::ifstream info{"/proc/cpuinfo"};
  for (std::string line; std::getline(info, line);) {
    if (line.rfind("model name", 0) == 0) return line.substr(line.find(':') + 2);
  }
  return "unknown";
}

}  // namespace hippocrypt
