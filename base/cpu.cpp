#include "base/cpu.hpp"

#include <cstdlib>
#include <fstream>

#if defined(__x86_64__)
#include <cpuid.h>
#include <sys/syscall.h>
#include <unistd.h>
#endif

namespace hippocrypt {
namespace {

#if defined(__x86_64__)
/// CPUID leaf 7.
struct Features {
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
};

Features leaf_7(unsigned subleaf) {
  Features first;
  if (__get_cpuid_count(7, 0, &first.eax, &first.ebx, &first.ecx, &first.edx) == 0) return {};
  if (subleaf == 0) return first;
  Features features;
  if (subleaf > first.eax) return {};
  __get_cpuid_count(7, subleaf, &features.eax, &features.ebx, &features.ecx, &features.edx);
  return features;
}

bool is_set(unsigned word, unsigned bit) { return (word >> bit & 1) != 0; }

/// Whether the operating system saves the tile registers and lets this process use them.
bool has_tile_state() {
  constexpr unsigned tile_config = 17, tile_data = 18, os_saves_state = 27;
  unsigned eax = 0, ebx = 0, ecx = 0, edx = 0;
  if (__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0 || !is_set(ecx, os_saves_state)) return false;
  asm("xgetbv" : "=a"(eax), "=d"(edx) : "c"(0));
  if (!is_set(eax, tile_config) || !is_set(eax, tile_data)) return false;
#if defined(__linux__)
  constexpr long request_permission = 0x1023;  // ARCH_REQ_XCOMP_PERM
  return syscall(SYS_arch_prctl, request_permission, long{tile_data}) == 0;
#else
  return false;
#endif
}

const char* missing_for_amx() {
  if (const char* missing = missing_feature(SimdLevel::avx512)) return missing;
  const Features features = leaf_7(0);
  if (!is_set(features.edx, 24)) return "AMX-TILE";
  if (!is_set(features.edx, 25)) return "AMX-INT8";
  static const bool has_state = has_tile_state();
  return has_state ? nullptr : "AMX state from the operating system";
}
#endif

constexpr const char* variable = "HIPPOCRYPT_KERNEL";

}  // namespace

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

const char* missing_feature(SimdLevel level) {
  if (machine_simd_level() >= level) return nullptr;
  return level == SimdLevel::avx512 ? "AVX-512 (F, DQ, BW, VL)" : "AVX2 with FMA";
}

const char* missing_feature(IntegerFeature feature) {
#if defined(__x86_64__)
  switch (feature) {
    case IntegerFeature::avx_vnni:
      if (const char* missing = missing_feature(SimdLevel::avx2)) return missing;
      return is_set(leaf_7(1).eax, 4) ? nullptr : "AVX-VNNI";
    case IntegerFeature::avx512_vnni:
      if (const char* missing = missing_feature(SimdLevel::avx512)) return missing;
      return is_set(leaf_7(0).ecx, 11) ? nullptr : "AVX512_VNNI";
    case IntegerFeature::amx:
      return missing_for_amx();
  }
#endif
  return to_string(feature);
}

Result<KernelSetting> parse_kernel_setting(std::string_view asked) {
  if (asked.empty()) return KernelSetting{machine_simd_level(), {}};
  const auto checked = [&](SimdLevel level, const char* missing) -> Result<KernelSetting> {
    if (missing == nullptr) return KernelSetting{level, std::string{asked}};
    return Error{Errc::unsupported, std::string{variable} + " asks for " + std::string{asked} +
                                        ", but this machine has no " + missing +
                                        ": unset the variable or name another kernel"};
  };
  for (const SimdLevel level : {SimdLevel::portable, SimdLevel::avx2, SimdLevel::avx512}) {
    if (asked == to_string(level)) return checked(level, missing_feature(level));
  }
  for (const IntegerFeature feature :
       {IntegerFeature::avx_vnni, IntegerFeature::avx512_vnni, IntegerFeature::amx}) {
    if (asked != to_string(feature)) continue;
    return checked(feature == IntegerFeature::avx_vnni ? SimdLevel::avx2 : SimdLevel::avx512,
                   missing_feature(feature));
  }
  return Error{Errc::invalid_config,
               std::string{variable} +
                   " must be portable, avx2, avx512, avx_vnni, avx512_vnni or amx, not '" +
                   std::string{asked} + "'"};
}

const KernelSetting& kernel_setting() {
  static const KernelSetting setting = [] {
    const char* const asked = std::getenv(variable);
    auto parsed = parse_kernel_setting(asked == nullptr ? "" : asked);
    if (!parsed) check_failed(__FILE__, __LINE__, variable, parsed.error().detail);
    return std::move(parsed).value();
  }();
  return setting;
}

SimdLevel simd_level() { return kernel_setting().level; }

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

const char* to_string(IntegerFeature feature) {
  switch (feature) {
    case IntegerFeature::avx_vnni:
      return "avx_vnni";
    case IntegerFeature::avx512_vnni:
      return "avx512_vnni";
    case IntegerFeature::amx:
      return "amx";
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
