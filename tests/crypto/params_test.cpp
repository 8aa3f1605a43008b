#include "crypto/core/params.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "crypto/core/modulus.hpp"
#include "crypto/core/security.hpp"

namespace hippocrypt::crypto {
namespace {

TEST(ParamsTest, NamedSetsHaveTheSecurityOfTheTable) {
  const auto large = Params::named("rlwe2048");
  ASSERT_TRUE(large);
  EXPECT_EQ(large->ring_dim(), 2048U);
  EXPECT_EQ(large->tuniform_log_bound(), 3U);
  EXPECT_NEAR(large->security_bits(), 268, 1);
  const auto small = Params::named("rlwe1024");
  ASSERT_TRUE(small);
  EXPECT_EQ(small->ring_dim(), 1024U);
  EXPECT_EQ(small->tuniform_log_bound(), 4U);
  EXPECT_NEAR(small->security_bits(), 136.7, 0.01);
  for (const SecurityEntry& entry : security_table()) {
    EXPECT_GE(entry.classical_bits, 128);
    EXPECT_GE(entry.quantum_bits, 128);
  }
}

TEST(ParamsTest, RefusesUnknownNamesAndNamesTheKnownOnes) {
  const auto params = Params::named("rlwe512");
  ASSERT_FALSE(params);
  EXPECT_EQ(params.error().code, Errc::not_found);
  EXPECT_THAT(params.error().detail, ::testing::HasSubstr("rlwe2048, rlwe1024"));
}

TEST(ParamsTest, RefusesWhatIsNotInTheSecurityTable) {
  for (const ParamsLiteral& literal :
       {ParamsLiteral{"weak", 2048, 2}, ParamsLiteral{"weak", 1024, 3}, ParamsLiteral{"", 512, 8},
        ParamsLiteral{"loud", 2048, 9}, ParamsLiteral{"", 4096, 3}, ParamsLiteral{}}) {
    const auto params = Params::create(literal);
    ASSERT_FALSE(params);
    EXPECT_EQ(params.error().code, Errc::out_of_range);
    EXPECT_THAT(params.error().detail, ::testing::HasSubstr("use N = 2048"));
  }
  EXPECT_TRUE(Params::create({"loud enough", 2048, 8}));
}

TEST(ParamsTest, FingerprintNamesTheValuesAndNotTheLabel) {
  const auto a = Params::create({"a", 2048, 3}), b = Params::create({"b", 2048, 3});
  const auto c = Params::create({"a", 2048, 4}), d = Params::create({"a", 1024, 4});
  EXPECT_EQ(a->fingerprint(), b->fingerprint());
  EXPECT_NE(a->fingerprint(), c->fingerprint());
  EXPECT_NE(c->fingerprint(), d->fingerprint());
}

TEST(ModulusTest, SingleValueFunctionsAgreeWithTheirDefinitions) {
  constexpr std::uint32_t q = modulus_q;
  for (const std::uint32_t x : {0U, 1U, 2U, 12345678U, q / 2, q / 2 + 1, q - 2, q - 1}) {
    EXPECT_EQ(add_mod(x, q - 1), (std::uint64_t{x} + q - 1) % q);
    EXPECT_EQ(sub_mod(x, q - 1), (x + 1) % q);
    EXPECT_EQ(from_signed(centre(x)), x);
    EXPECT_LE(std::abs(centre(x)), static_cast<std::int32_t>(q / 2));
    if (x != 0) {
      EXPECT_EQ(mul_mod(x, inverse_mod(x)), 1U);
    }
    const std::uint32_t lazy = mul_shoup_lazy(0xFFFFFFFFU, x, shoup_quotient(x));
    EXPECT_LT(lazy, 2 * q);
    EXPECT_EQ(lazy % q, mul_mod(0xFFFFFFFFU % q, x));
  }
}

TEST(ModulusTest, SwitchesRoundToTheNearest) {
  // 64 bits of mantissa hold x·2^24/q to 2^-39, and no x is closer than 2^-31 to a tie.
  constexpr long double q = modulus_q;
  for (std::uint32_t x = 0; x < modulus_q; x += x < 1000 || x > modulus_q - 3000 ? 1 : 99991) {
    const auto want = std::llround(static_cast<long double>(x) * 16777216 / q) % 16777216;
    ASSERT_EQ(switch_to_upload(x), want) << x;
  }
  for (std::uint32_t x = 0; x < 65536; ++x) {
    const auto want = std::llround(static_cast<long double>(x) * q / 65536);
    ASSERT_EQ(switch_from_download(x), want) << x;
  }
}

}  // namespace
}  // namespace hippocrypt::crypto
