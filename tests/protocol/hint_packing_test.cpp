#include "protocol/core/hint_packing.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "crypto/core/params.hpp"

namespace hippocrypt::protocol {
namespace {

TEST(HintPackingTest, WordsComeBack) {
  SeededSequence sequence{1, "hint packing"};
  std::vector<std::uint32_t> words(4096);
  for (std::uint32_t& word : words) {
    word = static_cast<std::uint32_t>(sequence.below(crypto::modulus_q));
  }
  words[0] = words[5] = words[4095] = crypto::modulus_q - 1;
  words[1] = words[6] = 0;
  Bytes packed(packed_hint_bytes(words.size()));
  EXPECT_EQ(packed.size(), 15360U);
  pack_hints(words, packed);
  std::vector<std::uint32_t> got(words.size());
  ASSERT_TRUE(unpack_hints(packed, got));
  EXPECT_EQ(got, words);
}

TEST(HintPackingTest, WordIHasBits30ITo30IPlus30) {
  std::vector<std::uint32_t> words(16);
  for (std::size_t i = 0; i < words.size(); ++i) {
    words[i] = static_cast<std::uint32_t>(0x2a5a5a00 + 3 * i);
  }
  Bytes packed(60), wanted(60);
  for (std::size_t bit = 0; bit < 480; ++bit) {
    const std::uint32_t value = words[bit / 30] >> bit % 30 & 1U;
    wanted[bit / 8] = static_cast<std::uint8_t>(wanted[bit / 8] | value << bit % 8);
  }
  pack_hints(words, packed);
  EXPECT_EQ(packed, wanted);
}

TEST(HintPackingTest, NoWordReachesTheModulus) {
  for (std::size_t at = 0; at < 16; ++at) {
    std::vector<std::uint32_t> words(16), got(16);
    words[at] = crypto::modulus_q;
    Bytes packed(60);
    pack_hints(words, packed);
    const Status status = unpack_hints(packed, got);
    ASSERT_FALSE(status) << at;
    EXPECT_EQ(status.error().code, Errc::malformed);
    EXPECT_FALSE(check_hint_words(words));
    words[at] -= 1;
    EXPECT_TRUE(check_hint_words(words));
  }
}

}  // namespace
}  // namespace hippocrypt::protocol
