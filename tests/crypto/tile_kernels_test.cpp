#include "crypto/client/tile_kernels.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/cpu.hpp"
#include "base/random.hpp"
#include "crypto/core/modulus.hpp"
#include "crypto/core/sampler.hpp"
#include "crypto/core/wire_format.hpp"

namespace hippocrypt::crypto {
namespace {

constexpr std::size_t max_tokens = 48, features = 16;

struct Kernels {
  SimdLevel level;
  void (*pads)(const PadRows&);
  void (*encrypt)(const EncryptRows&);
  void (*decrypt)(const DecryptRows&);
  void (*squares)(const float*, std::size_t, std::size_t, std::size_t, double*);
};

constexpr Kernels portable{SimdLevel::portable, tile_kernels::portable_pads,
                           tile_kernels::portable_encrypt, tile_kernels::portable_decrypt,
                           tile_kernels::portable_squares};
constexpr Kernels avx2{SimdLevel::avx2, tile_kernels::avx2_pads, tile_kernels::avx2_encrypt,
                       tile_kernels::avx2_decrypt, tile_kernels::avx2_squares};
constexpr Kernels avx512{SimdLevel::avx512, tile_kernels::avx512_pads, tile_kernels::avx512_encrypt,
                         tile_kernels::avx512_decrypt, tile_kernels::avx512_squares};

struct KernelCase {
  std::vector<std::uint32_t> lane_pads = std::vector<std::uint32_t>(max_tokens * features);
  std::vector<std::uint8_t> noise = std::vector<std::uint8_t>(features * max_tokens * 2);
  std::vector<std::uint32_t> rows = std::vector<std::uint32_t>(features * max_tokens);
  std::vector<float> x = std::vector<float>(features * max_tokens);
  std::vector<double> scale = std::vector<double>(max_tokens);
  std::vector<std::uint8_t> answer = std::vector<std::uint8_t>(features * max_tokens * 2);
  std::size_t count, tokens;

