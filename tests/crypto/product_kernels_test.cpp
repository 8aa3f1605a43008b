// Every product kernel, and the scalar emulation of each integer kernel, against the plain sum.

#include <gtest/gtest.h>

#include <ostream>

#include <array>

#include "base/cpu.hpp"
#include "crypto/server/kernel_choice.hpp"
#include "crypto/server/limb_weights.hpp"
#include "tests/crypto/product_case.hpp"

namespace hippocrypt::crypto {
namespace {

/// A kernel of the product, or an emulated one.
struct TestedKernel {
  std::string name;
  const char* missing;
  std::unique_ptr<PackedWeights> (*pack)(Int8MatrixView weights);
};

void PrintTo(const TestedKernel& kernel, std::ostream* out) { *out << kernel.name; }

template <const LimbKernel& kernel>
TestedKernel emulated() {
  return {kernel.name, nullptr,
          [](Int8MatrixView weights) { return pack_limb_weights(kernel, weights); }};
}

std::vector<TestedKernel> tested_kernels() {
  std::vector<TestedKernel> kernels;
  for (const ProductKernel& kernel : product_kernels()) {
    kernels.push_back({kernel.name, kernel.missing(), kernel.pack});
  }
  kernels.push_back(emulated<emulated_amx_kernel>());
  kernels.push_back(emulated<emulated_avx512_vnni_kernel>());
  kernels.push_back(emulated<emulated_avx_vnni_kernel>());
  return kernels;
}

class ProductKernelTest : public testing::TestWithParam<TestedKernel> {
 protected:
  void SetUp() override {
    if (GetParam().missing != nullptr) {
      GTEST_SKIP() << "this machine has no " << GetParam().missing << " for " << GetParam().name;
    }
  }
  void expect_reference(const ProductShape& shape, bool extreme, WireFormat format,
                        std::initializer_list<int> thread_counts) const {
    const ProductCase test{shape, extreme, format};
    const Bytes want = test.reference();
    const auto packed = GetParam().pack(test.view());
    for (const int threads : thread_counts) {
      const auto answer = packed->multiply(test.body, test.tokens, threads, format);
      ASSERT_TRUE(answer);
      ASSERT_EQ(*answer, want) << shape.out << 'x' << shape.in << 'x' << shape.tokens
                               << (extreme ? " extreme, " : ", ") << threads << " threads, "
                               << format.upload_bits << " to " << format.download_bits << " bits";
    }
  }
};

TEST_P(ProductKernelTest, EqualsThePlainSumForAllShapesFormatsAndThreads) {
  for (const bool extreme : {false, true}) {
    for (const WireFormat format : all_formats) {
      for (const ProductShape& shape : std::vector<ProductShape>{{1, 1, 1},
                                                                 {3, 5, 7},
                                                                 {8, 4, 16},
                                                                 {32, 64, 16},
                                                                 {33, 65, 17},
                                                                 {37, 130, 19},
                                                                 {16, 48, 200},
                                                                 {100, 64, 1}}) {
        expect_reference(shape, extreme, format, {0, 1, 2, 3, 8});
      }
    }
  }
}

TEST_P(ProductKernelTest, EqualsThePlainSumForRandomShapes) {
  SeededSequence sequence{7, "shapes"};
  for (int i = 0; i < 25; ++i) {
    const ProductShape shape{1 + sequence.below(90), 1 + sequence.below(200),
                             1 + sequence.below(90)};
    expect_reference(shape, false, all_formats[i % 4], {1 + i % 3});
  }
}

TEST_P(ProductKernelTest, EqualsThePlainSumForManyOutputsAndManyTokens) {
  expect_reference({2100, 9, 3}, false, {}, {2});
  expect_reference({5, 6, 1100}, false, {20, 12}, {2});
}

TEST_P(ProductKernelTest, EqualsThePlainSumWhereSumsOf32BitsWrap) {
  // 152,064·127·255 is more than 2^32; the inputs are summed in several blocks.
  for (const bool extreme : {false, true}) {
    expect_reference({3, 152064, 2}, extreme, {}, {1, 2});
    expect_reference({2, 152063, 1}, extreme, {20, 12}, {2});
    expect_reference({9, 13000, 20}, extreme, {}, {2});
  }
}

TEST_P(ProductKernelTest, AnswersManyRequestsLikeEachAlone) {
  constexpr std::size_t out = 35, in = 70;
  const ProductCase weights{{out, in, 1}};
  const auto packed = GetParam().pack(weights.view());
  for (const WireFormat format : all_formats) {
    std::vector<ProductCase> cases;
    for (const std::size_t tokens :
         std::array<std::size_t, 13>{1, 0, 3, 16, 2, 100, 0, 7, 33, 1, 1, 255, 1}) {
      cases.emplace_back(ProductShape{out, in, tokens}, false, format);
    }
    std::vector<ProductInput> inputs;
    for (const ProductCase& one : cases) inputs.push_back({one.body, one.tokens});
    for (const int threads : {1, 2, 8}) {
      const auto answers = packed->multiply_many(inputs, format, threads);
      ASSERT_TRUE(answers);
      ASSERT_EQ(answers.value().size(), inputs.size());
      for (std::size_t i = 0; i < inputs.size(); ++i) {
        const auto alone = packed->multiply(inputs[i].body, inputs[i].tokens, 1, format);
        ASSERT_EQ(answers.value()[i], *alone) << i;
      }
    }
  }
}

TEST_P(ProductKernelTest, IgnoresTheUnusedHalfByteOfARow) {
  const WireFormat format{20, 12};
  ProductCase test{{9, 12, 3}, false, format};
  const Bytes want = test.reference();
  const std::size_t stride = row_bytes(20, 3);
  for (std::size_t j = 0; j < 12; ++j) test.body[j * stride + stride - 1] ^= 0xF0;
  EXPECT_EQ(*GetParam().pack(test.view())->multiply(test.body, 3, 2, format), want);
}

TEST_P(ProductKernelTest, TakesAtMost13TenthsOfAByteAWeight) {
  for (const auto& [out, in] : {std::pair<std::size_t, std::size_t>{576, 576}, {577, 601}}) {
    const std::vector<std::int8_t> weights(out * in, 1);
    const auto packed = GetParam().pack({weights, out, in});
    EXPECT_GE(packed->memory_bytes(), out * in);
    EXPECT_LE(packed->memory_bytes() * 10, out * in * 13);
  }
}

INSTANTIATE_TEST_SUITE_P(Product, ProductKernelTest, testing::ValuesIn(tested_kernels()),
                         [](const auto& instance) {
                           std::string name = instance.param.name;
                           std::erase_if(name, [](char c) { return c == '(' || c == ')'; });
                           std::replace(name.begin(), name.end(), ' ', '_');
                           return name;
                         });

/// The vectorised packing and rounding of an integer kernel, which need less than its products.
void expect_packing_of(const LimbKernel& kernel, const LimbKernel& emulation) {
  constexpr std::size_t quads = 5;
  ASSERT_EQ(kernel.tile_tokens, emulation.tile_tokens);
  const std::size_t limb_bytes = quads * quad_inputs * limb_count * kernel.tile_tokens;
  SeededSequence sequence{11, "packing"};
  for (const unsigned bits : {24U, 20U}) {
    // Exactly as long as what may be read, for the address sanitizer.
    Bytes rows(quads * quad_inputs * row_bytes(bits, kernel.tile_tokens));
    for (auto& b : rows) b = static_cast<std::uint8_t>(sequence.next_u64());
    Bytes got(limb_bytes), want(limb_bytes);
    const std::size_t stride = row_bytes(bits, kernel.tile_tokens);
    kernel.pack_limbs(bits, rows.data(), stride, quads, got.data());
    emulation.pack_limbs(bits, rows.data(), stride, quads, want.data());
    EXPECT_EQ(got, want) << bits;
  }
  std::vector<std::uint32_t> sums(3 * kernel.tile_tokens);
  for (auto& sum : sums) sum = static_cast<std::uint32_t>(sequence.next_u64()) | 0xFFF000;
  sums[0] = 0xFFFFFFFF;
  for (const unsigned bits : {16U, 12U}) {
    const std::size_t stride = row_bytes(bits, kernel.tile_tokens);
    Bytes got(3 * stride), want(3 * stride);
    kernel.round_rows(bits, sums.data(), 3, got.data(), stride);
    emulation.round_rows(bits, sums.data(), 3, want.data(), stride);
    EXPECT_EQ(got, want) << bits;
  }
}

TEST(LimbKernelTest, PacksAndRoundsLikeItsEmulationWithAvx2) {
  if (const char* missing = missing_feature(SimdLevel::avx2)) GTEST_SKIP() << "no " << missing;
  expect_packing_of(avx_vnni_kernel, emulated_avx_vnni_kernel);
}

TEST(LimbKernelTest, PacksAndRoundsLikeItsEmulationWithAvx512) {
  if (const char* missing = missing_feature(SimdLevel::avx512)) GTEST_SKIP() << "no " << missing;
  expect_packing_of(avx512_vnni_kernel, emulated_avx512_vnni_kernel);
  expect_packing_of(amx_kernel, emulated_amx_kernel);
}

TEST(LimbKernelTest, EmulationTilesLikeTheKernel) {
  for (const auto& [kernel, emulation] : {std::pair{&amx_kernel, &emulated_amx_kernel},
                                          {&avx512_vnni_kernel, &emulated_avx512_vnni_kernel},
                                          {&avx_vnni_kernel, &emulated_avx_vnni_kernel}}) {
    EXPECT_EQ(kernel->tile_rows, emulation->tile_rows);
    EXPECT_EQ(kernel->tile_tokens, emulation->tile_tokens);
    EXPECT_EQ(kernel->weight_inputs, emulation->weight_inputs);
  }
}

}  // namespace
}  // namespace hippocrypt::crypto
