// hippocrypt generate as its users meet it, on the tiny model.

#include "tests/cli/simulate_fixture.hpp"

namespace hippocrypt::cli {
namespace {

using nlohmann::json;

class GenerateProgramTest : public SimulateProgramTest {
 protected:
  Outcome generate(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"generate", "--model", "model"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }
  json generated(std::vector<std::string> more) const {
    more.insert(more.end(), {"--json", "--prompt", "Chest pain", "--max-tokens", "8"});
    const Outcome outcome = generate(more);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return json::parse(outcome.out);
  }
};

TEST_F(GenerateProgramTest, TextGoesToStandardOutputAndCostsToStandardError) {
  const Outcome outcome = generate({"--prompt", "Chest pain", "--greedy", "--max-tokens", "8"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out.back(), '\n');
  EXPECT_EQ(lines_with(outcome.err, {"prompt:", "s a token", "MB up"}), 1U) << outcome.err;
  const json document = generated({"--greedy"});
  EXPECT_EQ(outcome.out, document.at("outputs").at(0).at("text").get<std::string>() + "\n");
}

TEST_F(GenerateProgramTest, TheSeedDecidesWhatIsDrawn) {
  const auto tokens = [&](std::vector<std::string> more) {
    return generated(std::move(more)).at("outputs").at(0).at("tokens");
  };
  const json one = tokens({"--temperature", "1.5", "--top-k", "0", "--top-p", "1", "--seed", "7"});
  EXPECT_EQ(one, tokens({"--temperature", "1.5", "--top-k", "0", "--top-p", "1", "--seed", "7"}));
  EXPECT_NE(one, tokens({"--temperature", "1.5", "--top-k", "0", "--top-p", "1", "--seed", "8"}));
  EXPECT_EQ(tokens({"--greedy"}), tokens({"--temperature", "0", "--seed", "9"}));
  EXPECT_EQ(tokens({"--greedy"}), tokens({"--top-k", "1", "--seed", "9"}));
}

TEST_F(GenerateProgramTest, EncryptedTrafficFollowsTheNumberOfTokens) {
  const auto up = [&](std::vector<std::string> more) {
    more.insert(more.end(), {"--greedy", "--oracle", "encrypted", "--params", "rlwe1024"});
    const json document = generated(std::move(more));
    EXPECT_GT(document.at("bytes_down"), 0);
    return document.at("bytes_up").get<double>();
  };
  const double one = up({});
  const double four = up({"--batch", "4"});
  EXPECT_GT(four, 1.5 * one);
  EXPECT_LT(four, 4.0 * one);
}

TEST_F(GenerateProgramTest, CopiesAreReportedEach) {
  const json document = generated({"--batch", "3", "--greedy"});
  ASSERT_EQ(document.at("outputs").size(), 3U);
  EXPECT_EQ(document.at("outputs").at(0), document.at("outputs").at(2));
  EXPECT_GT(document.at("seconds_per_step"), document.at("seconds_per_token"));
}

TEST_F(GenerateProgramTest, ThePromptMayStandInAFile) {
  write_bytes(folder() / "prompt.txt", "Chest pain");
  const Outcome file =
      generate({"--prompt-file", "prompt.txt", "--greedy", "--max-tokens", "8", "--json"});
  ASSERT_EQ(file.exit_code, 0) << file.err;
  EXPECT_EQ(json::parse(file.out).at("outputs"), generated({"--greedy"}).at("outputs"));
}

TEST_F(GenerateProgramTest, TheContextEndsATextThatIsTooLong) {
  const Outcome outcome = generate({"--prompt", "Chest pain", "--temperature", "3", "--top-k", "0",
                                    "--top-p", "1", "--max-tokens", "100000", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const std::string finish = json::parse(outcome.out).at("outputs").at(0).at("finish");
  EXPECT_TRUE(finish == "context" || finish == "stop") << finish;
}

TEST_F(GenerateProgramTest, MistakesOnTheCommandLineExitWithTwo) {
  const std::vector<std::pair<std::vector<std::string>, std::string>> mistakes{
      {{}, "prompt"},
      {{"--prompt", ""}, "empty"},
      {{"--prompt", "a", "--prompt-file", "b"}, "prompt"},
      {{"--prompt", "a", "--temperature", "-1"}, "temperature"},
      {{"--prompt", "a", "--top-p", "0"}, "top_p"},
      {{"--prompt", "a", "--max-tokens", "0"}, "max-tokens"},
      {{"--prompt", "a", "--batch", "0"}, "batch"},
      {{"--prompt", "a", "--oracle", "magic"}, "--oracle"}};
  for (const auto& [arguments, part] : mistakes) {
    expect_refused(generate(arguments), 2, {part});
  }
}

TEST_F(GenerateProgramTest, WhatCannotBeDoneIsNamed) {
  std::string text;
  for (int i = 0; i < 500; ++i) text += "chest pain at rest ";
  expect_refused(generate({"--prompt", text}), 1, {"the prompt has", "tokens"});
  expect_refused(generate({"--prompt-file", "none.txt"}), 1, {"none.txt"});
  expect_refused(generate({"--prompt", "a", "--adapter", "none"}), 1, {"none"});
  expect_refused(run({"generate", "--model", "none", "--prompt", "a"}), 1, {"none"});
  expect_refused(
      generate({"--prompt", "a", "--batch", "4096", "--max-tokens", "90", "--cache-mib", "1"}), 1,
      {"limit of 1 MiB"});
}

}  // namespace
}  // namespace hippocrypt::cli
