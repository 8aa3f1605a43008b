#include "base/cpu.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

namespace hippocrypt {
namespace {

TEST(CpuTest, AnUnsetVariableMeansTheBestOfTheMachine) {
  const auto setting = parse_kernel_setting("");
  ASSERT_TRUE(setting);
  EXPECT_EQ(setting.value().level, machine_simd_level());
  EXPECT_TRUE(setting.value().product.empty());
}

TEST(CpuTest, LevelsAreTakenAsNamedWhereTheMachineHasThem) {
  for (const SimdLevel level : {SimdLevel::portable, SimdLevel::avx2, SimdLevel::avx512}) {
    const auto setting = parse_kernel_setting(to_string(level));
    EXPECT_EQ(setting.has_value(), missing_feature(level) == nullptr);
    if (setting) {
      EXPECT_EQ(setting.value().level, level);
      EXPECT_EQ(setting.value().product, to_string(level));
    } else {
      EXPECT_EQ(setting.error().code, Errc::unsupported);
    }
  }
  EXPECT_EQ(missing_feature(SimdLevel::portable), nullptr);
}

TEST(CpuTest, IntegerKernelsImplyTheLevelBelowThem) {
  for (const auto& [feature, level] : {std::pair{IntegerFeature::avx_vnni, SimdLevel::avx2},
                                       {IntegerFeature::avx512_vnni, SimdLevel::avx512},
                                       {IntegerFeature::amx, SimdLevel::avx512}}) {
    const auto setting = parse_kernel_setting(to_string(feature));
    if (const char* missing = missing_feature(feature)) {
      ASSERT_FALSE(setting);
      EXPECT_EQ(setting.error().code, Errc::unsupported);
      EXPECT_NE(setting.error().detail.find(missing), std::string::npos);
    } else {
      EXPECT_EQ(setting.value().level, level);
      EXPECT_EQ(setting.value().product, to_string(feature));
    }
  }
}

TEST(CpuTest, RefusesUnknownNames) {
  for (const char* const name : {"sse", "AVX2", "avx512 ", "avx512vnni"}) {
    const auto setting = parse_kernel_setting(name);
    ASSERT_FALSE(setting);
    EXPECT_EQ(setting.error().code, Errc::invalid_config);
  }
}

TEST(CpuDeathTest, AnUnknownNameEndsTheProcessWithASentence) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a new process that has read nothing yet
  EXPECT_DEATH(
      {
        setenv("HIPPOCRYPT_KERNEL", "abacus", 1);
        simd_level();
      },
      "must be portable, avx2, .* not 'abacus'");
}

}  // namespace
}  // namespace hippocrypt
