// hippocrypt generate as its users meet it, on the tiny model.

#include <sys/wait.h>

#include <cstdlib>

#include "tests/cli/simulate_fixture.hpp"

namespace hippocrypt::cli {
namespace {

using nlohmann::json;

const std::string chatml =
    "{% for message in messages %}{{'<|im_start|>' + message['role'] + '\\n' + message['content'] "
    "+ "
    "'<|im_end|>' + '\\n'}}{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\\n' "
    "}}{% endif %}";

class GenerateProgramTest : public SimulateProgramTest {
 protected:
  Outcome generate(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"generate", "--model", "model"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }
  /// The program with `input` as its standard input.
  Outcome converse(const std::string& input, const std::string& arguments) const {
    write_bytes(folder() / "in.txt", input);
    const std::string command = "cd '" + folder().string() + "' && '" + HIPPOCRYPT_PROGRAM +
                                "' generate --model model " + arguments +
                                " <in.txt >out.txt 2>err.txt";
    const int status = std::system(command.c_str());
    return {WIFEXITED(status) ? WEXITSTATUS(status) : -1, 0, read_bytes(folder() / "out.txt"),
            read_bytes(folder() / "err.txt")};
  }
  /// Gives the model a template of the family that its special tokens do not matter for.
  void write_template(const std::string& text) const {
    write_bytes(folder() / "model" / "tokenizer_config.json", json{{"chat_template", text}}.dump());
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

TEST_F(GenerateProgramTest, ABlindHeadCostsTrafficAndSaysTheSame) {
  const auto with = [&](std::vector<std::string> more) {
    more.insert(more.end(), {"--greedy", "--params", "rlwe1024"});
    return generated(std::move(more));
  };
  EXPECT_EQ(with({"--blind-head"}).at("outputs"), with({}).at("outputs"));
  const json local = with({"--oracle", "encrypted"});
  const json blind = with({"--oracle", "encrypted", "--blind-head"});
  EXPECT_EQ(blind.at("outputs").size(), 1U);
  EXPECT_GT(blind.at("bytes_down").get<double>(), local.at("bytes_down").get<double>());
  EXPECT_GT(blind.at("bytes_up").get<double>(), local.at("bytes_up").get<double>());
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

TEST_F(GenerateProgramTest, AConversationAnswersEveryLineKnowingTheOnesBefore) {
  write_template(chatml);
  const std::string flags = "--greedy --max-tokens 2 --json ";
  const auto answers = [&](const std::string& input, const std::string& more) {
    const Outcome outcome = converse(input, flags + more);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return json::parse(outcome.out);
  };
  const json two = answers("a\nb", "--chat");
  ASSERT_EQ(two.at("outputs").size(), 2U);
  const json one = answers("a\n", "--chat");
  EXPECT_EQ(one.at("outputs").at(0), two.at("outputs").at(0));
  EXPECT_EQ(answers("", "--message a").at("outputs"), one.at("outputs"));
  EXPECT_GT(two.at("prompt_tokens"), 2 * one.at("prompt_tokens").get<int>());
  EXPECT_GT(answers("", "--message a --system b").at("prompt_tokens"), one.at("prompt_tokens"));
  EXPECT_EQ(answers("", "--chat").at("outputs").size(), 0U);
  // What was said before is not sent again.
  const auto tokens_sent = [&](const std::string& input) {
    const json done = answers(input, "--chat --oracle encrypted --params rlwe1024");
    return done.at("bytes_up").get<double>();
  };
  const double a_token = tokens_sent("a\n") / (one.at("prompt_tokens").get<double>() + 1.0);
  EXPECT_LT(tokens_sent("a\nb"), 0.9 * a_token * two.at("prompt_tokens").get<double>());
}

TEST_F(GenerateProgramTest, AConversationNeedsATemplateThatWeKnow) {
  expect_refused(generate({"--message", "a"}), 1, {"no chat template"});
  write_template("{{ messages }} of a family of its own");
  expect_refused(generate({"--message", "a"}), 1, {"family that we do not know"});
  write_template(chatml);
  expect_refused(generate({"--message", "a", "--context", "5"}), 1, {"room for 5"});
  expect_refused(generate({"--message", "a", "--batch", "2"}), 2, {"--batch"});
  expect_refused(generate({"--prompt", "a", "--system", "b"}), 2, {"--system"});
  expect_refused(generate({"--chat", "--message", "b"}), 2, {"prompt"});
}

TEST_F(GenerateProgramTest, CtrlCKeepsWhatThereIs) {
  Child child{folder(),
              {"generate", "--model", "model", "--prompt", "Chest pain", "--oracle", "encrypted",
               "--greedy", "--max-tokens", "80", "--json", "--batch", "200"}};
  // However fast the machine: it is installed before the model is opened, and looked at after every
  // token.
  ASSERT_TRUE(child.wait_for_interrupt_handler());
  child.interrupt();
  const Outcome outcome = child.wait();
  EXPECT_EQ(outcome.exit_code, 130) << outcome.err;
  EXPECT_EQ(outcome.signal, 0);
  EXPECT_EQ(json::parse(outcome.out).at("outputs").at(0).at("finish"), "interrupted");
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
