#include "privacy/deidentify/jsonl.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace hippocrypt::privacy {
namespace {

using testing::HasSubstr;
using testing::Not;

TEST(JsonlTest, ReplacesInTextsAndKeepsTheOtherFields) {
  Deidentifier tags{{}};
  const auto result =
      deidentify_line(R"({"z":[1,{"k":null}],"patient_id":"p","text":"MRN 448213 é","n":1.5})", 7,
                      tags)
          .value();
  EXPECT_EQ(result.line, R"({"z":[1,{"k":null}],"patient_id":"p","text":"MRN [MRN] é","n":1.5})");
  EXPECT_EQ(result.counts[static_cast<std::size_t>(Category::mrn)], 1U);
  EXPECT_THAT(result.report, HasSubstr(R"("line":7)"));
  EXPECT_THAT(result.report, HasSubstr(R"("begin":4,"end":10,"category":"mrn","letter":"H")"));
  EXPECT_THAT(result.report, Not(HasSubstr("448213")));
}

TEST(JsonlTest, SearchesPromptsCompletionsAndMessages) {
  Deidentifier tags{{}};
  EXPECT_EQ(deidentify_line(R"({"prompt":"MRN 448213","completion":"MRN 448214"})", 1, tags)->line,
            R"({"prompt":"MRN [MRN]","completion":"MRN [MRN]"})");
  EXPECT_EQ(
      deidentify_line(R"({"messages":[{"role":"user","content":"MRN 448213"}]})", 1, tags)->line,
      R"({"messages":[{"role":"user","content":"MRN [MRN]"}]})");
}

TEST(JsonlTest, SaysWhatIsWrongWithALine) {
  Deidentifier tags{{}};
  const auto detail = [&tags](const std::string& line) {
    const auto result = deidentify_line(line, 1, tags);
    return result.has_value() ? std::string{} : to_string(result.error());
  };
  EXPECT_THAT(detail("{"), HasSubstr("malformed: not a JSON object"));
  EXPECT_THAT(detail("[1]"), HasSubstr("not a JSON object"));
  EXPECT_THAT(detail("{\"a\":1}"), HasSubstr("no text"));
  EXPECT_THAT(detail("{\"text\":1}"), HasSubstr("must be a string"));
  EXPECT_THAT(detail("{\"messages\":[{}]}"), HasSubstr("content"));
  EXPECT_THAT(detail("{\"text\":\"x\",\"a\":" + std::string(100000, '[')), HasSubstr("deep"));
  EXPECT_THAT(detail(std::string(max_deidentify_line_bytes + 1, ' ')), HasSubstr("limit_exceeded"));
}

}  // namespace
}  // namespace hippocrypt::privacy
