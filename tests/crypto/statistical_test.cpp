// Distributions. Seeds are fixed, so a pass stays a pass; with fresh seeds each check would fail
// with probability 1e-6 (stated where it differs).

#include <gtest/gtest.h>

#include <cmath>
#include <cstdint>
#include <vector>

#include "crypto/client/tile_cipher.hpp"
#include "crypto/core/masks.hpp"
#include "crypto/core/prng.hpp"
#include "crypto/core/sampler.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::crypto {
namespace {

using test_support::SeededRandom;

/// The value that chi-square with `degrees` exceeds with probability 1e-6 (Wilson and Hilferty
/// 1931; 4.7534 is the normal quantile). Good to a per cent for 10 degrees and more.
double chi_square_limit(double degrees) {
  const double v = 2 / (9 * degrees);
  return degrees * std::pow(1 - v + 4.7534 * std::sqrt(v), 3);
}

double chi_square(const std::vector<double>& counts, const std::vector<double>& expected) {
  double sum = 0;
  for (std::size_t i = 0; i < counts.size(); ++i) {
    sum += (counts[i] - expected[i]) * (counts[i] - expected[i]) / expected[i];
  }
  return sum;
}

TEST(SamplerStatistics, SamplesFollowTUniform) {
  for (const unsigned log_bound : {3U, 4U, 8U}) {
    SeededRandom source{log_bound};
    StreamRandom random{source};
    const std::size_t count = 2'000'000, bound = std::size_t{1} << log_bound;
    std::vector<std::int16_t> samples(count);
    sample_tuniform(random, log_bound, samples);
    std::vector<double> counts(2 * bound + 1);
    for (const std::int16_t s : samples) {
      ++counts[static_cast<std::size_t>(s + static_cast<int>(bound))];
    }
    std::vector<double> expected(2 * bound + 1,
                                 static_cast<double>(count) / (2.0 * static_cast<double>(bound)));
    expected.front() /= 2;
    expected.back() /= 2;
    EXPECT_LT(chi_square(counts, expected), chi_square_limit(2.0 * static_cast<double>(bound)))
        << log_bound;
  }
}

TEST(MaskStatistics, MasksAreUniform) {
  const Params params = Params::named("rlwe2048").value();
  const LanePolys masks = make_masks(params, Hash256{1}, MaskNonce{1}, 256);
  constexpr std::size_t bins = 1000;
  std::vector<double> counts(bins), expected(bins);
  for (std::size_t b = 0; b < bins; ++b) {  // the values x with x·bins/q in bin b
    const std::uint64_t first = (std::uint64_t{b} * modulus_q + bins - 1) / bins;
    const std::uint64_t end = (std::uint64_t{b + 1} * modulus_q + bins - 1) / bins;
    expected[b] = 256.0 * 2048 * static_cast<double>(end - first) / modulus_q;
  }
  for (const std::uint32_t word : masks.view().words()) {
    ++counts[static_cast<std::size_t>(std::uint64_t{word} * bins / modulus_q)];
  }
  EXPECT_LT(chi_square(counts, expected), chi_square_limit(bins - 1));
}

constexpr std::size_t features = 64, tokens = 2048;

Bytes encrypt(const Matrix& x, std::uint64_t seed) {
  static const Params params = Params::named("rlwe2048").value();
  static const LanePolys masks = make_masks(params, Hash256{}, MaskNonce{}, features);
  SeededRandom random{seed};
  OneTimeSecret secret = OneTimeSecret::sample(params, random);
  return encrypt_tile(params, masks.view(), {100, 500}, x, std::move(secret), random)->body;
}

/// For each of the three bytes, how many U in [0, q) give each value of it in round(U·2^24/q) mod
/// 2^24.
std::vector<std::vector<double>> exact_byte_counts() {
  // U gives k iff (2k - 1)·q/2^25 < U < (2k + 1)·q/2^25; there are no ties.
  const auto first = [](std::uint64_t k) {
    return k == 0 ? std::uint64_t{0} : (((2 * k - 1) * modulus_q) >> 25) + 1;
  };
  std::vector<std::vector<double>> counts(3, std::vector<double>(256));
  const std::uint64_t end = std::uint64_t{1} << 24;
  for (std::uint64_t k = 0; k <= end; ++k) {
    const std::uint64_t last = k == end ? modulus_q : first(k + 1);
    const auto many = static_cast<double>(last - first(k));
    for (unsigned byte = 0; byte < 3; ++byte) counts[byte][(k >> (8 * byte)) & 255] += many;
  }
  return counts;
}

TEST(UploadStatistics, BytesFollowTheExactDistribution) {
  const auto exact = exact_byte_counts();
  Matrix loud{features, tokens};
  SeededSequence sequence{1, "x"};
  for (float& value : loud.values()) value = static_cast<float>(100 + sequence.normal());
  for (const Matrix& x : {Matrix{features, tokens}, loud}) {  // whatever the message is
    const Bytes body = encrypt(x, 11);
    for (std::size_t byte = 0; byte < 3; ++byte) {
      std::vector<double> counts(256), expected(256);
      for (std::size_t i = byte; i < body.size(); i += 3) ++counts[body[i]];
      for (std::size_t v = 0; v < 256; ++v) {
        expected[v] = exact[byte][v] / modulus_q * features * tokens;
      }
      EXPECT_LT(chi_square(counts, expected), chi_square_limit(255)) << byte;
    }
  }
}

TEST(UploadStatistics, TwoEncryptionsAgreeNoMoreThanChance) {
  const Matrix x{features, tokens};
  const Bytes a = encrypt(x, 21), b = encrypt(x, 22);
  std::size_t bytes = 0, values = 0;
  for (std::size_t i = 0; i < a.size(); i += 3) {
    const bool e0 = a[i] == b[i], e1 = a[i + 1] == b[i + 1], e2 = a[i + 2] == b[i + 2];
    bytes +=
        static_cast<std::size_t>(e0) + static_cast<std::size_t>(e1) + static_cast<std::size_t>(e2);
    values += static_cast<std::size_t>(e0 && e1 && e2);
  }
  const double n = static_cast<double>(a.size()), mean = n / 256;
  EXPECT_NEAR(static_cast<double>(bytes), mean, 4.9 * std::sqrt(mean));
  EXPECT_LE(values, 2U);  // 131,072 values, each equal with probability 2^-24: more with 1e-7
}

}  // namespace
}  // namespace hippocrypt::crypto
