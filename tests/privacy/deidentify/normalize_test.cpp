#include "privacy/deidentify/normalize.hpp"

#include <gtest/gtest.h>

namespace hippocrypt::privacy {
namespace {

TEST(NormalizeTest, WritesWhatLooksAlikeInOneWay) {
  EXPECT_EQ(normalize("Jos\u00E9 M\u00FCller").text, "Jose Muller");
  EXPECT_EQ(normalize("\uFF11\uFF12\uFF13").text, "123");  // full width
  EXPECT_EQ(normalize("\u0661\u0666\u0969").text, "163");  // Arabic, Devanagari
  EXPECT_EQ(normalize("555\u2013123\u00A04567").text, "555-123 4567");
  EXPECT_EQ(normalize("O\u2019Brien").text, "O'Brien");
  EXPECT_EQ(normalize("12\u200B3-4\u00AD5").text, "123-45");  // zero-width, soft hyphen
  EXPECT_EQ(normalize("\uFB01nding").text, "finding");        // ligature
  EXPECT_EQ(normalize("a\r\nb\rc").text, "a \nb\nc");
}

TEST(NormalizeTest, KeepsTheOffsetsOfTheOriginal) {
  const std::string original = "x\u00E9\uFB01\u200By\xFFz";
  const NormalizedText normalized = normalize(original);
  ASSERT_EQ(normalized.text, "xefiy?z");
  const std::vector<std::uint32_t> source{0, 1, 3, 3, 9, 10, 11, 12};
  EXPECT_EQ(normalized.source, source);
}

TEST(NormalizeTest, GrowsAtMostTwelvefold) {
  std::string longest;
  for (int i = 0; i < 1000; ++i) longest += "\uFDFA";  // 18 letters in three bytes
  EXPECT_LE(normalize(longest).text.size(), 12 * longest.size());
}

}  // namespace
}  // namespace hippocrypt::privacy
