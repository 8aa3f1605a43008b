// Every vector, through tokenizer.json and through GGUF.

#include "tests/model/tokenizer/reference_vectors.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "model/tokenizer/stream_decoder.hpp"
#include "model/tokenizer/utf8.hpp"

namespace hippocrypt::model {
namespace {

void expect_rows(const Tokenizer& tokenizer, const std::filesystem::path& path, std::size_t count) {
  const auto rows = read_rows(path);
  ASSERT_EQ(rows.size(), count);
  for (const Json& row : rows) expect_row(tokenizer, row);
}

TEST(ReferenceVectorsTest, SmolLm2EncodesAsOthersDo) {
  HIPPOCRYPT_NEED_REFERENCE(smollm2_path());
  const auto tokenizer = read_gguf_tokenizer(smollm2_path());
  ASSERT_TRUE(tokenizer.has_value()) << to_string(tokenizer.error());
  expect_rows(*tokenizer, reference_path("tokenizer_smollm2.jsonl"), 516);
}

TEST(ReferenceVectorsTest, SmolLm2SplitsDigitsOffFirst) {
  HIPPOCRYPT_NEED_REFERENCE(smollm2_path());
  const auto tokenizer = read_gguf_tokenizer(smollm2_path());
  const auto rows = read_rows(reference_path("tokenizer_disagreements.jsonl"));
  ASSERT_EQ(rows.size(), 13u);
  for (const Json& row : rows) {
    expect_row(*tokenizer, row, "llama_cpp");
    // The row is there because not splitting gives something else.
    EXPECT_NE(ids_of(row, "hf_gguf"), ids_of(row, "llama_cpp"));
  }
}

/// SmolLM2 lacks tokens for some byte values; everything else comes back.
TEST(ReferenceVectorsTest, SmolLm2LosesOnlyTheBytesThatItLacks) {
  HIPPOCRYPT_NEED_REFERENCE(smollm2_path());
  const auto tokenizer = read_gguf_tokenizer(smollm2_path());
  const auto missing = tokenizer->missing_bytes();
  EXPECT_EQ(missing.size(), 21u);
  SeededSequence random{5, "smollm2 bytes"};
  for (int round = 0; round < 200; ++round) {
    std::string text, kept;
    for (std::size_t i = random.below(100); i > 0; --i) {
      const auto byte = static_cast<std::uint8_t>(random.below(256));
      text += static_cast<char>(byte);
      if (std::find(missing.begin(), missing.end(), byte) == missing.end()) kept += text.back();
    }
    ASSERT_EQ(*tokenizer->decode(*tokenizer->encode(text)), kept);
  }
}

struct Family {
  const char* name;
  std::size_t rows;
};

class FamilyVectorsTest : public testing::TestWithParam<Family> {
 protected:
  static std::filesystem::path folder() {
    return reference_path("tiny_tokenizers") / GetParam().name;
  }
};

TEST_P(FamilyVectorsTest, AgreesThroughTokenizerJson) {
  HIPPOCRYPT_NEED_REFERENCE(folder());
  const auto tokenizer = read_tokenizer_json(folder() / "tokenizer.json");
  ASSERT_TRUE(tokenizer.has_value()) << to_string(tokenizer.error());
  expect_rows(*tokenizer, folder() / "vectors.jsonl", GetParam().rows);
}

TEST_P(FamilyVectorsTest, AgreesThroughGguf) {
  HIPPOCRYPT_NEED_REFERENCE(folder());
  const auto tokenizer = read_gguf_tokenizer(folder() / "vocab.gguf");
  ASSERT_TRUE(tokenizer.has_value()) << to_string(tokenizer.error());
  expect_rows(*tokenizer, folder() / "vectors.jsonl", GetParam().rows);
}

TEST_P(FamilyVectorsTest, AgreesThroughItsOwnTokenizerJson) {
  HIPPOCRYPT_NEED_REFERENCE(folder());
  for (const bool from_gguf : {false, true}) {
    const auto tokenizer = from_gguf ? read_gguf_tokenizer(folder() / "vocab.gguf")
                                     : read_tokenizer_json(folder() / "tokenizer.json");
    const std::string text = render_tokenizer_json(*tokenizer);
    const auto again = parse_tokenizer_json(text, "rendered");
    ASSERT_TRUE(again.has_value()) << to_string(again.error());
    expect_rows(*again, folder() / "vectors.jsonl", GetParam().rows);
    EXPECT_EQ(render_tokenizer_json(*again), text);
  }
}

TEST_P(FamilyVectorsTest, PlainTextNeverGivesSpecialTokens) {
  HIPPOCRYPT_NEED_REFERENCE(folder());
  const auto tokenizer = read_tokenizer_json(folder() / "tokenizer.json");
  std::size_t checked = 0;
  for (const Json& row : read_rows(folder() / "vectors.jsonl")) {
    const std::string text = row.at("text");
    const auto ids = *tokenizer->encode(text);
    EXPECT_TRUE(std::none_of(ids.begin(), ids.end(),
                             [&](TokenId id) { return tokenizer->is_special(id); }));
    const auto parsed = *tokenizer->encode(text, {.parse_special = true});
    checked += std::any_of(parsed.begin(), parsed.end(),
                           [&](TokenId id) { return tokenizer->is_special(id); })
                   ? 1u
                   : 0u;
  }
  EXPECT_GT(checked, 10u);  // texts that would have given one
}

TEST_P(FamilyVectorsTest, DecodesIdByIdWhatItDecodesAtOnce) {
  HIPPOCRYPT_NEED_REFERENCE(folder());
  const auto tokenizer = read_tokenizer_json(folder() / "tokenizer.json");
  for (const Json& row : read_rows(folder() / "vectors.jsonl")) {
    for (const bool keep : {false, true}) {
      const auto ids = ids_of(row, "ids_bos");
      StreamDecoder stream{*tokenizer, {.keep_special = keep}};
      std::string text;
      for (const TokenId id : ids) {
        const std::string piece = *stream.add(id);
        EXPECT_EQ(unfinished_utf8_suffix(piece), 0u);
        text += piece;
      }
      text += stream.finish();
      EXPECT_EQ(text, *tokenizer->decode(ids, {.keep_special = keep}));
    }
  }
}

INSTANTIATE_TEST_SUITE_P(Families, FamilyVectorsTest,
                         testing::Values(Family{"llama3", 494}, Family{"qwen2", 476},
                                         Family{"llama2", 476}),
                         [](const auto& family) { return std::string{family.param.name}; });

}  // namespace
}  // namespace hippocrypt::model
