#include "privacy/token_cipher/key_stream.hpp"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace hippocrypt::privacy {
namespace {

constexpr std::array<std::uint8_t, cipher_key_bytes> key{1, 2, 3, 4};

TEST(KeyStreamTest, SameKeyAndPurposeGiveTheSameNumbers) {
  KeyStream one{key, "test"};
  KeyStream same{key, "test"};
  KeyStream other_purpose{key, "tests"};
  auto other_key = key;
  other_key[31] ^= 1;
  KeyStream with_other_key{other_key, "test"};
  for (int i = 0; i < 2000; ++i) {  // several blocks
    const std::uint64_t word = one.next_u64();
    ASSERT_EQ(word, same.next_u64());
    ASSERT_NE(word, other_purpose.next_u64());
    ASSERT_NE(word, with_other_key.next_u64());
  }
}

// Computed by `openssl enc -chacha20` over zeros, with the key SHA-256(len, "token cipher", len,
// 0..31) and the counter block 0: key files of today must mean the same tomorrow.
TEST(KeyStreamTest, TheStreamNeverChanges) {
  std::array<std::uint8_t, cipher_key_bytes> counting{};
  for (std::size_t i = 0; i < counting.size(); ++i) counting[i] = static_cast<std::uint8_t>(i);
  KeyStream stream{counting, "token cipher"};
  EXPECT_EQ(stream.next_u64(), 0x8462ce03580fd493U);
  EXPECT_EQ(stream.next_u64(), 0xf035d64a853f5c3aU);
}

TEST(KeyStreamTest, BelowIsUniform) {
  KeyStream stream{key, "uniform"};
  // 3 * 2^62 is where taking a remainder without rejection would be worst: the lowest third of the
  // numbers would come twice as often. Standard error of each third: 0.0027.
  constexpr std::uint64_t bound = std::uint64_t{3} << 62;
  std::array<int, 3> thirds{};
  constexpr int draws = 30'000;
  for (int i = 0; i < draws; ++i) ++thirds.at(stream.below(bound) >> 62);
  for (const int count : thirds) EXPECT_NEAR(count / static_cast<double>(draws), 1.0 / 3, 0.014);
  for (int i = 0; i < 100; ++i) EXPECT_EQ(stream.below(1), 0U);
}

}  // namespace
}  // namespace hippocrypt::privacy
