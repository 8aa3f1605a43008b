// Input that is wrong, as the program meets it: a refusal with its cause or a reported repair, and
// never a crash.

#include <algorithm>
#include <cstring>
#include <fstream>
#include <limits>

#include "tests/cli/simulate_fixture.hpp"

namespace hippocrypt::cli {
namespace {

using nlohmann::json;

class BadInputProgramTest : public SimulateProgramTest {
 protected:
  std::filesystem::path weights() const { return folder() / "model" / "model.safetensors"; }

  void append_notes(std::size_t hospital, const std::string& lines) const {
    std::ofstream{notes_of(hospital), std::ios::binary | std::ios::app} << lines;
  }
  static std::string note_line(const std::string& id, const std::string& text) {
    return "{\"patient_id\": \"" + id + "\", \"note_id\": \"n\", \"speciality\": \"x\", " +
           "\"split\": \"train\", \"text\": \"" + text + "\"}\n";
  }
  // A loading error comes before the run has a folder.
  void expect_no_start(const std::vector<std::string>& parts) const {
    for (const char* oracle : {"plain-int8", "encrypted"}) {
      expect_refused(simulate({"--oracle", oracle}), 1, parts);
      EXPECT_FALSE(std::filesystem::exists(folder() / "out"));
    }
  }
  // The number of the report of `hospital` on standard error that stands before `what`.
  static int reported(const Outcome& outcome, const std::string& hospital,
                      const std::string& what) {
    const std::size_t begin = outcome.err.find(hospital + ": ");
    const std::size_t end = outcome.err.find(" " + what, begin);
    if (begin == std::string::npos || end == std::string::npos) return -1;
    const std::string line = outcome.err.substr(begin, end - begin);
    if (contains(line, "\n")) return -1;
    return std::stoi(line.substr(line.rfind(' ') + 1));
  }
};

TEST_F(BadInputProgramTest, AnEmptyNoteFileStopsOneHospitalOnly) {
  write_bytes(notes_of(1), "");
  const Outcome outcome = simulate({"--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(lines_with(outcome.err, {"  oncology", "failed"}) > 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "oncology.jsonl: no notes")) << outcome.err;
  const json document = json::parse(outcome.out);
  const json& oncology = document.at("hospitals").at(1);
  EXPECT_TRUE(contains(oncology.at("failure"), "no notes")) << oncology;
  EXPECT_TRUE(oncology.at("loss_before").is_null()) << oncology;
  EXPECT_TRUE(oncology.at("loss_after").is_null()) << oncology;
  EXPECT_EQ(oncology.at("epsilon"), 0.0);
  EXPECT_EQ(document.at("hospitals").at(0).at("steps"), 4);
  const Outcome budget = run({"budget", "out/tiny"});
  EXPECT_EQ(budget.exit_code, 0) << budget.err;
}

TEST_F(BadInputProgramTest, TheTableNamesTheCauseOfAFailedHospital) {
  write_bytes(notes_of(1), "\n\n");
  const Outcome outcome = simulate_plain();
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(lines_with(outcome.out, {"no notes"}), 2U) << outcome.out;
  EXPECT_FALSE(contains(outcome.out, "nan")) << outcome.out;
  EXPECT_EQ(lines_with(outcome.out, {"no notes", "0.0000"}), 0U) << outcome.out;
}

TEST_F(BadInputProgramTest, WhenEveryNoteFileIsEmptyTheRunFails) {
  for (std::size_t i = 0; i < 3; ++i) write_bytes(notes_of(i), "");
  const Outcome outcome = simulate_plain();
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(outcome.signal, 0);
  EXPECT_EQ(lines_with(outcome.err, {"error: no hospital"}), 1U) << outcome.err;
  EXPECT_EQ(json::parse(read_bytes(run_folder() / "run.json")).at("status"), "failed");
}

TEST_F(BadInputProgramTest, ABrokenLineIsNamedWithFileAndLine) {
  write_bytes(notes_of(0), "{\"patient_id\": \"1\"}\n" + read_bytes(notes_of(0)));
  const Outcome outcome = simulate_plain();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "cardiology.jsonl:1: ")) << outcome.err;
}

TEST_F(BadInputProgramTest, ANoteBeyondTheContextIsCutAndCounted) {
  const Outcome before = simulate_plain();
  std::string text;
  for (int i = 0; i < 2000; ++i) text += "chest pain at rest ";
  append_notes(0, note_line("long", text));
  // Beyond the context of 96 tokens, whatever the file allows.
  const std::vector<std::string> room{"--set", "training.max_note_tokens=128"};
  const Outcome after = simulate_plain(room);
  ASSERT_EQ(after.exit_code, 0) << after.err;
  EXPECT_GE(reported(after, "cardiology", "notes cut to max_note_tokens"), 1) << after.err;
  const Outcome narrow = simulate_plain();
  ASSERT_EQ(narrow.exit_code, 0) << narrow.err;
  EXPECT_EQ(reported(narrow, "cardiology", "notes cut to max_note_tokens"),
            std::max(0, reported(before, "cardiology", "notes cut to max_note_tokens")) + 1)
      << narrow.err;
}

TEST_F(BadInputProgramTest, BytesThatAreNotUtf8AreRepairedAndCounted) {
  append_notes(0, note_line("latin", "Fi\xE8vre \xFF\xC0 depuis hier") +
                      note_line("cut", "caf\xC3") + note_line("plain", "febrile since yesterday"));
  const Outcome outcome = simulate_plain({"--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(reported(outcome, "cardiology", "lines with bytes that are not UTF-8 repaired"), 2)
      << outcome.err;
  EXPECT_EQ(lines_with(outcome.err, {"not UTF-8"}), 1U) << outcome.err;
  EXPECT_EQ(json::parse(outcome.out).at("hospitals").at(0).at("failure"), "");
}

TEST_F(BadInputProgramTest, ANaNWeightIsNamedWithItsTensor) {
  std::string bytes = read_bytes(weights());
  std::uint64_t header = 0;
  std::memcpy(&header, bytes.data(), sizeof header);
  const json tensors = json::parse(bytes.substr(8, header));
  const std::string name = "model.layers.1.mlp.down_proj.weight";
  ASSERT_EQ(tensors.at(name).at("dtype"), "F32");
  const auto at = 8 + header + tensors.at(name).at("data_offsets").at(0).get<std::size_t>() + 4 * 5;
  const float nan = std::numeric_limits<float>::quiet_NaN();
  std::memcpy(bytes.data() + at, &nan, sizeof nan);
  write_bytes(weights(), bytes);
  expect_no_start({"model.safetensors", name, "NaN"});
}

TEST_F(BadInputProgramTest, AContextOfOneTokenLeavesNothingToPredict) {
  const auto path = folder() / "model" / "config.json";
  json config = json::parse(read_bytes(path));
  config["max_position_embeddings"] = 1;
  write_bytes(path, config.dump());
  expect_refused(simulate_plain(), 1, {"no hospital ended well", "has no usable note"});
}

TEST_F(BadInputProgramTest, ATokenizerOfAnotherModelIsNamed) {
  ASSERT_EQ(run({"train-tokenizer", "--notes", "oncology.jsonl", "--vocab", "500", "--out",
                 "model/tokenizer.json"})
                .exit_code,
            0);
  expect_refused(simulate_plain(), 1, {"the tokenizer has 500 tokens", "different models"});
}

TEST_F(BadInputProgramTest, TruncatedWeightsAreRefused) {
  const std::string bytes = read_bytes(weights());
  for (const std::size_t size :
       {bytes.size() - 1, bytes.size() / 2, std::size_t{100}, std::size_t{7}, std::size_t{0}}) {
    write_bytes(weights(), bytes.substr(0, size));
    expect_refused(simulate_plain(), 1, {"model.safetensors"});
    EXPECT_FALSE(std::filesystem::exists(folder() / "out"));
  }
}

TEST_F(BadInputProgramTest, MissingModelFilesAreNamed) {
  for (const char* file : {"tokenizer.json", "config.json", "model.safetensors"}) {
    const auto path = folder() / "model" / file;
    std::filesystem::rename(path, folder() / "aside");
    expect_no_start({file});
    std::filesystem::rename(folder() / "aside", path);
  }
}

TEST_F(BadInputProgramTest, ABrokenTokenizerIsRefused) {
  const auto path = folder() / "model" / "tokenizer.json";
  const std::string whole = read_bytes(path);
  for (const std::string& text : {std::string{}, std::string{"{}"}, whole.substr(0, 500)}) {
    write_bytes(path, text);
    expect_no_start({"tokenizer.json"});
  }
}

TEST_F(BadInputProgramTest, TrainingThatDivergesIsAnErrorNotAWaitForEver) {
  for (const char* oracle : {"plain-int8", "encrypted"}) {
    for (const char* steps : {"run.steps_per_round=1", "run.steps_per_round=3"}) {
      const Outcome outcome =
          simulate({"--oracle", oracle, "--set", "training.learning_rate=1e39", "--set", steps});
      expect_refused(outcome, 1, {"no hospital ended well"});
      EXPECT_TRUE(contains(outcome.err, "0 contributed")) << outcome.err;
    }
  }
  const Outcome outcome = simulate_plain({"--set", "training.learning_rate=1e39", "--set",
                                          "run.steps_per_round=1", "--set", "run.rounds=1"});
  expect_refused(outcome, 1, {"training diverged", "training.learning_rate"});
}

TEST_F(BadInputProgramTest, TrainingThatNearlyDivergesDoesNotCrash) {
  for (const char* rate : {"1e6", "1e20", "3e38"}) {
    const Outcome outcome = simulate({"--set", "training.learning_rate=" + std::string{rate},
                                      "--set", "run.steps_per_round=1", "--set", "run.rounds=3"});
    EXPECT_EQ(outcome.signal, 0) << rate << "\n" << outcome.err;
    EXPECT_TRUE(outcome.exit_code == 0 || outcome.exit_code == 1) << rate << "\n" << outcome.err;
  }
}

}  // namespace
}  // namespace hippocrypt::cli
