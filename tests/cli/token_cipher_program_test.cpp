// `hippocrypt cipher` and `hippocrypt attack token-cipher` as their users meet them.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>

#include "notes/note_file.hpp"
#include "tests/cli/program_runner.hpp"

namespace hippocrypt::cli {
namespace {

const std::string root = HIPPOCRYPT_SOURCE_DIR;
const std::string tokenizer = " --tokenizer '" + root + "/data/model/tokenizer.json'";
const std::string notes_file = root + "/data/hospitals/northgate.jsonl";

class TokenCipherProgramTest : public ProgramRunner {};

TEST_F(TokenCipherProgramTest, NotesComeBackExactly) {
  const std::string frequencies = " --variant homophonic --frequencies '" + notes_file + "'";
  for (const std::string& variant : {std::string{}, frequencies}) {
    const std::string key = variant.empty() ? "permutation.key" : "homophonic.key";
    const Outcome made = run("cipher keygen --key " + key + tokenizer + variant);
    ASSERT_EQ(made.exit_code, 0) << made.err;
    EXPECT_NE(made.err.find("Obfuscation only"), std::string::npos);
    const Outcome encoded =
        run("cipher encode --key " + key + tokenizer + " --notes '" + notes_file + "' --out ids");
    ASSERT_EQ(encoded.exit_code, 0) << encoded.err;
    EXPECT_EQ(read("ids").find("year old"), std::string::npos);
    const Outcome decoded = run("cipher decode --key " + key + tokenizer + " --in ids --out back");
    ASSERT_EQ(decoded.exit_code, 0) << decoded.err;
    EXPECT_EQ(notes::read_notes(folder() / "back")->notes, notes::read_notes(notes_file)->notes);
  }
}

TEST_F(TokenCipherProgramTest, RefusesInOneSentence) {
  EXPECT_EQ(run("cipher").exit_code, 2);
  EXPECT_EQ(run("cipher keygen --key k --variant homophonic" + tokenizer).exit_code, 2);
  ASSERT_EQ(run("cipher keygen --key k" + tokenizer).exit_code, 0);
  EXPECT_EQ(run("cipher keygen --key k" + tokenizer).exit_code, 2);  // never over another key
  std::ofstream{folder() / "ids"} << "{\"tokens\": [1]}\n";
  const Outcome malformed = run("cipher decode --key k --in ids --out back" + tokenizer);
  EXPECT_EQ(malformed.exit_code, 1);
  EXPECT_NE(malformed.err.find("ids:1:"), std::string::npos) << malformed.err;
  std::filesystem::permissions(folder() / "k", std::filesystem::perms::group_read,
                               std::filesystem::perm_options::add);
  EXPECT_EQ(run("cipher decode --key k --in ids --out back" + tokenizer).exit_code, 2);
}

TEST_F(TokenCipherProgramTest, TheAttackPrintsWhatItRecovered) {
  const std::string arguments = "attack token-cipher --model '" + root + "/data/model' --notes '" +
                                notes_file +
                                "' --reference-patients 800 --iterations 8 --max-notes ";
  const Outcome both = run(arguments + "150 --json");
  ASSERT_EQ(both.exit_code, 0) << both.err;
  const auto json = nlohmann::json::parse(both.out);
  EXPECT_EQ(json["notes"], 150);
  ASSERT_EQ(json["variants"].size(), 2U);
  const auto& permutation = json["variants"][0];
  const auto& homophonic = json["variants"][1];
  EXPECT_EQ(permutation["variant"], "permutation");
  EXPECT_GT(permutation["hidden_markov"]["by_token"], 0.5);
  EXPECT_GT(permutation["hidden_markov"]["by_token"], permutation["frequencies"]["by_token"]);
  EXPECT_EQ(homophonic["cipher_vocabulary"], 4096);
  EXPECT_LT(homophonic["frequencies"]["by_token"], 0.1);
  EXPECT_EQ(homophonic["embeddings"][0]["recovery"]["by_token"], 1.0);
  const Outcome text = run(arguments + "30 --variant permutation");
  ASSERT_EQ(text.exit_code, 0) << text.err;
  EXPECT_NE(text.out.find("no epsilon becomes smaller"), std::string::npos) << text.out;
  EXPECT_EQ(run(arguments + "150 --known-notes 150").exit_code, 2);
}

}  // namespace
}  // namespace hippocrypt::cli
