// Text that is made to cost time: the work is linear in it, counted and not timed.

#include <gtest/gtest.h>

#include <regex>

#include "privacy/deidentify/engine.hpp"

namespace hippocrypt::privacy {
namespace {

std::string repeated(const std::string& part, std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) text += part;
  text.resize(bytes);
  return text;
}

/// Everything that grows with the text, in one number.
std::uint64_t work_of(const std::string& text) {
  const WorkCount work = find_identifiers(text).value().work;
  return work.normalized_bytes + work.regex_bytes + work.regex_calls + work.token_steps;
}

class HostileTest : public testing::TestWithParam<const char*> {};

TEST_P(HostileTest, TwiceTheTextIsTwiceTheWork) {
  constexpr std::size_t bytes = std::size_t{1} << 16;
  const std::uint64_t once = work_of(repeated(GetParam(), bytes));
  const std::uint64_t twice = work_of(repeated(GetParam(), 2 * bytes));
  EXPECT_LE(twice, 2 * once + once / 20) << GetParam();
  // And a byte costs at most a pass of each rule and of each finder.
  EXPECT_LE(twice, 200 * 2 * bytes) << GetParam();
}

INSTANTIATE_TEST_SUITE_P(
    Texts, HostileTest,
    testing::Values("1", "12 ", "1-", "1.", "1/", "@", "a@", "a@b.", "\"", "\"'", "((((",
                    "{\"given\":[\"", "Mr ", "Mr. A", "Dr. Smith, ", "Smith, John ", "wife ",
                    "Patient: ", "A. ", "of the ", "PID|", "PID|^", "|", "a|b|c|\n", "MRN ",
                    "MRN 1", "123-45-678 ", "4111 1111 ", "March ", "on the 3rd of ", "http://",
                    "www.", "::", "fe80:", "\n", "\r", " ", "\xFF", "\uFDFA", "\u200B", "Aa",
                    "St. ", "New York ", "12 Oak Oak Oak ", "(01)", "aA1-", "O'", "x-"));

TEST(HostileTextTest, NoRuleHasUnboundedRepetition) {
  // What makes every match look at a bounded stretch only, so that all matches together are linear.
  for (const Rule* rule : RuleSet::instance().rules()) {
    const std::string pattern = rule->pattern;
    bool in_class = false;
    for (std::size_t i = 0; i < pattern.size(); ++i) {
      const char c = pattern[i];
      if (c == '\\') {
        ++i;
      } else if (c == '[') {
        in_class = true;
      } else if (c == ']') {
        in_class = false;
      } else if (!in_class) {
        EXPECT_TRUE(c != '*' && c != '+') << rule->name << ": " << pattern.substr(i);
        EXPECT_FALSE(c == ',' && i + 1 < pattern.size() && pattern[i + 1] == '}' && i > 0 &&
                     pattern[i - 1] >= '0' && pattern[i - 1] <= '9')
            << rule->name;
      }
    }
  }
}

}  // namespace
}  // namespace hippocrypt::privacy
