#pragma once
// Texts and small vocabularies for the tokenizer's tests.

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <vector>

#include "base/random.hpp"
#include "base/result.hpp"
#include "model/tokenizer/bpe_trainer.hpp"
#include "model/tokenizer/tokenizer.hpp"

namespace hippocrypt::model {

/// Seeded sentences of invented words in several scripts, with digits, line breaks and
/// contractions.
inline std::vector<std::string> sample_texts(std::size_t count = 40, std::size_t words = 60) {
  const std::vector<std::string> vocabulary{
      "the",        "then",         "there",     "patient", "patient's", "patients",
      "they're",    "fever",        "12",        "120/80",  "mg",        "2024",
      "na\u00efve", "\u4e2d\u6587", "caf\u00e9", "ECG",     "other",     "another",
      "mother",     "banana",       "bandana",   "an",      "can't",     "\U0001F600"};
  const std::vector<std::string> gaps{" ", " ", " ", " ", "  ", ", ", ".\n", "\n\n", "\t", ""};
  SeededSequence random{23, "sample texts"};
  std::vector<std::string> out(count);
  for (std::string& text : out) {
    for (std::size_t i = 0; i < words; ++i) {
      text += vocabulary[random.below(vocabulary.size())] + gaps[random.below(gaps.size())];
    }
  }
  return out;
}

inline std::vector<std::string_view> views(const std::vector<std::string>& texts) {
  return {texts.begin(), texts.end()};
}

inline const std::vector<std::string>& special_names() {
  static const std::vector<std::string> names{"<|bos|>", "<|eos|>", "<|pad|>"};
  return names;
}

/// Trained on sample_texts().
inline Tokenizer trained_tokenizer(std::size_t vocab_size = 350) {
  const auto texts = sample_texts();
  auto made = train_bpe(views(texts), vocab_size, special_names());
  HIPPOCRYPT_CHECK(made.has_value(), to_string(made.error()));
  return std::move(made).value();
}

/// The byte values with their own ids, no merges.
inline TokenizerParts byte_parts() {
  TokenizerParts parts;
  for (int byte = 0; byte < 256; ++byte) parts.tokens.emplace_back(1, static_cast<char>(byte));
  return parts;
}

/// Checks that `result` is an error of `code` whose sentence contains `phrase`.
template <class T>
void expect_error(const Result<T>& result, Errc code, std::string_view phrase) {
  ASSERT_FALSE(result.has_value()) << phrase;
  EXPECT_EQ(result.error().code, code) << to_string(result.error());
  EXPECT_NE(result.error().detail.find(phrase), std::string::npos) << result.error().detail;
}

}  // namespace hippocrypt::model
