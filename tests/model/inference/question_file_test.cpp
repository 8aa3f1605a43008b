#include "model/inference/question_file.hpp"

#include <gtest/gtest.h>

#include <fstream>

#include "tests/support/temporary_folder.hpp"

namespace hippocrypt::model {
namespace {

const std::string medqa =
    R"({"question": "Which?", "answer": "b", "options": {"A": "a", "B": "b", "C": "c"}, )"
    R"("meta_info": "step1", "answer_idx": "B"})";
const std::string pubmedqa =
    R"({"QUESTION": "Does it?", "CONTEXTS": ["One.", "Two."], "final_decision": "maybe"})";

std::string medmcqa(int cop) {
  return R"({"question": "What?", "opa": "1", "opb": "2", "opc": "3", "opd": "4", "cop": )" +
         std::to_string(cop) + R"(, "subject_name": "Anatomy"})";
}

class QuestionFileTest : public testing::Test {
 protected:
  Result<std::vector<Question>> read(const std::string& text,
                                     QuestionFormat format = QuestionFormat::detect) const {
    const auto path = folder_.path() / "q.jsonl";
    std::ofstream{path, std::ios::binary} << text;
    return read_questions(path, format);
  }
  void expect_refused(const std::string& text, const std::string& part,
                      QuestionFormat format = QuestionFormat::detect,
                      Errc code = Errc::malformed) const {
    const auto result = read(text, format);
    ASSERT_FALSE(result.has_value()) << text;
    EXPECT_EQ(result.error().code, code) << result.error().detail;
    EXPECT_NE(result.error().detail.find(part), std::string::npos) << result.error().detail;
  }
  test_support::TemporaryFolder folder_;
};

TEST_F(QuestionFileTest, ReadsMedQa) {
  for (const auto format : {QuestionFormat::detect, QuestionFormat::medqa}) {
    const auto questions = read(medqa + "\n\n" + medqa + "\n", format).value();
    ASSERT_EQ(questions.size(), 2U);
    EXPECT_EQ(questions[1].prompt, "Question: Which?\nAnswer:");
    EXPECT_EQ(questions[1].options, (std::vector<std::string>{"a", "b", "c"}));
    EXPECT_EQ(questions[1].answer, 1U);
    EXPECT_EQ(questions[1].subject, "step1");
  }
}

TEST_F(QuestionFileTest, ReadsPubMedQaByLineAndAsOneObject) {
  const std::string one = "{\"123\": " + pubmedqa + ", \"456\": " + pubmedqa + "}";
  std::string spread = one;
  for (std::size_t at = 0; (at = spread.find(", ", at)) != std::string::npos; ++at) {
    spread[at + 1] = '\n';
  }
  for (const auto format : {QuestionFormat::detect, QuestionFormat::pubmedqa}) {
    for (const std::string& text : {pubmedqa + "\n" + pubmedqa, one, spread}) {
      const auto questions = read(text, format).value();
      ASSERT_EQ(questions.size(), 2U);
      EXPECT_EQ(questions[0].prompt, "One.\nTwo.\nQuestion: Does it?\nAnswer:");
      EXPECT_EQ(questions[0].options, (std::vector<std::string>{"yes", "no", "maybe"}));
      EXPECT_EQ(questions[0].answer, 2U);
      EXPECT_EQ(questions[0].subject, "");
    }
  }
}

TEST_F(QuestionFileTest, ReadsMedMcqaCountedFromOneOrFromZero) {
  const auto from_one = read(medmcqa(1) + "\n" + medmcqa(4)).value();
  EXPECT_EQ(from_one[0].answer, 0U);
  EXPECT_EQ(from_one[1].answer, 3U);
  EXPECT_EQ(from_one[0].subject, "Anatomy");
  EXPECT_EQ(from_one[0].options, (std::vector<std::string>{"1", "2", "3", "4"}));
  const auto from_zero = read(medmcqa(3) + "\n" + medmcqa(0), QuestionFormat::medmcqa).value();
  EXPECT_EQ(from_zero[0].answer, 3U);
  EXPECT_EQ(from_zero[1].answer, 0U);
  expect_refused(medmcqa(0) + "\n" + medmcqa(4), "cop");
}

TEST_F(QuestionFileTest, NamesTheLineAndTheFieldThatAreWrong) {
  const auto without = [](std::string line, const std::string& part) {
    line.replace(line.find(part), part.size(), "\"other\"");
    return line;
  };
  const auto with = [](std::string line, const std::string& part, const std::string& other) {
    line.replace(line.find(part), part.size(), other);
    return line;
  };
  expect_refused(medqa + "\n" + without(medqa, "\"question\""), "q.jsonl:2: question");
  expect_refused(without(medqa, "\"answer_idx\""), "q.jsonl:1: answer_idx");
  expect_refused(with(medqa, ": \"B\"", ": \"D\""), "q.jsonl:1: answer_idx");
  expect_refused(with(medqa, "\"B\": \"b\"", "\"B\": 7"), "B");
  expect_refused(with(medqa, "\"B\": \"b\"", "\"B\": \"\""), "B");
  expect_refused(with(medqa, R"(, "B": "b", "C": "c")", ""), "q.jsonl:1: options");
  expect_refused(without(medqa, "\"options\""), "q.jsonl:1: options", QuestionFormat::medqa);
  expect_refused(pubmedqa + "\n" + without(pubmedqa, "\"CONTEXTS\""), "q.jsonl:2: CONTEXTS");
  expect_refused(with(pubmedqa, "\"Two.\"", "2"), "CONTEXTS");
  expect_refused(with(pubmedqa, "[\"One.\", \"Two.\"]", "\"One.\""), "CONTEXTS");
  expect_refused(with(pubmedqa, "\"maybe\"", "\"perhaps\""), "final_decision");
  expect_refused("{\"77\": " + with(pubmedqa, "\"maybe\"", "\"perhaps\"") + "}", "77");
  expect_refused(without(medmcqa(1), "\"opc\""), "q.jsonl:1: opc");
  expect_refused(medmcqa(5), "q.jsonl:1: cop");
  expect_refused(with(medmcqa(1), "\"cop\": 1", "\"cop\": -1"), "q.jsonl:1: cop");
  expect_refused(medqa + "\n" + medmcqa(1), "q.jsonl:2");
}

TEST_F(QuestionFileTest, RefusesWhatIsNoQuestionFile) {
  expect_refused("", "no questions");
  expect_refused("\n \n", "no questions");
  expect_refused("{}", "none of the keys");
  expect_refused("{\"text\": \"a note\"}", "none of the keys");
  expect_refused("nonsense", "q.jsonl:1");
  expect_refused(medqa.substr(0, 40), "q.jsonl:1");
  expect_refused(std::string(100, '['), "q.jsonl:1", QuestionFormat::detect, Errc::limit_exceeded);
  EXPECT_EQ(read_questions(folder_.path() / "none", QuestionFormat::medqa).error().code,
            Errc::not_found);
  EXPECT_EQ(read_questions(folder_.path(), QuestionFormat::medqa).error().code, Errc::io);
}

TEST_F(QuestionFileTest, FormatsHaveNames) {
  for (const auto format : {QuestionFormat::detect, QuestionFormat::medqa, QuestionFormat::pubmedqa,
                            QuestionFormat::medmcqa}) {
    EXPECT_EQ(question_format(to_string(format)).value(), format);
  }
  EXPECT_EQ(question_format("mmlu").error().code, Errc::invalid_config);
}

}  // namespace
}  // namespace hippocrypt::model
