// hippocrypt eval as its users meet it, on the tiny model.

#include <cmath>

#include "tests/cli/simulate_fixture.hpp"

namespace hippocrypt::cli {
namespace {

using nlohmann::json;

const std::string questions =
    R"({"question": "Which?", "options": {"A": "pain", "B": "fever"}, "answer_idx": "B", )"
    R"("meta_info": "one"})"
    "\n"
    R"({"question": "What?", "options": {"A": "cough", "B": "rash of the skin"}, )"
    R"("answer_idx": "A", "meta_info": "two"})"
    "\n";

class EvalProgramTest : public SimulateProgramTest {
 protected:
  Outcome perplexity(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"eval", "perplexity", "--model", "model"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }
  Outcome choice(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"eval", "choice", "--model", "model"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }
  void write(const std::string& name, const std::string& text) const {
    write_bytes(folder() / name, text);
  }
};

TEST_F(EvalProgramTest, PerplexityIsTheExponentialOfTheMeanOverTheNotes) {
  const Outcome outcome = perplexity({"--text", notes_of(0).string(), "--window", "32", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json document = json::parse(outcome.out);
  const double nll = document.at("mean_nll").get<double>();
  EXPECT_NEAR(document.at("perplexity").get<double>(), std::exp(nll), 1e-9);
  EXPECT_EQ(
      document.at("tokens").get<std::size_t>(),
      document.at("predicted").get<std::size_t>() + document.at("windows").get<std::size_t>());
  EXPECT_EQ(document.at("bytes_up"), 0);
  const Outcome people = perplexity({"--text", notes_of(0).string(), "--window", "32"});
  EXPECT_TRUE(contains(people.out, "perplexity ")) << people.out;
  EXPECT_TRUE(contains(people.err, "s a token")) << people.err;
}

TEST_F(EvalProgramTest, EveryOracleGivesNearlyTheSamePerplexity) {
  write("a.txt", "Chest pain at rest since yesterday. Troponin raised. No fever, no cough.");
  const auto nll = [&](const char* oracle) {
    const Outcome outcome = perplexity({"--text", "a.txt", "--window", "16", "--json", "--oracle",
                                        oracle, "--params", "rlwe1024"});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    const json document = json::parse(outcome.out);
    EXPECT_EQ(document.at("bytes_up").get<std::uint64_t>() > 0,
              std::string{oracle}.rfind("encrypted", 0) == 0);
    return document.at("mean_nll").get<double>();
  };
  const double exact = nll("plain-fp32");
  for (const char* oracle : {"plain-int8", "encrypted", "encrypted-lwe"}) {
    // int8 weights round by up to 0.4 % of the largest; a nat moves by a few times that at most.
    EXPECT_NEAR(nll(oracle), exact, 0.05) << oracle;
  }
}

TEST_F(EvalProgramTest, ABlindHeadGivesNearlyTheSamePerplexity) {
  write("a.txt", "Chest pain at rest since yesterday. Troponin raised. No fever, no cough.");
  const auto document = [&](std::vector<std::string> more) {
    more.insert(more.end(),
                {"--text", "a.txt", "--window", "16", "--json", "--params", "rlwe1024"});
    const Outcome outcome = perplexity(more);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return json::parse(outcome.out);
  };
  const json exact = document({});
  for (const char* oracle : {"plain-fp32", "plain-int8", "encrypted"}) {
    const json blind = document({"--oracle", oracle, "--blind-head"});
    EXPECT_NEAR(blind.at("mean_nll").get<double>(), exact.at("mean_nll").get<double>(), 0.02)
        << oracle;
    if (std::string{oracle} != "encrypted") continue;
    const json local = document({"--oracle", oracle});
    EXPECT_GT(blind.at("bytes_down").get<double>(), local.at("bytes_down").get<double>());
  }
}

TEST_F(EvalProgramTest, AFullTileOfSeveralWindowsTakesOnePass) {
  const auto up = [&](const char* batch_tokens) {
    const Outcome outcome =
        perplexity({"--text", notes_of(0).string(), "--window", "8", "--json", "--oracle",
                    "encrypted", "--params", "rlwe1024", "--batch-tokens", batch_tokens});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return json::parse(outcome.out).at("bytes_up").get<std::uint64_t>();
  };
  // Only tokens travel, so packing saves no bytes but the frames' heads.
  EXPECT_LT(up("1024"), up("256"));
}

TEST_F(EvalProgramTest, ChoiceCountsRightAnswersOverallAndBySubject) {
  write("q.jsonl", questions);
  for (const char* oracle : {"plain-fp32", "encrypted"}) {
    const Outcome outcome =
        choice({"--data", "q.jsonl", "--json", "--oracle", oracle, "--params", "rlwe1024"});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const json document = json::parse(outcome.out);
    EXPECT_EQ(document.at("questions"), 2);
    EXPECT_EQ(document.at("decided_by"), "mean");
    EXPECT_EQ(document.at("accuracy"), document.at("accuracy_by_mean"));
    EXPECT_LE(document.at("low"), document.at("accuracy"));
    EXPECT_GE(document.at("high"), document.at("accuracy"));
    EXPECT_EQ(document.at("subjects").at("two").at("questions"), 1);
    const int right = document.at("subjects").at("one").at("right").get<int>() +
                      document.at("subjects").at("two").at("right").get<int>();
    EXPECT_EQ(document.at("right"), right);
  }
}

TEST_F(EvalProgramTest, ChoiceShowsATableAndWhatDecided) {
  write("q.jsonl", questions);
  const Outcome outcome = choice({"--data", "q.jsonl", "--by", "sum", "--limit", "1"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "decided by the summed log-likelihood")) << outcome.out;
  EXPECT_EQ(lines_with(outcome.out, {"one", "1"}), 1U) << outcome.out;
  EXPECT_EQ(lines_with(outcome.out, {"two"}), 0U) << outcome.out;
}

TEST_F(EvalProgramTest, TheShippedQuestionsCanBeRead) {
  const Outcome outcome =
      choice({"--data", HIPPOCRYPT_SOURCE_DIR "/data/questions/medical.jsonl", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(json::parse(outcome.out).at("questions"), 20);
}

TEST_F(EvalProgramTest, MistakesOnTheCommandLineExitWithTwo) {
  write("a.txt", "some text");
  write("q.jsonl", questions);
  expect_refused(run({"eval"}), 2, {"subcommand"});
  expect_refused(perplexity(), 2, {"--text"});
  expect_refused(perplexity({"--text", "a.txt", "--window", "1"}), 2, {"--window"});
  expect_refused(perplexity({"--text", "a.txt", "--window", "9999"}), 2, {"--window"});
  expect_refused(perplexity({"--text", "a.txt", "--oracle", "magic"}), 2, {"--oracle", "magic"});
  expect_refused(perplexity({"--text", "a.txt", "--params", "rlwe7"}), 2, {"--params", "rlwe7"});
  expect_refused(choice(), 2, {"--data"});
  expect_refused(choice({"--data", "q.jsonl", "--format", "mmlu"}), 2, {"format"});
  expect_refused(choice({"--data", "q.jsonl", "--by", "vote"}), 2, {"--by"});
}

TEST_F(EvalProgramTest, FilesThatAreWrongAreNamed) {
  write("a.txt", "some text");
  write("empty.txt", "");
  write("short.txt", "a");
  write("bad.jsonl", "{\"text\": \"a\"}\n{\"other\": 1}\n");
  write("q.jsonl", questions + "{\"question\": \"no options\"}\n");
  const std::vector<std::string> window{"--window", "8"};
  const auto text = [&](const char* file) { return perplexity({"--text", file, "--window", "8"}); };
  expect_refused(text("none.txt"), 1, {"none.txt"});
  expect_refused(text("empty.txt"), 1, {"empty.txt", "no text"});
  expect_refused(text("short.txt"), 1, {"short.txt", "too short"});
  expect_refused(text("bad.jsonl"), 1, {"bad.jsonl:2", "text"});
  expect_refused(choice({"--data", "none.jsonl"}), 1, {"none.jsonl"});
  expect_refused(choice({"--data", "q.jsonl"}), 1, {"q.jsonl:3", "options"});
  expect_refused(run({"eval", "perplexity", "--model", "none", "--text", "a.txt"}), 1, {"none"});
  expect_refused(perplexity({"--text", "a.txt", "--window", "8", "--adapter", "none"}), 1,
                 {"none"});
}

}  // namespace
}  // namespace hippocrypt::cli
