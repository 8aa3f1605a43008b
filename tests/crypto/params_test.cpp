#include "crypto/core/params.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/bytes.hpp"
#include "crypto/core/modulus.hpp"

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
  for (const Params& params : {*large, *small}) {
    EXPECT_FALSE(params.is_insecure());
    EXPECT_EQ(params.wire(), WireFormat{});
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

TEST(ParamsTest, InsecureSetsMustBeAskedFor) {
  for (const std::size_t ring_dim : {256U, 512U, 1024U, 2048U}) {
    const unsigned log_bound = ring_dim == 256 ? 1 : ring_dim == 2048 ? 2 : 3;
    const auto refused = Params::create({"small", ring_dim, log_bound});
    ASSERT_FALSE(refused);
    EXPECT_EQ(refused.error().code, Errc::out_of_range);
    EXPECT_THAT(refused.error().detail, ::testing::HasSubstr("insecure_test = true"));
    const auto accepted = Params::create({"small", ring_dim, log_bound, {}, true});
    ASSERT_TRUE(accepted);
    EXPECT_TRUE(accepted->is_insecure());
    EXPECT_EQ(accepted->security_bits(), 0);
  }
  for (const ParamsLiteral& literal :
       {ParamsLiteral{"", 128, 3, {}, true}, ParamsLiteral{"", 300, 3, {}, true},
        ParamsLiteral{"", 4096, 3, {}, true}, ParamsLiteral{"", 512, 0, {}, true},
        ParamsLiteral{"", 512, 9, {}, true}}) {
    const auto params = Params::create(literal);
    ASSERT_FALSE(params) << "beyond what the transforms and samplers can do";
    EXPECT_EQ(params.error().code, Errc::out_of_range);
    EXPECT_THAT(params.error().detail, ::testing::HasSubstr("N = 256, 512, 1024 or 2048"));
  }
}

TEST(ParamsTest, PermissionForInsecureSetsDoesNotMakeOthersInsecure) {
  const auto params = Params::named("rlwe2048", {}, true);
  EXPECT_FALSE(params->is_insecure());
  EXPECT_EQ(params->fingerprint(), Params::named("rlwe2048")->fingerprint());
}

TEST(ParamsTest, TheNamedTestSetNeedsPermission) {
  const auto refused = Params::named("test512");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::out_of_range);
  const auto params = Params::named("test512", {}, true);
  ASSERT_TRUE(params);
  EXPECT_EQ(params->ring_dim(), 512U);
  EXPECT_TRUE(params->is_insecure());
}

TEST(ParamsTest, WarnsOfEverySetWithoutAWideMargin) {
  EXPECT_EQ(Params::named("rlwe2048")->warning(), "");
  EXPECT_THAT(Params::named("rlwe1024")->warning(),
              ::testing::AllOf(::testing::HasSubstr("small margin: 137 bits"),
                               ::testing::HasSubstr("every 1048576 tiles")));
  EXPECT_THAT(Params::named("test512", {}, true)->warning(),
              ::testing::AllOf(::testing::HasSubstr("'test512' (N = 512, noise bound 2^3)"),
                               ::testing::HasSubstr("protect nothing")));
}

TEST(ParamsTest, SmallMarginsRotateTheirMasks) {
  EXPECT_EQ(Params::named("rlwe1024")->max_tiles_per_nonce(), std::uint64_t{1} << 20);
  EXPECT_EQ(Params::named("test512", {}, true)->max_tiles_per_nonce(), std::uint64_t{1} << 20);
  const Params large = Params::named("rlwe2048").value();
  const auto tiles = static_cast<double>(large.max_tiles_per_nonce());
  EXPECT_EQ(tiles, std::pow(2.0, 63));
  EXPECT_GE(large.security_bits() - std::log2(tiles) - 1, 128) << "the proof's loss";
}

TEST(ParamsTest, WireFormatIsOneOfFourAndPartOfTheFingerprint) {
  std::vector<Hash256> fingerprints;
  for (const unsigned up : {24U, 20U}) {
    for (const unsigned down : {16U, 12U}) {
      const auto params = Params::named("rlwe2048", {up, down});
      ASSERT_TRUE(params);
      EXPECT_EQ(params->wire(), (WireFormat{up, down}));
      EXPECT_THAT(fingerprints, ::testing::Not(::testing::Contains(params->fingerprint())));
      fingerprints.push_back(params->fingerprint());
    }
  }
  for (const WireFormat wire : {WireFormat{16, 16}, WireFormat{24, 24}, WireFormat{0, 0}}) {
    const auto params = Params::named("rlwe2048", wire);
    ASSERT_FALSE(params);
    EXPECT_EQ(params.error().code, Errc::out_of_range);
    EXPECT_THAT(params.error().detail, ::testing::HasSubstr("24 or 20 bits up"));
  }
}

TEST(ParamsTest, FingerprintsOfTheDefaultSetsStay) {
  // They are stamped on files of hints and on deployments that exist.
  EXPECT_EQ(to_hex(Params::named("rlwe2048")->fingerprint()),
            "3f3bf3e15a8d3d1cf1f760684094e1bda626b41f9fdd9dfee37232199ee7e493");
  EXPECT_EQ(to_hex(Params::named("rlwe1024")->fingerprint()),
            "db5d3277fe63e4b920ffee6a6e16475662599cc2355fbbd7cde8b6d093529b14");
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
  for (const unsigned bits : {24U, 20U}) {
    const std::int64_t size = std::int64_t{1} << bits;
    for (std::uint32_t x = 0; x < modulus_q; x += x < 1000 || x > modulus_q - 3000 ? 1 : 99991) {
      const auto scaled = static_cast<long double>(x) * static_cast<long double>(size) / q;
      ASSERT_EQ(switch_to_upload(x, bits), std::llround(scaled) % size) << x;
    }
  }
  for (const unsigned bits : {16U, 12U}) {
    const std::uint32_t size = 1U << bits;
    for (std::uint32_t x = 0; x < size; ++x) {
      const auto want = std::llround(static_cast<long double>(x) * q / size);
      ASSERT_EQ(switch_from_download(x, bits), want) << x;
    }
  }
}

}  // namespace
}  // namespace hippocrypt::crypto
