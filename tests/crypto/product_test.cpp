#include "crypto/server/product.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "crypto/server/kernel_choice.hpp"

namespace hippocrypt::crypto {
namespace {

struct ProductCase {
  std::vector<std::int8_t> weights;
  Bytes body;
  std::size_t out, in, tokens;

  ProductCase(std::size_t out_count, std::size_t in_count, std::size_t token_count, bool extreme)
      : weights(out_count * in_count),
        body(in_count * token_count * 3),
        out{out_count},
        in{in_count},
        tokens{token_count} {
    SeededSequence sequence{out * 1000003 + in * 1009 + tokens, "product"};
    for (auto& w : weights) {
      const auto value = static_cast<int>(sequence.below(255)) - 127;
      w = static_cast<std::int8_t>(extreme ? (value < 100 ? 127 : -127) : value);
    }
    for (auto& b : body)
      b = extreme ? std::uint8_t{255} : static_cast<std::uint8_t>(sequence.next_u64());
  }
  Int8MatrixView view() const { return {weights, out, in}; }

  Bytes reference() const {
    Bytes answer;
    for (std::size_t i = 0; i < out; ++i) {
      for (std::size_t t = 0; t < tokens; ++t) {
        std::int64_t sum = 0;
        for (std::size_t j = 0; j < in; ++j) {
          const std::uint8_t* const b = body.data() + (j * tokens + t) * 3;
          sum += std::int64_t{weights[i * in + j]} * (b[0] | b[1] << 8 | b[2] << 16);
        }
        const auto low = static_cast<std::uint32_t>(sum & 0xFFFFFF);
        const std::uint32_t rounded = ((low + 128) >> 8) & 0xFFFF;
        answer.push_back(static_cast<std::uint8_t>(rounded));
        answer.push_back(static_cast<std::uint8_t>(rounded >> 8));
      }
    }
    return answer;
  }
};

TEST(ProductTest, EveryKernelEqualsTheScalarReferenceWithAnyThreads) {
  for (const bool extreme : {false, true}) {
    for (const auto& [out, in, tokens] : {std::array<std::size_t, 3>{1, 1, 1},
                                          {3, 5, 7},
                                          {130, 17, 33},
                                          {1, 2500, 2},
                                          {2100, 9, 3},
                                          {37, 1030, 19},
                                          {16, 48, 600},
                                          {200, 64, 1}}) {
      const ProductCase test{out, in, tokens, extreme};
      const Bytes want = test.reference();
      for (const ProductKernel& kernel : product_kernels()) {
        if (!kernel.available()) continue;
        const auto packed = kernel.pack(test.view());
        EXPECT_EQ(packed->out(), out);
        EXPECT_EQ(packed->in(), in);
        EXPECT_STREQ(packed->kernel_name(), kernel.name);
        for (const int threads : {0, 1, 2, 3, 8}) {
          const auto answer = packed->multiply(test.body, tokens, threads);
          ASSERT_TRUE(answer);
          ASSERT_EQ(*answer, want) << kernel.name << ' ' << out << 'x' << in << 'x' << tokens;
        }
      }
    }
  }
}

TEST(ProductTest, TheLastKernelRunsEverywhere) {
  EXPECT_TRUE(product_kernels().back().available());
  EXPECT_TRUE(fastest_kernel().available());
}

TEST(ProductTest, KeepsItsOwnCopyOfTheWeights) {
  ProductCase test{4, 4, 2, false};
  const auto packed = pack_weights(test.view());
  const Bytes want = test.reference();
  std::fill(test.weights.begin(), test.weights.end(), std::int8_t{0});
  EXPECT_EQ(*(*packed)->multiply(test.body, 2, 1), want);
}

TEST(ProductTest, RefusesMinus128) {
  std::vector<std::int8_t> weights(12, 1);
  weights[11] = -128;
  const auto packed = pack_weights({weights, 3, 4});
  ASSERT_FALSE(packed);
  EXPECT_EQ(packed.error().code, Errc::out_of_range);
}

TEST(ProductTest, RefusesEmptyAndTooWideMatrices) {
  for (const auto& [out, in] :
       {std::pair<std::size_t, std::size_t>{0, 0}, {0, 3}, {3, 0}, {1, (1U << 22) + 1}}) {
    const std::vector<std::int8_t> weights(out * in, 1);
    const auto packed = pack_weights({weights, out, in});
    ASSERT_FALSE(packed);
    EXPECT_EQ(packed.error().code, Errc::out_of_range);
  }
}

TEST(ProductTest, RefusesBodiesOfTheWrongLength) {
  const std::vector<std::int8_t> weights(12, 1);
  const auto packed = pack_weights({weights, 3, 4});
  for (const auto& [size, tokens] : {std::pair<std::size_t, std::size_t>{0, 1},
                                     {23, 2},
                                     {25, 2},
                                     {12, 2},
                                     {24, 1},
                                     {24, SIZE_MAX / 4},
                                     {8, (SIZE_MAX / 12) + 1}}) {
    const auto answer = (*packed)->multiply(Bytes(size), tokens, 1);
    ASSERT_FALSE(answer) << size << ' ' << tokens;
    EXPECT_EQ(answer.error().code, Errc::malformed);
  }
  EXPECT_TRUE((*packed)->multiply({}, 0, 1)->empty());
}

}  // namespace
}  // namespace hippocrypt::crypto
