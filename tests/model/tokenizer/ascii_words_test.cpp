// The words that are found by hand against the regular expressions, which are the definition.

#define PCRE2_CODE_UNIT_WIDTH 8
#include "model/tokenizer/ascii_words.hpp"

#include <gtest/gtest.h>
#include <pcre2.h>

#include <algorithm>
#include <memory>

#include "tests/model/files/file_fixture.hpp"
#include "tests/model/tokenizer/tokenizer_fixture.hpp"

namespace hippocrypt::model {
namespace {

/// The published expression, run by PCRE2 on ASCII text, where its \s is Unicode's.
class Definition {
 public:
  explicit Definition(std::string_view regex) {
    int code = 0;
    PCRE2_SIZE where = 0;
    pattern_.reset(pcre2_compile(reinterpret_cast<PCRE2_SPTR>(regex.data()), regex.size(),
                                 PCRE2_UTF | PCRE2_UCP | PCRE2_ANCHORED, &code, &where, nullptr));
    data_.reset(pcre2_match_data_create_from_pattern(pattern_.get(), nullptr));
  }
  std::vector<std::string_view> words(std::string_view text) const {
    std::vector<std::string_view> out;
    for (std::size_t at = 0; at < text.size();) {
      const int found = pcre2_match(pattern_.get(), reinterpret_cast<PCRE2_SPTR>(text.data()),
                                    text.size(), at, 0, data_.get(), nullptr);
      HIPPOCRYPT_CHECK(found > 0);
      const std::size_t end = pcre2_get_ovector_pointer(data_.get())[1];
      out.push_back(text.substr(at, end - at));
      at = end;
    }
    return out;
  }

 private:
  struct Free {
    void operator()(pcre2_code* code) const { pcre2_code_free(code); }
    void operator()(pcre2_match_data* data) const { pcre2_match_data_free(data); }
  };
  std::unique_ptr<pcre2_code, Free> pattern_;
  std::unique_ptr<pcre2_match_data, Free> data_;
};

/// Every digit alone, and gpt2's words of what is between: the two steps that smollm's files name.
std::vector<std::string_view> smollm_words(const Definition& gpt2, std::string_view text) {
  std::vector<std::string_view> out;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t digit = std::min(text.find_first_of("0123456789", at), text.size());
    for (const auto word : gpt2.words(text.substr(at, digit - at))) out.push_back(word);
    if (digit < text.size()) out.push_back(text.substr(digit, 1));
    at = digit + 1;
  }
  return out;
}

class AsciiWordsTest : public testing::TestWithParam<SplitPattern> {
 protected:
  std::vector<std::string_view> wanted(std::string_view text) const {
    return GetParam() == SplitPattern::smollm ? smollm_words(definition_, text)
                                              : definition_.words(text);
  }
  /// Every word must be found by hand, and be the definition's.
  void expect_words(std::string_view text) const {
    std::vector<std::string_view> got;
    for (std::size_t at = 0; at < text.size(); at += got.back().size()) {
      const std::size_t size = first_ascii_word(GetParam(), text.substr(at));
      ASSERT_GT(size, 0u) << text;
      got.push_back(text.substr(at, size));
    }
    ASSERT_EQ(got, wanted(text)) << text;
  }

 private:
  Definition definition_{published_regex(GetParam())};
};

TEST_P(AsciiWordsTest, AreThoseOfTheExpressionOnRandomText) {
  // Mostly what the expressions treat in their own ways.
  const std::string_view likely = "  \n\r\t''sStTrReEvVmMlLdD09.,-";
  SeededSequence random{41, "ascii words"};
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (std::size_t i = 1 + random.below(24); i > 0; --i) {
      text += random.below(5) == 0 ? static_cast<char>(random.below(128))
                                   : likely[random.below(likely.size())];
    }
    expect_words(text);
    if (HasFatalFailure()) return;
  }
}

TEST_P(AsciiWordsTest, AreThoseOfTheExpressionOnEveryShortText) {
  const std::string_view letters = "s' \n\t1.E";
  for (std::size_t code = 0; code < 32768; ++code) {
    std::string text;
    for (std::size_t rest = code, i = 0; i < 5; ++i, rest /= letters.size()) {
      text += letters[rest % letters.size()];
    }
    expect_words(text);
    if (HasFatalFailure()) return;
  }
}

TEST_P(AsciiWordsTest, AreThoseOfTheExpressionOnEnglish) {
  const auto path = reference_path("text.txt");
  HIPPOCRYPT_NEED_REFERENCE(path);
  std::string text = read_text_file(path, 1u << 20).value();
  text.erase(std::remove_if(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; }),
             text.end());
  expect_words(text);
}

TEST_P(AsciiWordsTest, LeaveToTheExpressionWhatAsciiDoesNotDecide) {
  for (const char* text :
       {"a\u00e9", " \u00e9", "'\u017f", "!\u00e9", "  \u3000", "\n\u00a0", "\u00e9", "5\u0663"}) {
    const bool digits_are_single =
        GetParam() == SplitPattern::qwen2 || GetParam() == SplitPattern::smollm;
    const std::size_t wanted_size = text[0] == '5' && digits_are_single ? 1 : 0;
    EXPECT_EQ(first_ascii_word(GetParam(), text), wanted_size) << text;
  }
}

INSTANTIATE_TEST_SUITE_P(Patterns, AsciiWordsTest,
                         testing::Values(SplitPattern::gpt2, SplitPattern::llama3,
                                         SplitPattern::qwen2, SplitPattern::smollm),
                         [](const auto& pattern) { return std::string{to_string(pattern.param)}; });

}  // namespace
}  // namespace hippocrypt::model
