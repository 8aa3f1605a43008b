#include "crypto/core/ntt.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "crypto/core/lane_polys.hpp"
#include "crypto/core/lane_transform.hpp"
#include "crypto/core/modulus.hpp"

namespace hippocrypt::crypto {
namespace {

using Poly = std::vector<std::uint32_t>;

Poly random_poly(std::size_t ring_dim, SeededSequence& sequence) {
  Poly poly(ring_dim);
  for (auto& value : poly) value = static_cast<std::uint32_t>(sequence.below(modulus_q));
  return poly;
}

/// X^N = -1.
Poly schoolbook(const Poly& a, const Poly& b) {
  const std::size_t n = a.size();
  Poly out(n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) {
      const std::uint32_t product = mul_mod(a[i], b[j]);
      std::uint32_t& sum = out[(i + j) % n];
      sum = i + j < n ? add_mod(sum, product) : sub_mod(sum, product);
    }
  }
  return out;
}

TEST(NttTest, InverseUndoesForward) {
  SeededSequence sequence{1, "ntt"};
  for (std::size_t ring_dim = 8; ring_dim <= 2048; ring_dim *= 2) {
    const NttTables tables{ring_dim};
    const Poly poly = random_poly(ring_dim, sequence);
    Poly copy = poly;
    tables.forward(copy);
    EXPECT_NE(copy, poly);
    tables.inverse(copy);
    EXPECT_EQ(copy, poly);
  }
}

TEST(NttTest, PointwiseProductIsTheNegacyclicProduct) {
  SeededSequence sequence{2, "ntt"};
  for (const std::size_t ring_dim : {8U, 64U, 1024U, 2048U}) {
    const NttTables tables{ring_dim};
    Poly a = random_poly(ring_dim, sequence), b = random_poly(ring_dim, sequence);
    const Poly want = schoolbook(a, b);
    tables.forward(a);
    tables.forward(b);
    for (std::size_t k = 0; k < ring_dim; ++k) a[k] = mul_mod(a[k], b[k]);
    tables.inverse(a);
    EXPECT_EQ(a, want) << ring_dim;
  }
}

TEST(NttTest, ExtremeValuesDoNotOverflowTheLazyButterflies) {
  for (const std::size_t ring_dim : {256U, 512U, 1024U, 2048U}) {
    const NttTables& tables = NttTables::of(ring_dim);
    const Poly poly(ring_dim, modulus_q - 1);
    Poly copy = poly;
    tables.forward(copy);
    tables.inverse(copy);
    EXPECT_EQ(copy, poly);
  }
}

struct LaneCase {
  explicit LaneCase(std::size_t ring_dim)
      : tables{ring_dim}, group(ring_dim * lanes), secret(ring_dim), quotients(ring_dim) {}
  void set_secret(const Poly& ntt_form) {
    for (std::size_t k = 0; k < secret.size(); ++k) {
      secret[k] = mul_mod(ntt_form[k], tables.inverse_ring_dim());
      quotients[k] = shoup_quotient(secret[k]);
    }
  }
  Poly run(SimdLevel level) const {
    Poly out(group.size());
    inverse_product(tables, group.data(), secret.data(), quotients.data(), out.data(), level);
    return out;
  }
  NttTables tables;
  Poly group, secret, quotients;
};

TEST(LaneTransformTest, PortableKernelIsTheInverseOfTheProduct) {
  SeededSequence sequence{3, "lanes"};
  for (const std::size_t ring_dim : {16U, 32U, 64U, 1024U, 2048U}) {
    LaneCase test{ring_dim};
    test.group = random_poly(ring_dim * lanes, sequence);
    const Poly secret = random_poly(ring_dim, sequence);
    test.set_secret(secret);
    const Poly out = test.run(SimdLevel::portable);
    for (std::size_t lane = 0; lane < lanes; ++lane) {
      Poly want(ring_dim);
      for (std::size_t k = 0; k < ring_dim; ++k) {
        want[k] = mul_mod(test.group[k * lanes + lane], secret[k]);
      }
      test.tables.inverse(want);
      for (std::size_t k = 0; k < ring_dim; ++k) {
        ASSERT_EQ(out[k * lanes + lane], want[k]) << ring_dim << ' ' << lane << ' ' << k;
      }
    }
  }
}

void expect_equal_to_portable(SimdLevel level) {
  if (machine_simd_level() < level) GTEST_SKIP() << "this machine has no " << to_string(level);
  SeededSequence sequence{4, "lanes"};
  for (std::size_t ring_dim = 16; ring_dim <= 2048; ring_dim *= 2) {
    for (const bool extreme : {false, true}) {
      LaneCase test{ring_dim};
      test.group =
          extreme ? Poly(ring_dim * lanes, modulus_q - 1) : random_poly(ring_dim * lanes, sequence);
      test.set_secret(extreme ? Poly(ring_dim, modulus_q - 1) : random_poly(ring_dim, sequence));
      EXPECT_EQ(test.run(SimdLevel::portable), test.run(level)) << ring_dim << extreme;
    }
  }
}

std::vector<SimdLevel> machine_levels() {
  std::vector<SimdLevel> levels{SimdLevel::portable};
  if (machine_simd_level() >= SimdLevel::avx2) levels.push_back(SimdLevel::avx2);
  if (machine_simd_level() >= SimdLevel::avx512) levels.push_back(SimdLevel::avx512);
  return levels;
}

TEST(LaneTransformTest, InnerProductsAreTheFirstCoefficients) {
  SeededSequence sequence{5, "lanes"};
  constexpr std::size_t most = 9;
  for (const std::size_t ring_dim : {16U, 256U, 2048U}) {
    LaneCase test{ring_dim};
    test.group = random_poly(ring_dim * lanes, sequence);
    test.set_secret(random_poly(ring_dim, sequence));
    Poly weights(most * ring_dim);
    coefficient_weights(test.tables, test.secret.data(), most, weights.data());
    const Poly all = test.run(SimdLevel::portable);
    for (const SimdLevel level : machine_levels()) {
      for (std::size_t count = 0; count <= most; ++count) {
        Poly out(most * lanes, 7), want(most * lanes, 7);
        inner_products(test.tables, test.group.data(), weights.data(), count, out.data(), level);
        std::copy_n(all.begin(), count * lanes, want.begin());
        ASSERT_EQ(out, want) << ring_dim << ' ' << count << ' ' << to_string(level);
      }
    }
  }
}

TEST(LaneTransformTest, FirstCoefficientsAreThoseOfTheWholeTransform) {
  SeededSequence sequence{8, "lanes"};
  for (std::size_t ring_dim = 16; ring_dim <= 2048; ring_dim *= 2) {
    for (const bool extreme : {false, true}) {
      LaneCase test{ring_dim};
      test.group =
          extreme ? Poly(ring_dim * lanes, modulus_q - 1) : random_poly(ring_dim * lanes, sequence);
      test.set_secret(extreme ? Poly(ring_dim, modulus_q - 1) : random_poly(ring_dim, sequence));
      const Poly all = test.run(SimdLevel::portable);
      for (const SimdLevel level : machine_levels()) {
        for (const std::size_t count : {1U, 3U, 8U, 9U, 16U}) {
          Poly out(most_first_coefficients * lanes, 7);
          first_coefficients(test.tables, test.group.data(), test.secret.data(),
                             test.quotients.data(), count, out.data(), level);
          for (std::size_t i = 0; i < count * lanes; ++i) {
            ASSERT_EQ(out[i], all[i]) << ring_dim << ' ' << count << ' ' << to_string(level);
          }
        }
      }
    }
  }
}

TEST(LaneTransformTest, WantedCoefficientsAreThoseOfTheWholeTransform) {
  SeededSequence sequence{9, "lanes"};
  for (std::size_t ring_dim = 16; ring_dim <= 2048; ring_dim *= 2) {
    LaneCase test{ring_dim};
    test.group = random_poly(ring_dim * lanes, sequence);
    test.set_secret(random_poly(ring_dim, sequence));
    const Poly all = test.run(SimdLevel::portable);
    for (const SimdLevel level : machine_levels()) {
      for (std::size_t wanted = 1; wanted <= ring_dim; wanted *= 2) {
        Poly out(ring_dim * lanes);
        inverse_product(test.tables, test.group.data(), test.secret.data(), test.quotients.data(),
                        out.data(), level, {}, wanted);
        out.resize(wanted * lanes);
        ASSERT_EQ(out, Poly(all.begin(), all.begin() + static_cast<long>(wanted * lanes)))
            << ring_dim << ' ' << wanted << ' ' << to_string(level);
      }
    }
  }
}

TEST(LaneTransformTest, InnerProductsOfTheLargestValuesDoNotOverflow) {
  const NttTables& tables = NttTables::of(2048);
  const Poly group(2048 * lanes, modulus_q - 1), weights(4 * 2048, modulus_q - 1);
  for (const SimdLevel level : machine_levels()) {
    Poly out(4 * lanes);
    inner_products(tables, group.data(), weights.data(), 4, out.data(), level);
    EXPECT_EQ(out, Poly(4 * lanes, 2048)) << "(-1)·(-1) two thousand and forty-eight times";
  }
}

TEST(LaneTransformTest, FetchingAheadChangesNothing) {
  SeededSequence sequence{6, "lanes"};
  LaneCase test{512};
  test.group = random_poly(512 * lanes, sequence);
  test.set_secret(random_poly(512, sequence));
  const std::vector<std::uint8_t> read(100'000, 3), written(70'001, 4);
  for (const SimdLevel level : machine_levels()) {
    Poly out(test.group.size());
    inverse_product(test.tables, test.group.data(), test.secret.data(), test.quotients.data(),
                    out.data(), level, {read.data(), read.size(), written.data(), written.size()});
    EXPECT_EQ(out, test.run(level));
  }
  EXPECT_EQ(written, std::vector<std::uint8_t>(70'001, 4));
}

TEST(LaneTransformTest, Avx2EqualsPortable) { expect_equal_to_portable(SimdLevel::avx2); }
TEST(LaneTransformTest, Avx512EqualsPortable) { expect_equal_to_portable(SimdLevel::avx512); }

}  // namespace
}  // namespace hippocrypt::crypto
