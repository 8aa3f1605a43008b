#define PCRE2_CODE_UNIT_WIDTH 8
#include "model/tokenizer/pretokenizer.hpp"

#include <gtest/gtest.h>
#include <pcre2.h>

#include <string>

#include "base/random.hpp"
#include "model/tokenizer/utf8.hpp"
#include "tests/model/tokenizer/tokenizer_fixture.hpp"

namespace hippocrypt::model {
namespace {

using Words = std::vector<std::string_view>;

TEST(Pretokenizer, DividesAsGpt2Does) {
  const Pretokenizer split;
  EXPECT_EQ(*split.words(""), Words{});
  EXPECT_EQ(*split.words("Hello world"), (Words{"Hello", " world"}));
  EXPECT_EQ(*split.words("they're  not 12.5%!"),
            (Words{"they", "'re", " ", " not", " 12", ".", "5", "%!"}));
  EXPECT_EQ(*split.words("IT'S it's"), (Words{"IT", "'", "S", " it", "'s"}));
  EXPECT_EQ(*split.words("a\n\n b  "), (Words{"a", "\n\n", " b", "  "}));
  EXPECT_EQ(*split.words("x\t\ty"), (Words{"x", "\t", "\t", "y"}));
  EXPECT_EQ(*split.words("\u4e2d\u6587\u00b2 \u0663"),
            (Words{"\u4e2d\u6587", "\u00b2", " \u0663"}));
}

TEST(Pretokenizer, TakesUnicodesWhiteSpace) {
  const Pretokenizer split;
  for (const char* space : {"\u0085", "\u00a0", "\u1680", "\u2003", "\u2028", "\u202f", "\u3000"}) {
    const std::string text = std::string{"a"} + space + "b";
    EXPECT_EQ(*split.words(text), (Words{"a", space, "b"}));
  }
  // No white space since Unicode 6.3, though PCRE2's \s has it.
  EXPECT_EQ(*split.words("a \u180e!"), (Words{"a", " \u180e!"}));
}

TEST(Pretokenizer, GivesBytesThatAreNotUtf8WordsOfTheirOwn) {
  const Pretokenizer split;
  EXPECT_EQ(*split.words("ab\xFF\xFE cd"), (Words{"ab", "\xFF\xFE", " cd"}));
  EXPECT_EQ(*split.words("\x80"), (Words{"\x80"}));
  EXPECT_EQ(*split.words("caf\xC3"), (Words{"caf", "\xC3"}));
  EXPECT_EQ(*split.words("  \xED\xA0\x80x"), (Words{"  ", "\xED\xA0\x80", "x"}));
}

TEST(Pretokenizer, WordsJoinUpToTheText) {
  const Pretokenizer split;
  SeededSequence random{29, "joins"};
  for (int round = 0; round < 300; ++round) {
    std::string text;
    for (std::size_t i = random.below(80); i > 0; --i) {
      text += static_cast<char>(random.below(2) == 0 ? random.below(256) : 32 + random.below(3));
    }
    const auto words = split.words(text);
    ASSERT_TRUE(words.has_value());
    std::string joined;
    for (const auto word : *words) {
      EXPECT_FALSE(word.empty());
      joined += word;
    }
    ASSERT_EQ(joined, text);
  }
}

TEST(Pretokenizer, StopsAtItsLimits) {
  const Pretokenizer split{SplitPattern::gpt2, {.steps = 1, .depth = 1}};
  expect_error(split.words("white  \u3000 space"), Errc::limit_exceeded, "shorten the text");
  EXPECT_TRUE(split.words("white   space").has_value());  // ASCII needs no pattern
}

/// PCRE2's own check, as an independent opinion.
bool pcre2_says_valid(const std::string& text) {
  int code = 0;
  PCRE2_SIZE where = 0;
  pcre2_code* pattern =
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>("x"), 1, PCRE2_UTF, &code, &where, nullptr);
  pcre2_match_data* data = pcre2_match_data_create(1, nullptr);
  const int result = pcre2_match(pattern, reinterpret_cast<PCRE2_SPTR>(text.data()), text.size(), 0,
                                 0, data, nullptr);
  pcre2_match_data_free(data);
  pcre2_code_free(pattern);
  return result >= PCRE2_ERROR_PARTIAL;
}

TEST(Utf8, AgreesWithPcre2OnRandomBytes) {
  // Bytes at the borders of the ranges, where mistakes would be.
  using std::string_view_literals::operator""sv;
  const std::string_view borders =
      "\x00\x7F\x80\x8F\x90\x9F\xA0\xBF\xC0\xC1\xC2\xDF\xE0\xE1\xEC\xED\xEE\xEF\xF0\xF1\xF3\xF4"
      "\xF5\xFF"sv;
  SeededSequence random{31, "utf8"};
  std::size_t valid = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (std::size_t i = random.below(5); i > 0; --i) {
      text += random.below(4) == 0 ? static_cast<char>(random.below(256))
                                   : borders[random.below(borders.size())];
    }
    const bool ours = valid_utf8_prefix(text) == text.size();
    ASSERT_EQ(ours, pcre2_says_valid(text));
    valid += ours ? 1 : 0;
  }
  EXPECT_GT(valid, 1000u);
}

TEST(Utf8, MeasuresSequences) {
  EXPECT_EQ(utf8_sequence_size(""), 0u);
  EXPECT_EQ(utf8_sequence_size("a"), 1u);
  EXPECT_EQ(utf8_sequence_size("\u00e9x"), 2u);
  EXPECT_EQ(utf8_sequence_size("\u4e2d"), 3u);
  EXPECT_EQ(utf8_sequence_size("\U0010FFFF"), 4u);
  EXPECT_EQ(valid_utf8_prefix("ab\xC3"), 2u);
}

}  // namespace
}  // namespace hippocrypt::model
