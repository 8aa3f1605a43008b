#include "notes/utf8.hpp"

#include <gtest/gtest.h>

namespace hippocrypt::notes {
namespace {

const std::string mark = "\xEF\xBF\xBD";

void expect_repair(const std::string& bytes, const std::string& text, std::size_t replaced) {
  const Utf8Text repaired = replace_invalid_utf8(bytes);
  EXPECT_EQ(repaired.text, text);
  EXPECT_EQ(repaired.replaced, replaced);
}

TEST(ReplaceInvalidUtf8, LeavesValidTextAlone) {
  for (const std::string text :
       {"", "plain", "\xC2\x80", "\xDF\xBF", "\xE0\xA0\x80", "\xED\x9F\xBF", "\xEE\x80\x80",
        "\xEF\xBF\xBF", "\xF0\x90\x80\x80", "\xF4\x8F\xBF\xBF"}) {
    expect_repair(text, text, 0);
  }
}

TEST(ReplaceInvalidUtf8, ReplacesOverlongFormsSurrogatesAndTooLargeCodePoints) {
  expect_repair("\xC0\xAF", mark + mark, 2);
  expect_repair("\xE0\x80\xAF", mark + mark + mark, 3);
  expect_repair("\xED\xA0\x80", mark + mark + mark, 3);
  expect_repair("\xF4\x90\x80\x80", mark + mark + mark + mark, 4);
  expect_repair("\xF5", mark, 1);
  expect_repair("\x80", mark, 1);
}

TEST(ReplaceInvalidUtf8, ReplacesTruncatedSequencesByOneMark) {
  expect_repair("a\xE2\x82", "a" + mark, 1);
  expect_repair("\xE2\x82z", mark + "z", 1);
  expect_repair("\xF0\x9F\xA9z", mark + "z", 1);
}

// The example of Unicode 15, table 3-8.
TEST(ReplaceInvalidUtf8, FollowsTheStandardsExample) {
  expect_repair("\x61\xF1\x80\x80\xE1\x80\xC2\x62\x80\x63\x80\xBF\x64",
                "a" + mark + mark + mark + "b" + mark + "c" + mark + mark + "d", 6);
}

}  // namespace
}  // namespace hippocrypt::notes
