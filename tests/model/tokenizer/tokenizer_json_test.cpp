#include "model/tokenizer/tokenizer_json.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "model/files/json.hpp"
#include "tests/model/files/file_fixture.hpp"
#include "tests/model/tokenizer/tokenizer_fixture.hpp"

namespace hippocrypt::model {
namespace {

constexpr const char* name = "tokenizer.json";

/// A small tokenizer's file, changed.
Result<Tokenizer> parse_with(const std::function<void(Json&)>& change) {
  Json json = *parse_json(render_tokenizer_json(trained_tokenizer(270)), name);
  change(json);
  return parse_tokenizer_json(json_text(json), name);
}

Result<Tokenizer> parse_with(const char* pointer, const Json& value) {
  return parse_with([&](Json& json) { json[Json::json_pointer{pointer}] = value; });
}

Json sequence(const char* members, Json list) {
  return {{"type", "Sequence"}, {members, std::move(list)}};
}

void expect_same(const Tokenizer& a, const Tokenizer& b) {
  EXPECT_EQ(a.parts().tokens, b.parts().tokens);
  EXPECT_EQ(a.parts().merges, b.parts().merges);
  ASSERT_EQ(a.parts().specials.size(), b.parts().specials.size());
  for (const auto& special : a.parts().specials) {
    EXPECT_EQ(b.special(special.content), special.id);
  }
}

TEST(TokenizerJson, ReadsBackWhatItWrites) {
  const Tokenizer tokenizer = trained_tokenizer();
  const TemporaryFolder folder;
  const auto path = folder / "deep/tokenizer.json";
  ASSERT_TRUE(write_tokenizer_json(tokenizer, path).has_value());
  const auto loaded = read_tokenizer_json(path);
  ASSERT_TRUE(loaded.has_value()) << to_string(loaded.error());
  expect_same(tokenizer, *loaded);
  EXPECT_EQ(render_tokenizer_json(*loaded), render_tokenizer_json(tokenizer));
  for (const std::string& text : sample_texts(5)) {
    EXPECT_EQ(*loaded->encode(text), *tokenizer.encode(text));
  }
}

TEST(TokenizerJson, ReadsMergesAsPairs) {
  const Tokenizer tokenizer = trained_tokenizer(270);
  const auto loaded = parse_with([](Json& json) {
    for (Json& merge : json["model"]["merges"]) {
      const std::string text = merge.get<std::string>();
      const std::size_t space = text.find(' ');
      merge = Json::array({text.substr(0, space), text.substr(space + 1)});
    }
  });
  ASSERT_TRUE(loaded.has_value()) << to_string(loaded.error());
  expect_same(tokenizer, *loaded);
}

TEST(TokenizerJson, ReadsSpecialTokensOutsideTheVocabulary) {
  const auto loaded = parse_with([](Json& json) {
    for (const auto& special : special_names()) json["model"]["vocab"].erase(special);
  });
  ASSERT_TRUE(loaded.has_value()) << to_string(loaded.error());
  expect_same(trained_tokenizer(270), *loaded);
}

TEST(TokenizerJson, ReadsAFileWithTheKeysOfGpt2) {
  // As published for GPT-2: no flags that came later, and a post-processor that adds nothing.
  const auto loaded = parse_with([](Json& json) {
    json.erase("version");
    json.erase("added_tokens");
    json["pre_tokenizer"] = {{"type", "ByteLevel"}, {"add_prefix_space", false}};
    json["post_processor"] = {{"type", "ByteLevel"}, {"trim_offsets", false}};
    for (const auto& special : special_names()) json["model"]["vocab"].erase(special);
    for (auto& [spelling, id] : json["model"]["vocab"].items()) id = id.get<int>() - 3;
    json["model"].erase("ignore_merges");
    json["model"]["continuing_subword_prefix"] = "";
  });
  ASSERT_TRUE(loaded.has_value()) << to_string(loaded.error());
  EXPECT_EQ(loaded->vocab_size(), 267u);
}

TEST(TokenizerJson, NamesWhatIsUnsupported) {
  const std::vector<std::tuple<const char*, Json, const char*>> cases{
      {"/model/type", "Unigram", "model Unigram"},
      {"/normalizer", {{"type", "NFKC"}}, "normalizer NFKC"},
      {"/normalizer", sequence("normalizers", {{{"type", "NFC"}}, {{"type", "Lowercase"}}}),
       "Lowercase"},
      {"/pre_tokenizer/type", "Metaspace", "pre_tokenizer Metaspace"},
      {"/pre_tokenizer", nullptr, "without a pre_tokenizer"},
      {"/pre_tokenizer/add_prefix_space", true, "add_prefix_space"},
      {"/pre_tokenizer/use_regex", false, "use_regex"},
      {"/decoder/type", "Fuse", "decoder Fuse"},
      {"/decoder", nullptr, "without a decoder"},
      {"/post_processor", {{"type", "BertProcessing"}}, "post_processor BertProcessing"},
      {"/model/dropout", 0.1, "dropout"},
      {"/model/continuing_subword_prefix", "##", "continuing_subword_prefix"},
      {"/model/end_of_word_suffix", "</w>", "end_of_word_suffix"},
      {"/model/byte_fallback", true, "byte_fallback without Metaspace"},
      {"/added_tokens/0/lstrip", true, "lstrip of the added token <|bos|>"},
      {"/added_tokens/0/rstrip", true, "rstrip"},
      {"/added_tokens/0/single_word", true, "single_word"},
  };
  for (const auto& [pointer, value, phrase] : cases) {
    expect_error(parse_with(pointer, value), Errc::unsupported, phrase);
  }
}

TEST(TokenizerJson, RefusesMalformedFiles) {
  const std::vector<std::tuple<const char*, Json, const char*>> cases{
      {"/model", 3, "model"},
      {"/model/vocab", 3, "vocab"},
      {"/model/vocab/!", "x", "id below"},
      {"/model/vocab/!", -1, "id below"},
      {"/model/vocab/!", max_vocab_size, "id below"},
      {"/model/vocab/!", {{"a", 1}}, "id below"},
      {"/model/vocab/!", 4, "comes twice"},
      {"/model/vocab/!", 5000, "has no token"},
      {"/model/vocab/new token", 270, "byte alphabet"},
      {"/model/vocab/", 270, "without text"},
      {"/model/vocab/<|bos|>", 270, "two ids"},
      {"/model/merges", "a b", "a list"},
      {"/model/merges/0", 3, "merges"},
      {"/model/merges/0", "ab", "merges"},
      {"/model/merges/0", "a b c", "merges"},
      {"/model/merges/0", {"a", "b", "c"}, "merges"},
      {"/model/merges/0", {"a", 3}, "merges"},
      {"/model/merges/0", "q zzzz", "unknown part 'zzzz'"},
      {"/model/merges/0", {"zzzz", "q"}, "unknown part 'zzzz'"},
      {"/model/merges/0", "q z", "which is no token"},
      {"/model/merges/0", "<|bos|> a", "no token of text"},
      {"/model/ignore_merges", "no", "ignore_merges"},
      {"/added_tokens", 3, "added_tokens"},
      {"/added_tokens/0", 3, "added_tokens"},
      {"/added_tokens/0/id", max_vocab_size, "id below"},
      {"/added_tokens/0/id", "x", "id"},
      {"/added_tokens/0/content", nullptr, "content"},
      {"/normalizer", {{"kind", "NFC"}}, "type"},
  };
  for (const auto& [pointer, value, phrase] : cases) {
    expect_error(parse_with(pointer, value), Errc::malformed, phrase);
  }
  expect_error(parse_with([](Json& json) { json["model"].erase("merges"); }), Errc::malformed,
               "merges is missing");
  for (const char* text : {"", "{", "[]", "\xFF"}) {
    expect_error(parse_tokenizer_json(text, name), Errc::malformed, name);
  }
}

TEST(TokenizerJson, RefusesWhatIsAboveTheLimits) {
  const std::string large(max_tokenizer_json_bytes + 1, ' ');
  expect_error(parse_tokenizer_json(large, name), Errc::limit_exceeded, "at most");
  expect_error(parse_tokenizer_json(std::string(100, '['), name), Errc::limit_exceeded, "nested");
  const std::string token(max_token_bytes + 1, 'a');
  expect_error(parse_with([&](Json& json) { json["model"]["vocab"][token] = 270; }),
               Errc::limit_exceeded, "a token of");
  std::string merges = R"({"model":{"vocab":{"a":0,"aa":1},"merges":["a a")";
  for (std::size_t i = 0; i < max_merges; ++i) merges += ",\"a a\"";
  expect_error(parse_tokenizer_json(merges + "]}}", name), Errc::limit_exceeded, "524288 merges");
  std::string values = R"({"added_tokens":[0)";
  for (std::size_t i = 0; i < std::size_t{1} << 17; ++i) values += ",0";
  expect_error(parse_tokenizer_json(values + "]}", name), Errc::limit_exceeded, "131072 values");
  const std::string long_text = R"({"x":")" + std::string(max_json_scalar_bytes + 1, 'a') + "\"}";
  expect_error(parse_tokenizer_json(long_text, name), Errc::limit_exceeded, "a string or number");
}

TEST(TokenizerJson, SurvivesTruncationAndMutation) {
  const std::string whole = render_tokenizer_json(trained_tokenizer(262));
  SeededSequence random{37, "tokenizer.json mutations"};
  for (int round = 0; round < 300; ++round) {
    std::string text = whole;
    if (round % 3 == 0) text.resize(random.below(text.size()));
    for (std::size_t i = round % 3 == 0 ? 0 : 1 + random.below(3); i > 0; --i) {
      text[random.below(text.size())] = static_cast<char>(random.below(256));
    }
    const auto tokenizer = parse_tokenizer_json(text, name);
    if (round % 3 == 0 && text.size() + 1 < whole.size()) {
      EXPECT_FALSE(tokenizer.has_value());
    }
    if (tokenizer.has_value()) {
      EXPECT_EQ(*tokenizer->decode(*tokenizer->encode("the one")), "the one");
    }
  }
}

TEST(TokenizerJson, SaysWhyAPathCannotBeReadOrWritten) {
  const TemporaryFolder folder;
  expect_error(read_tokenizer_json(folder / "no"), Errc::not_found, "no");
  expect_error(read_tokenizer_json(folder.path()), Errc::io, "folder");
  write_text(folder / "file", "x");
  HIPPOCRYPT_EXPECT_ERROR(write_tokenizer_json(trained_tokenizer(270), folder / "file" / "x"),
                          Errc::io, "file");
}

}  // namespace
}  // namespace hippocrypt::model