  KernelCase(std::size_t feature_count, std::size_t token_count, std::uint64_t seed)
      : count{feature_count}, tokens{token_count} {
    SeededSequence sequence{seed, "kernels"};
    for (auto& pad : lane_pads) pad = static_cast<std::uint32_t>(sequence.below(modulus_q));
    for (auto& n : noise) n = static_cast<std::uint8_t>(sequence.next_u64());
    // [-2^8, q + 2^8) + q, as pads with noise are
    for (auto& r : rows)
      r = static_cast<std::uint32_t>(modulus_q - 256 + sequence.below(modulus_q + 512));
    for (auto& d : scale) d = std::exp(20 * sequence.uniform() - 10);
    for (std::size_t i = 0; i < x.size(); ++i) {  // |D·x| < q/2, often near it
      const double value = (2 * sequence.uniform() - 1) * (modulus_q / 2 - 1);
      x[i] = static_cast<float>(0.999999 * value / scale[i % tokens]);
    }
    for (auto& b : answer) b = static_cast<std::uint8_t>(sequence.next_u64());
  }
};

std::vector<std::uint32_t> pad_rows(const Kernels& kernels, const KernelCase& test, unsigned b,
                                    bool is_noisy) {
  std::vector<std::uint32_t> rows(features * max_tokens, 0xA5A5A5A5);
  const std::size_t stride = max_tokens * tuniform_sample_bytes(b);
  kernels.pads({test.lane_pads.data(), is_noisy ? test.noise.data() : nullptr, stride, b, modulus_q,
                test.tokens, rows.data(), max_tokens});
  return rows;
}

/// With a gap between the rows and behind them, which must survive.
constexpr std::size_t gap = 5;
std::vector<std::uint8_t> encrypt(const Kernels& kernels, const KernelCase& test, unsigned bits) {
  const std::size_t stride = row_bytes(bits, test.tokens) + gap;
  std::vector<std::uint8_t> body(test.count * stride, 0xA5);
  kernels.encrypt({test.rows.data(), max_tokens, test.x.data(), test.tokens, test.scale.data(),
                   body.data(), stride, test.count, test.tokens, modulus_q, bits});
  return body;
}

std::vector<float> decrypt(const Kernels& kernels, const KernelCase& test, unsigned bits) {
  std::vector<float> y(test.count * (test.tokens + gap), 7.0F);
  kernels.decrypt({test.lane_pads.data(), max_tokens, test.answer.data(),
                   row_bytes(bits, test.tokens), test.scale.data(), y.data(), test.tokens + gap,
                   test.count, test.tokens, modulus_q, bits});
  return y;
}

std::vector<std::uint32_t> unpacked(unsigned bits, const std::uint8_t* row, std::size_t tokens) {
  std::vector<std::uint32_t> values(tokens);
  unpack_row(bits, row, tokens, values.data());
  return values;
}

TEST(TileKernelsTest, PortablePadsAreTransposedAndNoisy) {
  const KernelCase test{features, max_tokens, 1};
  for (const unsigned b : {1U, 3U, 6U, 7U, 8U}) {
    const auto noisy = pad_rows(portable, test, b, true),
               plain = pad_rows(portable, test, b, false);
    for (std::size_t f = 0; f < features; ++f) {
      for (std::size_t t = 0; t < max_tokens; ++t) {
        const std::size_t at = f * max_tokens + t;
        const std::uint32_t pad = test.lane_pads[t * features + f];
        const std::uint32_t bits =
            b <= 6 ? test.noise[at] : test.noise[2 * at] | test.noise[2 * at + 1] * 256U;
        ASSERT_EQ(plain[at], pad);
        ASSERT_EQ(noisy[at],
                  modulus_q + pad + static_cast<std::uint32_t>(tuniform_from_bits(bits, b)));
      }
    }
  }
}

TEST(TileKernelsTest, PortableEncryptIsTheFormula) {
  for (const unsigned bits : {24U, 20U}) {
    for (const std::size_t tokens : {1U, 15U, 16U, 17U, 48U}) {
      const KernelCase test{13, tokens, tokens};
      const auto body = encrypt(portable, test, bits);
      const std::size_t stride = body.size() / test.count;
      for (std::size_t f = 0; f < test.count; ++f) {
        const auto values = unpacked(bits, body.data() + f * stride, tokens);
        for (std::size_t t = 0; t < tokens; ++t) {
          const auto message = static_cast<std::int32_t>(
              std::nearbyint(static_cast<double>(test.x[f * tokens + t]) * test.scale[t]));
          const std::uint32_t sum =
              add_mod(test.rows[f * max_tokens + t] % modulus_q, from_signed(message));
          ASSERT_EQ(values[t], switch_to_upload(sum, bits));
        }
        for (std::size_t i = stride - gap; i < stride; ++i) ASSERT_EQ(body[f * stride + i], 0xA5);
        if (tokens % 2 != 0 && bits == 20) {
          ASSERT_EQ(body[f * stride + stride - gap - 1] >> 4, 0) << "half a byte past the end";
        }
      }
    }
  }
}

TEST(TileKernelsTest, PortableDecryptIsTheFormula) {
  for (const unsigned bits : {16U, 12U}) {
    const KernelCase test{features, 37, 3};
    const auto y = decrypt(portable, test, bits);
    for (std::size_t f = 0; f < features; ++f) {
      const auto values = unpacked(bits, test.answer.data() + f * row_bytes(bits, 37), 37);
      for (std::size_t t = 0; t < 37; ++t) {
        const std::uint32_t product = switch_from_download(values[t], bits);
        const std::int32_t value =
            centre(sub_mod(product % modulus_q, test.lane_pads[f * max_tokens + t]));
        ASSERT_EQ(y[f * (37 + gap) + t], static_cast<float>(value * test.scale[t]));
      }
      for (std::size_t t = 37; t < 37 + gap; ++t) ASSERT_EQ(y[f * (37 + gap) + t], 7.0F);
    }
  }
}

/// Pads just below, at and above where the rounded value changes, and every representative that
/// the kernels may meet.
TEST(TileKernelsTest, UploadRoundingIsExactAtItsSteps) {
  std::vector<Kernels> all{portable};
  if (machine_simd_level() >= SimdLevel::avx2) all.push_back(avx2);
  if (machine_simd_level() >= SimdLevel::avx512) all.push_back(avx512);
  KernelCase test{features, max_tokens, 1};
  std::fill(test.x.begin(), test.x.end(), 0.0F);
  SeededSequence sequence{2, "steps"};
  for (const unsigned bits : {24U, 20U}) {
    const std::uint64_t most = (1U << bits) - 1;
    for (std::uint32_t round = 0; round < 300; ++round) {
      for (std::size_t i = 0; i < test.rows.size(); i += 4) {
        const std::uint64_t k =
            round < 3 ? (i < 384 ? i / 4 : most - i / 4 + 96) : sequence.below(most);
        const auto step = static_cast<std::uint32_t>(((2 * k + 1) * modulus_q) >> (bits + 1));
        for (std::uint32_t d = 0; d < 4; ++d) {
          test.rows[i + d] = (step + d + modulus_q - 1) % modulus_q + round % 3 * modulus_q;
        }
      }
      for (const Kernels& kernels : all) {
        const auto body = encrypt(kernels, test, bits);
        for (std::size_t f = 0; f < features; ++f) {
          const auto values =
              unpacked(bits, body.data() + f * (body.size() / features), max_tokens);
          for (std::size_t t = 0; t < max_tokens; ++t) {
            const std::uint32_t pad = test.rows[f * max_tokens + t];
            ASSERT_EQ(values[t], switch_to_upload(pad % modulus_q, bits)) << pad;
          }
        }
      }
    }
  }
}

void expect_equal_to_portable(const Kernels& kernels) {
  if (machine_simd_level() < kernels.level) {
    GTEST_SKIP() << "this machine has no " << to_string(kernels.level);
  }
  for (std::size_t tokens = 1; tokens <= max_tokens; ++tokens) {
    const KernelCase test{1 + tokens % 16, tokens, tokens};
    for (const unsigned b : {3U, 8U}) {
      EXPECT_EQ(pad_rows(portable, test, b, true), pad_rows(kernels, test, b, true)) << tokens;
    }
    EXPECT_EQ(pad_rows(portable, test, 3, false), pad_rows(kernels, test, 3, false)) << tokens;
    for (const unsigned bits : {24U, 20U}) {
      EXPECT_EQ(encrypt(portable, test, bits), encrypt(kernels, test, bits)) << tokens;
    }
    for (const unsigned bits : {16U, 12U}) {
      EXPECT_EQ(decrypt(portable, test, bits), decrypt(kernels, test, bits)) << tokens;
    }
    std::vector<double> a(tokens + 1, 1), b(tokens + 1, 1);
    portable.squares(test.x.data(), tokens, test.count, tokens, a.data());
    kernels.squares(test.x.data(), tokens, test.count, tokens, b.data());
    EXPECT_EQ(a, b);
  }
}

TEST(TileKernelsTest, Avx2EqualsPortable) { expect_equal_to_portable(avx2); }

TEST(TileKernelsTest, Avx512EqualsPortable) { expect_equal_to_portable(avx512); }

TEST(TileKernelsTest, SquaresAddUpFeatureByFeature) {
  const KernelCase test{11, 20, 4};  // two passes of four features, and three single ones
  std::vector<double> got(21, 0.5), want(21, 0.5);
  portable.squares(test.x.data(), 20, 11, 20, got.data());
  for (std::size_t f = 0; f < 11; ++f) {
    for (std::size_t t = 0; t < 20; ++t) {
      const auto value = static_cast<double>(test.x[f * 20 + t]);
      want[t] += value * value;
    }
  }
  EXPECT_EQ(got, want);
}

}  // namespace
}  // namespace hippocrypt::crypto
