// The program as its users meet it: output, standard error and exit codes of the built binary.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>

#include "tests/cli/program_runner.hpp"

namespace {

using hippocrypt::cli::Outcome;
using ProgramTest = hippocrypt::cli::ProgramRunner;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST_F(ProgramTest, HelpAndVersionGoToStandardOutput) {
  const Outcome help = run("--help");
  EXPECT_EQ(help.exit_code, 0);
  EXPECT_TRUE(contains(help.out, "synth"));
  EXPECT_TRUE(contains(help.out, "Exit codes"));
  EXPECT_EQ(help.err, "");
  const Outcome version = run("--version");
  EXPECT_EQ(version.exit_code, 0);
  EXPECT_TRUE(contains(version.out, "hippocrypt 0.")) << version.out;
  const Outcome synth = run("synth --help");
  EXPECT_EQ(synth.exit_code, 0);
  EXPECT_TRUE(contains(synth.out, "Example:")) << synth.out;
}

TEST_F(ProgramTest, MistakesOnTheCommandLineExitWithTwo) {
  for (const char* arguments :
       {"", "nonsense", "--nonsense", "synth", "synth --patients many",
        "synth --speciality cardiology --out x --patients 0",
        "synth --speciality cardiology --out x --heldout 1", "synth --speciality alchemy --out x",
        "synth --speciality cardiology --out x --prefix a/b"}) {
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 2) << arguments;
    if (*arguments != '\0') {
      EXPECT_EQ(outcome.err.rfind("error: ", 0), 0U) << outcome.err;
    }
  }
  EXPECT_FALSE(std::filesystem::exists(folder() / "x"));
}

TEST_F(ProgramTest, ListsItsStrategiesWithoutAConfiguration) {
  const Outcome outcome = run("simulate --list-strategies");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_NE(outcome.out.find("geometric-median  no"), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("scaffold          yes"), std::string::npos) << outcome.out;
  EXPECT_TRUE(outcome.err.empty());
}

TEST_F(ProgramTest, MistakesNameTheCommandsHelp) {
  EXPECT_TRUE(contains(run("synth --patients many").err, "see hippocrypt synth --help\n"));
}

TEST_F(ProgramTest, SynthWritesTheSameNotesForTheSameFlags) {
  const std::string flags = "synth --seed 7 --patients 20 --speciality cardiology --heldout 0.2 ";
  const Outcome first = run(flags + "--json --out a.jsonl");
  ASSERT_EQ(first.exit_code, 0) << first.err;
  const auto json = nlohmann::json::parse(first.out);
  EXPECT_EQ(json.at("path"), "a.jsonl");
  EXPECT_EQ(json.at("train_patients"), 16);
  EXPECT_EQ(json.at("heldout_patients"), 4);
  EXPECT_EQ(first.err, "");
  const Outcome second = run(flags + "--out b.jsonl");
  ASSERT_EQ(second.exit_code, 0) << second.err;
  EXPECT_TRUE(contains(second.out, "of 20 patients, 4 of them held out"));
  EXPECT_EQ(read(folder() / "a.jsonl"), read(folder() / "b.jsonl"));
}

TEST_F(ProgramTest, TrainTokenizerLearnsFromNotes) {
  ASSERT_EQ(run("synth --patients 20 --speciality cardiology --out a.jsonl").exit_code, 0);
  const Outcome outcome = run("train-tokenizer --notes a.jsonl --vocab 300 --out t.json --json");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(nlohmann::json::parse(outcome.out).at("vocab_size"), 300);
  EXPECT_TRUE(contains(read(folder() / "t.json"), "<|eos|>"));
}

TEST_F(ProgramTest, TrainTokenizerRefusesTooSmallAVocabularyAndMissingNotes) {
  ASSERT_EQ(run("synth --patients 2 --speciality cardiology --out a.jsonl").exit_code, 0);
  EXPECT_EQ(run("train-tokenizer --notes a.jsonl --vocab 257 --out t.json").exit_code, 2);
  const Outcome missing = run("train-tokenizer --notes none.jsonl --out t.json");
  EXPECT_EQ(missing.exit_code, 1);
  EXPECT_TRUE(contains(missing.err, "none.jsonl")) << missing.err;
  EXPECT_FALSE(std::filesystem::exists(folder() / "t.json"));
}

TEST_F(ProgramTest, AFullStandardOutputIsAFailure) {
  const Outcome outcome =
      run("synth --patients 2 --speciality cardiology --out a.jsonl >/dev/full");
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_TRUE(contains(outcome.err, "standard output")) << outcome.err;
}

}  // namespace
