#include "crypto/core/wire_format.hpp"

#include <gtest/gtest.h>

#include <vector>

#include "base/bytes.hpp"
#include "base/random.hpp"

namespace hippocrypt::crypto {
namespace {

TEST(WireFormatTest, RowsOfAnyLengthComeBackAndNothingElseIsWritten) {
  SeededSequence sequence{1, "wire"};
  for (const unsigned bits : {12U, 16U, 20U, 24U}) {
    for (std::size_t tokens = 0; tokens < 40; ++tokens) {
      std::vector<std::uint32_t> values(tokens), back(tokens + 1, 7);
      for (auto& value : values) value = static_cast<std::uint32_t>(sequence.next_u64());
      Bytes row(row_bytes(bits, tokens) + 1, 0xA5);
      pack_row(bits, values.data(), tokens, row.data());
      EXPECT_EQ(row.back(), 0xA5) << bits << ' ' << tokens;
      unpack_row(bits, row.data(), tokens, back.data());
      for (std::size_t t = 0; t < tokens; ++t) {
        ASSERT_EQ(back[t], values[t] & ((1U << bits) - 1)) << bits << ' ' << t;
      }
      EXPECT_EQ(back.back(), 7U);
    }
  }
}

TEST(WireFormatTest, BytesAreThoseOfTheLittleEndianBitString) {
  const std::uint32_t values[] = {0xABCDE, 0x12345, 0x6789F};
  Bytes row(row_bytes(20, 3));
  pack_row(20, values, 3, row.data());
  EXPECT_EQ(row, (Bytes{0xDE, 0xBC, 0x5A, 0x34, 0x12, 0x9F, 0x78, 0x06}));
  row.resize(row_bytes(12, 3));
  pack_row(12, values, 3, row.data());
  EXPECT_EQ(row, (Bytes{0xDE, 0x5C, 0x34, 0x9F, 0x08}));
}

TEST(WireFormatTest, RowsTakeWholeBytes) {
  EXPECT_EQ(row_bytes(24, 2048), 6144U);
  EXPECT_EQ(row_bytes(20, 2048), 5120U);
  EXPECT_EQ(row_bytes(20, 1), 3U);
  EXPECT_EQ(row_bytes(12, 3), 5U);
}

TEST(WireFormatDeathTest, OtherWidthsAreOurOwnMistake) {
  std::uint32_t value = 0;
  std::uint8_t row[4] = {};
  EXPECT_DEATH(pack_row(8, &value, 1, row), "wire format");
  EXPECT_DEATH(unpack_row(32, row, 1, &value), "wire format");
  EXPECT_FALSE((WireFormat{16, 16}.is_known()));
  EXPECT_FALSE((WireFormat{24, 8}.is_known()));
  EXPECT_TRUE((WireFormat{20, 12}.is_known()));
}

}  // namespace
}  // namespace hippocrypt::crypto
