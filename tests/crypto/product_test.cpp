#include "crypto/server/product.hpp"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/cpu.hpp"
#include "crypto/server/kernel_choice.hpp"
#include "tests/crypto/product_case.hpp"

namespace hippocrypt::crypto {
namespace {

TEST(ProductTest, TheLastKernelRunsEverywhere) {
  EXPECT_EQ(product_kernels().back().missing(), nullptr);
  EXPECT_EQ(chosen_kernel().missing(), nullptr);
}

TEST(ProductTest, EveryRunnableKernelCanBePackedByName) {
  const ProductCase test{{5, 6, 2}};
  const Bytes want = test.reference();
  const std::vector<std::string> names = runnable_kernels();
  ASSERT_FALSE(names.empty());
  EXPECT_EQ(names.back(), "exact double portable");
  for (const std::string& name : names) {
    const auto packed = pack_weights_for(name, test.view());
    ASSERT_TRUE(packed);
    EXPECT_EQ(packed.value()->kernel_name(), name);
    EXPECT_EQ(packed.value()->out(), 5U);
    EXPECT_EQ(packed.value()->in(), 6U);
    EXPECT_EQ(*packed.value()->multiply(test.body, 2, 2), want);
  }
}

TEST(ProductTest, RefusesKernelsThatDoNotExistOrNeedAnotherMachine) {
  const ProductCase test{{5, 6, 2}};
  EXPECT_EQ(pack_weights_for("abacus", test.view()).error().code, Errc::unsupported);
  for (const ProductKernel& kernel : product_kernels()) {
    if (kernel.missing() == nullptr) continue;
    const auto packed = pack_weights_for(kernel.name, test.view());
    ASSERT_FALSE(packed);
    EXPECT_EQ(packed.error().code, Errc::unsupported);
    EXPECT_NE(packed.error().detail.find(kernel.missing()), std::string::npos);
  }
}

TEST(ProductTest, KeepsItsOwnCopyOfTheWeights) {
  ProductCase test{{4, 4, 2}};
  const Bytes want = test.reference();
  for (const std::string& name : runnable_kernels()) {
    ProductCase copy = test;
    const auto packed = pack_weights_for(name, copy.view());
    std::fill(copy.weights.begin(), copy.weights.end(), std::int8_t{0});
    EXPECT_EQ(*packed.value()->multiply(test.body, 2, 1), want);
  }
}

TEST(ProductTest, RefusesMinus128) {
  std::vector<std::int8_t> weights(12, 1);
  weights[11] = -128;
  const auto packed = pack_weights({weights, 3, 4});
  ASSERT_FALSE(packed);
  EXPECT_EQ(packed.error().code, Errc::out_of_range);
  EXPECT_EQ(pack_weights_for("exact double portable", {weights, 3, 4}).error().code,
            Errc::out_of_range);
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
                                     {24, 0},
                                     {24, SIZE_MAX / 4},
                                     {8, (SIZE_MAX / 12) + 1}}) {
    const auto answer = (*packed)->multiply(Bytes(size), tokens, 1);
    ASSERT_FALSE(answer) << size << ' ' << tokens;
    EXPECT_EQ(answer.error().code, Errc::malformed);
  }
  EXPECT_EQ((*packed)->multiply(Bytes(24), 2, 1, {20, 16}).error().code, Errc::malformed);
  EXPECT_TRUE((*packed)->multiply(Bytes(20), 2, 1, {20, 16}));
  EXPECT_TRUE((*packed)->multiply({}, 0, 1)->empty());
}

TEST(ProductTest, RefusesAllRequestsWhenOneHasTheWrongLength) {
  const std::vector<std::int8_t> weights(12, 1);
  const auto packed = pack_weights({weights, 3, 4});
  const Bytes good(24), bad(25);
  const std::vector<ProductInput> inputs{{good, 2}, {bad, 2}, {good, 2}};
  EXPECT_EQ((*packed)->multiply_many(inputs, {}, 1).error().code, Errc::malformed);
  EXPECT_TRUE((*packed)->multiply_many({}, {}, 1).value().empty());
}

TEST(ProductDeathTest, AnUnknownFormatIsOurMistake) {
  const std::vector<std::int8_t> weights(12, 1);
  const auto packed = pack_weights({weights, 3, 4});
  EXPECT_DEATH((void)(*packed)->multiply(Bytes(24), 2, 1, WireFormat{23, 16}), "is_known");
}

/// Ends the process: 0 when pack_weights follows the variable.
[[noreturn]] void pack_with_setting(const char* setting, const std::string& kernel) {
  setenv("HIPPOCRYPT_KERNEL", setting, 1);
  const std::vector<std::int8_t> weights(12, 1);
  std::exit(pack_weights({weights, 3, 4}).value()->kernel_name() == kernel ? 0 : 1);
}

TEST(ProductDeathTest, TheVariableNamesTheKernelOrEndsTheProcess) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");  // a new process that has read nothing yet
  for (const ProductKernel& kernel : product_kernels()) {
    if (kernel.missing() == nullptr) {
      EXPECT_EXIT(pack_with_setting(kernel.setting, kernel.name), testing::ExitedWithCode(0), "");
    } else {
      EXPECT_DEATH(pack_with_setting(kernel.setting, kernel.name), "this machine has no");
    }
  }
}

}  // namespace
}  // namespace hippocrypt::crypto
