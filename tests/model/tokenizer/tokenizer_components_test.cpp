#include "model/tokenizer/tokenizer_components.hpp"

#include <gtest/gtest.h>

#include "tests/model/tokenizer/tokenizer_fixture.hpp"

namespace hippocrypt::model {
namespace {

const Json byte_level = {{"type", "ByteLevel"}, {"add_prefix_space", false}};
const Json byte_level_alone = {
    {"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", false}};

Json sequence(const char* members, Json list) {
  return {{"type", "Sequence"}, {members, std::move(list)}};
}

Json split(std::string_view regex, const char* behavior = "Isolated", bool invert = false) {
  return {{"type", "Split"},
          {"pattern", {{"Regex", regex}}},
          {"behavior", behavior},
          {"invert", invert}};
}

Json byte_level_file() {
  return {{"model", {{"type", "BPE"}}}, {"pre_tokenizer", byte_level}, {"decoder", byte_level}};
}

Json replace(const char* from, const char* to) {
  return {{"type", "Replace"}, {"pattern", {{"String", from}}}, {"content", to}};
}

Json decoder(bool strips) {
  Json steps = {replace("\u2581", " "), {{"type", "ByteFallback"}}, {{"type", "Fuse"}}};
  if (strips) {
    steps.push_back({{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}});
  }
  return sequence("decoders", steps);
}

Json sentencepiece_file() {
  return {{"model", {{"type", "BPE"}, {"byte_fallback", true}}},
          {"normalizer", sequence("normalizers", {{{"type", "Prepend"}, {"prepend", "\u2581"}},
                                                  replace(" ", "\u2581")})},
          {"decoder", decoder(true)}};
}

Json metaspace(const char* scheme) {
  return {{"type", "Metaspace"},
          {"replacement", "\u2581"},
          {"prepend_scheme", scheme},
          {"split", false}};
}

/// What the file's components say, after a change.
Result<TokenizerParts> read(Json file, const char* pointer = "", const Json& value = {}) {
  if (*pointer != '\0') file[Json::json_pointer{pointer}] = value;
  const Json read_back = Json::parse(file.dump());  // numbers as a file has them
  HIPPOCRYPT_TRY(const JsonObject root, JsonObject::of(read_back, "file"));
  TokenizerParts parts;
  HIPPOCRYPT_TRY_VOID(read_components(root, parts));
  return parts;
}

TEST(TokenizerComponentsTest, ReadsThePublishedPreTokenizers) {
  const auto split_of = [](const Json& steps) {
    const auto parts = read(byte_level_file(), "/pre_tokenizer", sequence("pretokenizers", steps));
    HIPPOCRYPT_CHECK(parts.has_value(), to_string(parts.error()));
    return parts->split;
  };
  for (const auto known : {SplitPattern::gpt2, SplitPattern::llama3, SplitPattern::qwen2}) {
    const auto regex = published_regex(known);
    EXPECT_EQ(split_of({split(regex), byte_level_alone}), known);
    EXPECT_EQ(split_of({split(regex, "Removed", true), byte_level_alone}), known);
  }
  EXPECT_EQ(split_of({{{"type", "Digits"}, {"individual_digits", true}}, byte_level}),
            SplitPattern::smollm);
  EXPECT_EQ(split_of(Json::array({byte_level})), SplitPattern::gpt2);
}

TEST(TokenizerComponentsTest, ReadsNormalizersAndFlags) {
  EXPECT_FALSE(read(byte_level_file())->normalize_nfc);
  EXPECT_TRUE(read(byte_level_file(), "/normalizer", {{"type", "NFC"}})->normalize_nfc);
  const Json list = sequence("normalizers", Json::array({{{"type", "NFC"}}}));
  EXPECT_TRUE(read(byte_level_file(), "/normalizer", list)->normalize_nfc);
  EXPECT_TRUE(read(byte_level_file(), "/model/ignore_merges", true)->ignore_merges);
}

TEST(TokenizerComponentsTest, ReadsWhereSentencePiecePutsItsPrefix) {
  EXPECT_EQ(read(sentencepiece_file())->dummy_prefix, DummyPrefix::every_stretch);
  Json file = sentencepiece_file();
  file["normalizer"] = nullptr;
  EXPECT_EQ(read(file, "/pre_tokenizer", metaspace("first"))->dummy_prefix,
            DummyPrefix::start_without);
  EXPECT_EQ(read(file, "/pre_tokenizer", metaspace("always"))->dummy_prefix,
            DummyPrefix::every_stretch_without);
  file["decoder"] = decoder(false);
  EXPECT_EQ(read(file, "/pre_tokenizer", metaspace("never"))->dummy_prefix, DummyPrefix::none);
  EXPECT_EQ(read(file, "/normalizer", replace(" ", "\u2581"))->dummy_prefix, DummyPrefix::none);
}

TEST(TokenizerComponentsTest, ReadsTheTemplate) {
  const Json processor = {
      {"type", "TemplateProcessing"},
      {"single",
       {{{"SpecialToken", {{"id", "<s>"}}}},
        {{"Sequence", {{"id", "A"}}}},
        {{"SpecialToken", {{"id", "</s>"}}}}}},
      {"special_tokens", {{"<s>", {{"ids", {1}}}}, {"</s>", {{"ids", {2, 3}}}}}}};
  const Json list = sequence("processors", {byte_level, processor});
  for (const Json& value : {processor, list}) {
    const auto parts = read(byte_level_file(), "/post_processor", value);
    ASSERT_TRUE(parts.has_value()) << to_string(parts.error());
    EXPECT_EQ(parts->prefix, std::vector<TokenId>{1});
    EXPECT_EQ(parts->suffix, (std::vector<TokenId>{2, 3}));
  }
  const auto with = [&](const char* pointer, const Json& value) {
    Json changed = processor;
    changed[Json::json_pointer{pointer}] = value;
    return read(byte_level_file(), "/post_processor", changed);
  };
  expect_error(with("/single", 3), Errc::malformed, "single must be a list");
  expect_error(with("/single", Json::array()), Errc::malformed, "with a Sequence");
  expect_error(with("/single/0", 3), Errc::malformed, "single");
  expect_error(with("/single/0", {{"Sequence", {{"id", "B"}}}}), Errc::unsupported, "text twice");
  expect_error(with("/special_tokens", nullptr), Errc::malformed, "special_tokens is missing");
  expect_error(with("/special_tokens/<s>", nullptr), Errc::malformed, "<s> is missing");
  expect_error(with("/special_tokens/<s>/ids", 3), Errc::malformed, "ids must be a list");
  expect_error(with("/special_tokens/<s>/ids", {max_vocab_size}), Errc::malformed, "ids below");
}

TEST(TokenizerComponentsTest, NamesWhatByteLevelBpeDoesNotSupport) {
  const auto with_steps = [](const Json& steps) {
    return read(byte_level_file(), "/pre_tokenizer", sequence("pretokenizers", steps));
  };
  const auto regex = published_regex(SplitPattern::llama3);
  expect_error(with_steps({split("\\w+"), byte_level_alone}), Errc::unsupported, "\\w+");
  expect_error(with_steps({split(regex, "Removed"), byte_level_alone}), Errc::unsupported,
               "behavior Removed");
  expect_error(with_steps({split(regex), byte_level}), Errc::unsupported, "use_regex true");
  expect_error(with_steps({{{"type", "Digits"}}, byte_level}), Errc::unsupported, "individual");
  expect_error(with_steps({{{"type", "Whitespace"}}, byte_level}), Errc::unsupported, "Whitespace");
  expect_error(with_steps({split(regex), split(regex), byte_level_alone}), Errc::unsupported,
               "pre_tokenizer ByteLevel");
  expect_error(with_steps({byte_level, split(regex)}), Errc::unsupported, "pre_tokenizer Split");
  expect_error(with_steps(3), Errc::malformed, "pretokenizers must be a list");
  expect_error(with_steps(Json::array({3})), Errc::malformed, "pretokenizers");
  expect_error(read(Json::object()), Errc::unsupported, "without a model");
}

TEST(TokenizerComponentsTest, NamesWhatSentencePieceDoesNotSupport) {
  const Json good = sentencepiece_file();
  expect_error(read(good, "/model/ignore_merges", true), Errc::unsupported, "ignore_merges");
  expect_error(read(good, "/normalizer", {{"type", "NFKC"}}), Errc::unsupported, "normalizer NFKC");
  expect_error(read(good, "/normalizer", replace("x", "y")), Errc::unsupported, "Replace");
  expect_error(read(good, "/normalizer", {{"type", "Prepend"}, {"prepend", "\u2581"}}),
               Errc::unsupported, "Prepend");
  expect_error(read(good, "/normalizer", {{"type", "Prepend"}, {"prepend", "x"}}),
               Errc::unsupported, "Prepend");
  expect_error(read(good, "/pre_tokenizer", byte_level), Errc::unsupported, "ByteLevel");
  expect_error(read(good, "/decoder", nullptr), Errc::unsupported, "a decoder other than");
  expect_error(read(good, "/decoder", decoder(false)), Errc::unsupported, "a decoder other than");
  expect_error(read(good, "/decoder/decoders/0/content", "x"), Errc::unsupported, "Replace");
  expect_error(read(good, "/decoder/decoders/3/start", 2), Errc::unsupported, "Strip");
  Json spaces = good;
  spaces["normalizer"] = nullptr;
  expect_error(read(spaces), Errc::unsupported, "without Metaspace");
  expect_error(read(spaces, "/pre_tokenizer", metaspace("twice")), Errc::unsupported, "twice");
  Json splits = metaspace("always");
  splits["split"] = true;
  expect_error(read(spaces, "/pre_tokenizer", splits), Errc::unsupported, "Metaspace that splits");
}

}  // namespace
}  // namespace hippocrypt::model
