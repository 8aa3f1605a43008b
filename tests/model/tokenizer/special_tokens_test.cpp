// Special and added tokens, normal form, streams: what lies round the merging.

#include <gtest/gtest.h>

#include "model/tokenizer/normalize.hpp"
#include "model/tokenizer/stream_decoder.hpp"
#include "model/tokenizer/utf8.hpp"
#include "tests/model/tokenizer/tokenizer_fixture.hpp"

namespace hippocrypt::model {
namespace {

/// Bytes, then "<s>", "</s>", "<s>>" special and "<tool>" as a token of text.
TokenizerParts parts_with_tokens() {
  TokenizerParts parts = byte_parts();
  parts.tokens.resize(259);
  parts.specials = {{256, "<s>"}, {257, "</s>"}, {258, "<s>>"}};
  parts.tokens.emplace_back("<tool>");
  parts.added = {{259, "<tool>"}};
  parts.prefix = {256};
  parts.suffix = {257};
  return parts;
}

using Ids = std::vector<TokenId>;

TEST(SpecialTokensTest, AreParsedOnlyWhenAsked) {
  const auto tokenizer = Tokenizer::create(parts_with_tokens());
  ASSERT_TRUE(tokenizer.has_value()) << to_string(tokenizer.error());
  EXPECT_EQ(*tokenizer->encode("a<s>", {.parse_special = true}), (Ids{'a', 256}));
  EXPECT_EQ(*tokenizer->encode("a<s>"), (Ids{'a', '<', 's', '>'}));
  // The leftmost, of several there the longest.
  EXPECT_EQ(*tokenizer->encode("<<s>></s>", {.parse_special = true}), (Ids{'<', 258, 257}));
}

TEST(SpecialTokensTest, AddedTokensOfTextAreAlwaysFound) {
  const auto tokenizer = Tokenizer::create(parts_with_tokens());
  for (const bool parse : {false, true}) {
    const auto ids = tokenizer->encode("x<tool>", {.parse_special = parse});
    EXPECT_EQ(*ids, (Ids{'x', 259}));
    EXPECT_EQ(*tokenizer->decode(*ids), "x<tool>");
    EXPECT_FALSE(tokenizer->is_special(259));
  }
}

TEST(SpecialTokensTest, ArePutRoundATextWhenAsked) {
  const auto tokenizer = Tokenizer::create(parts_with_tokens());
  EXPECT_EQ(*tokenizer->encode("a", {.add_special = true}), (Ids{256, 'a', 257}));
  EXPECT_EQ(*tokenizer->encode("", {.add_special = true}), (Ids{256, 257}));
}

TEST(SpecialTokensTest, AreKeptInTextWhenAsked) {
  const auto tokenizer = Tokenizer::create(parts_with_tokens());
  const Ids ids{256, 'a', 257};
  EXPECT_EQ(*tokenizer->decode(ids), "a");
  EXPECT_EQ(*tokenizer->decode(ids, {.keep_special = true}), "<s>a</s>");
}

TEST(SpecialTokensTest, AreTextInPlainRanges) {
  const auto tokenizer = Tokenizer::create(parts_with_tokens());
  const std::string text = "<s><s><s><tool>";
  const std::vector<ByteRange> middle{{4, 5}, {9, 15}};
  const auto ids = tokenizer->encode(text, {.parse_special = true, .plain_ranges = middle});
  EXPECT_EQ(*ids, (Ids{256, '<', 's', '>', 256, 259}));
}

TEST(SpecialTokensTest, RefusesAddedTokensThatCannotBe) {
  const auto with = [](auto change) {
    TokenizerParts parts = parts_with_tokens();
    change(parts);
    return Tokenizer::create(std::move(parts));
  };
  expect_error(with([](auto& p) { p.added[0].content = "x"; }), Errc::malformed, "another text");
  expect_error(with([](auto& p) { p.added.push_back(p.added[0]); }), Errc::malformed, "twice");
  expect_error(with([](auto& p) { p.added.push_back({999, "y"}); }), Errc::malformed, "outside");
  expect_error(with([](auto& p) {
                 p.added.assign(max_special_tokens, {259, "<tool>"});
               }),
               Errc::limit_exceeded, "special tokens");
}

TEST(SpecialTokensTest, UnusedIdsStandForNothing) {
  TokenizerParts parts = byte_parts();
  parts.tokens.emplace_back();
  parts.unused = {256};
  const auto tokenizer = Tokenizer::create(std::move(parts));
  ASSERT_TRUE(tokenizer.has_value()) << to_string(tokenizer.error());
  EXPECT_EQ(*tokenizer->decode(Ids{256, 'a'}, {.keep_special = true}), "a");
}

TEST(SpecialTokensTest, BytesThatTheVocabularyLacksAreLeftOut) {
  TokenizerParts parts = byte_parts();
  parts.tokens[4] = "aa";
  const auto tokenizer = Tokenizer::create(std::move(parts));
  ASSERT_TRUE(tokenizer.has_value()) << to_string(tokenizer.error());
  EXPECT_EQ(tokenizer->missing_bytes(), std::vector<std::uint8_t>{4});
  EXPECT_EQ(*tokenizer->decode(*tokenizer->encode("a\x04z")), "az");
}

TEST(NormalizeTest, ComposesAndLeavesOtherBytesAlone) {
  EXPECT_EQ(to_nfc("cafe\u0301"), "caf\u00e9");
  EXPECT_EQ(to_nfc("\u212b\xFF\xCC"
                   "e\u0301"),
            "\u00c5\xFF\xCC\u00e9");
  EXPECT_EQ(to_nfc("\u1112\u1161\u11ab"), "\ud55c");
  for (const char* composed : {"", "ascii", "caf\u00e9", "\u4e2d\u6587", "\xFF\xCC", "\u0301x"}) {
    EXPECT_FALSE(to_nfc(composed).has_value()) << composed;
  }
  using std::string_view_literals::operator""sv;
  EXPECT_EQ(to_nfc("a\0e\u0301"sv), "a\0\u00e9"sv);
}

TEST(NormalizeTest, IsAppliedBetweenTokens) {
  TokenizerParts parts = parts_with_tokens();
  parts.normalize_nfc = true;
  const auto tokenizer = Tokenizer::create(std::move(parts));
  // Every stretch's text stays remembered while the others are read.
  const auto ids = tokenizer->encode("e\u0301 e\u0301<tool>e\u0301 e\u0301");
  EXPECT_EQ(*tokenizer->decode(*ids), "\u00e9 \u00e9<tool>\u00e9 \u00e9");
}

TEST(StreamDecoderTest, HoldsUnfinishedCharactersBack) {
  const auto tokenizer = Tokenizer::create(parts_with_tokens());
  StreamDecoder stream{*tokenizer};
  const std::vector<std::pair<TokenId, std::string>> steps{{'a', "a"},
                                                           {0xF0, ""},
                                                           {0x9F, ""},
                                                           {0x98, ""},
                                                           {0x80, "\U0001F600"},
                                                           {256, ""},
                                                           {0xC3, ""},
                                                           {'b',
                                                            "\xC3"
                                                            "b"},
                                                           {0xFF, "\xFF"},
                                                           {0xE2, ""},
                                                           {0x82, ""}};
  for (const auto& [id, text] : steps) EXPECT_EQ(*stream.add(id), text);
  EXPECT_EQ(stream.finish(), "\xE2\x82");
  EXPECT_EQ(stream.finish(), "");
  expect_error(stream.add(9999), Errc::out_of_range, "9999");
}

TEST(Utf8SuffixTest, FindsWhatMayStillBeCompleted) {
  const std::vector<std::pair<std::string, std::size_t>> cases{
      {"", 0},         {"a", 0},        {"\xC3", 1},         {"a\xE2\x82", 2}, {"\xF0\x9F\x98", 3},
      {"\u00e9", 0},   {"\xC0", 0},     {"\xF5", 0},         {"\xED\xA0", 0},  {"\xE0\x80", 0},
      {"\xF4\x90", 0}, {"\x80\x80", 0}, {"\x80\x80\x80", 0}, {"\xC3\x28", 0}};
  for (const auto& [text, size] : cases) EXPECT_EQ(unfinished_utf8_suffix(text), size) << text;
}

}  // namespace
}  // namespace hippocrypt::model
