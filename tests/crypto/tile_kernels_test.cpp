#include "crypto/client/tile_kernels.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <vector>

#include "base/cpu.hpp"
#include "base/random.hpp"
#include "crypto/core/modulus.hpp"

namespace hippocrypt::crypto {
namespace {

constexpr std::size_t max_tokens = 48;

struct KernelCase {
  std::vector<std::uint32_t> pads = std::vector<std::uint32_t>(max_tokens * 16);
  std::vector<float> x = std::vector<float>(16 * max_tokens);
  std::vector<double> scale = std::vector<double>(max_tokens);
  std::vector<std::int16_t> errors = std::vector<std::int16_t>(16 * max_tokens);
  std::vector<std::uint8_t> answer = std::vector<std::uint8_t>(16 * max_tokens * 2);
  std::size_t features, tokens;

  KernelCase(std::size_t feature_count, std::size_t token_count, std::uint64_t seed)
      : features{feature_count}, tokens{token_count} {
    SeededSequence sequence{seed, "kernels"};
    for (auto& pad : pads) pad = static_cast<std::uint32_t>(sequence.below(modulus_q));
    for (auto& d : scale) d = std::exp(20 * sequence.uniform() - 10);
    for (std::size_t i = 0; i < x.size(); ++i) {  // |D·x| < q/2, often near it
      const double value = (2 * sequence.uniform() - 1) * (modulus_q / 2 - 1);
      x[i] = static_cast<float>(0.999999 * value / scale[i % tokens]);
    }
    for (auto& e : errors) e = static_cast<std::int16_t>(sequence.below(513)) - std::int16_t{256};
    for (auto& b : answer) b = static_cast<std::uint8_t>(sequence.next_u64());
  }
};

using EncryptKernel = void (*)(const EncryptGroup&);
using DecryptKernel = void (*)(const DecryptGroup&);

/// With guard bytes behind, which must survive.
std::vector<std::uint8_t> run(EncryptKernel kernel, const KernelCase& test) {
  std::vector<std::uint8_t> body(test.features * test.tokens * 3 + 64, 0xA5);
  alignas(64) std::uint32_t scratch[256];
  kernel({test.pads.data(), test.x.data(), test.tokens, test.scale.data(), test.errors.data(),
          max_tokens, body.data(), test.features, test.tokens, modulus_q, scratch});
  return body;
}

std::vector<float> run(DecryptKernel kernel, const KernelCase& test) {
  std::vector<float> y(test.features * test.tokens + 16, 7.0F);
  alignas(64) std::uint32_t scratch[256];
  kernel({test.pads.data(), test.answer.data(), test.scale.data(), y.data(), test.features,
          test.tokens, modulus_q, scratch});
  return y;
}

TEST(TileKernelsTest, PortableEncryptIsTheFormula) {
  for (const std::size_t tokens : {1U, 15U, 16U, 17U, 48U}) {
    const KernelCase test{13, tokens, tokens};
    const auto body = run(tile_kernels::portable_encrypt, test);
    for (std::size_t f = 0; f < test.features; ++f) {
      for (std::size_t t = 0; t < tokens; ++t) {
        const auto message = static_cast<std::int32_t>(
            std::nearbyint(static_cast<double>(test.x[f * tokens + t]) * test.scale[t]));
        const std::uint32_t sum =
            add_mod(test.pads[t * 16 + f],
                    add_mod(from_signed(message), from_signed(test.errors[f * max_tokens + t])));
        const std::uint8_t* const got = body.data() + (f * tokens + t) * 3;
        ASSERT_EQ(static_cast<std::uint32_t>(got[0] | got[1] << 8 | got[2] << 16),
                  switch_to_upload(sum));
      }
    }
    for (std::size_t i = 13 * tokens * 3; i < body.size(); ++i) ASSERT_EQ(body[i], 0xA5);
  }
}

TEST(TileKernelsTest, PortableDecryptIsTheFormula) {
  const KernelCase test{16, 37, 3};
  const auto y = run(tile_kernels::portable_decrypt, test);
  for (std::size_t f = 0; f < 16; ++f) {
    for (std::size_t t = 0; t < 37; ++t) {
      const std::uint8_t* const b = test.answer.data() + (f * 37 + t) * 2;
      const std::uint32_t product =
          switch_from_download(static_cast<std::uint32_t>(b[0] | b[1] << 8));
      const std::int32_t value = centre(sub_mod(product % modulus_q, test.pads[t * 16 + f]));
      ASSERT_EQ(y[f * 37 + t], static_cast<float>(value * test.scale[t]));
    }
  }
  EXPECT_EQ(y.back(), 7.0F);
}

/// Pads just below, at and above where the rounded value changes.
TEST(TileKernelsTest, UploadRoundingIsExactAtItsSteps) {
  std::vector<EncryptKernel> kernels{tile_kernels::portable_encrypt};
  if (machine_simd_level() >= SimdLevel::avx2) kernels.push_back(tile_kernels::avx2_encrypt);
  if (machine_simd_level() >= SimdLevel::avx512) kernels.push_back(tile_kernels::avx512_encrypt);
  KernelCase test{16, 48, 1};
  std::fill(test.x.begin(), test.x.end(), 0.0F);
  std::fill(test.errors.begin(), test.errors.end(), std::int16_t{0});
  SeededSequence sequence{2, "steps"};
  for (int round = 0; round < 300; ++round) {
    for (std::size_t i = 0; i < test.pads.size(); i += 4) {
      const std::uint64_t k =
          round == 0 ? (i < 384 ? i / 4 : (1U << 24) - i / 4 + 95) : sequence.below((1U << 24) - 1);
      const auto step = static_cast<std::uint32_t>(((2 * k + 1) * modulus_q) >> 25);
      for (std::uint32_t d = 0; d < 4; ++d) {
        test.pads[i + d] = (step + d + modulus_q - 1) % modulus_q;
      }
    }
    for (const EncryptKernel kernel : kernels) {
      const auto body = run(kernel, test);
      for (std::size_t i = 0; i < test.pads.size(); ++i) {
        const std::uint8_t* const got = body.data() + (i % 16 * 48 + i / 16) * 3;
        ASSERT_EQ(static_cast<std::uint32_t>(got[0] | got[1] << 8 | got[2] << 16),
                  switch_to_upload(test.pads[i]))
            << test.pads[i];
      }
    }
  }
}

void expect_equal_to_portable(SimdLevel level, EncryptKernel encrypt, DecryptKernel decrypt,
                              void (*squares)(const float*, std::size_t, double*)) {
  if (machine_simd_level() < level) GTEST_SKIP() << "this machine has no " << to_string(level);
  for (std::size_t tokens = 1; tokens <= max_tokens; ++tokens) {
    const KernelCase test{1 + tokens % 16, tokens, tokens};
    EXPECT_EQ(run(tile_kernels::portable_encrypt, test), run(encrypt, test)) << tokens;
    EXPECT_EQ(run(tile_kernels::portable_decrypt, test), run(decrypt, test)) << tokens;
    std::vector<double> a(tokens + 1, 1), b(tokens + 1, 1);
    tile_kernels::portable_squares(test.x.data(), tokens, a.data());
    squares(test.x.data(), tokens, b.data());
    EXPECT_EQ(a, b);
  }
}

TEST(TileKernelsTest, Avx2EqualsPortable) {
  expect_equal_to_portable(SimdLevel::avx2, tile_kernels::avx2_encrypt, tile_kernels::avx2_decrypt,
                           tile_kernels::avx2_squares);
}

TEST(TileKernelsTest, Avx512EqualsPortable) {
  expect_equal_to_portable(SimdLevel::avx512, tile_kernels::avx512_encrypt,
                           tile_kernels::avx512_decrypt, tile_kernels::avx512_squares);
}

}  // namespace
}  // namespace hippocrypt::crypto
