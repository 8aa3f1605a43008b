// `hippocrypt train` as its users meet it: output, checkpoints, going on, exit codes.

#include <fmt/format.h>

#include "tests/cli/simulate_fixture.hpp"

namespace hippocrypt::cli {
namespace {

using nlohmann::json;

class TrainProgramTest : public SimulateProgramTest {
 protected:
  /// train federation.toml at the first hospital with the fast oracle, and `more`.
  Outcome train(std::vector<std::string> more = {}) const {
    std::vector<std::string> arguments{"train", "federation.toml", "--runs",
                                       "out",   "--oracle",        "plain-fp32"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    if (std::find(more.begin(), more.end(), "--hospital") == more.end()) {
      arguments.insert(arguments.end(), {"--hospital", "cardiology"});
    }
    return run(arguments);
  }
  /// Plain fine-tuning of 12 steps.
  static std::vector<std::string> plain(const std::vector<std::string>& more = {}) {
    std::vector<std::string> arguments;
    for (const char* text :
         {"privacy.noise_multiplier=0", "privacy.budget=inf", "run.rounds=6",
          "training.checkpoint_every=5", "training.log_every=4", "training.schedule=cosine"}) {
      arguments.insert(arguments.end(), {"--set", text});
    }
    arguments.insert(arguments.end(), more.begin(), more.end());
    return arguments;
  }
  std::string adapter_bytes(const std::string& run) const {
    return read_bytes(folder() / "out" / run / "adapter" / "adapter_model.safetensors");
  }
};

TEST_F(TrainProgramTest, TrainsAndLeavesAnAdapterCheckpointsAndMetrics) {
  const Outcome outcome = train({"--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json document = json::parse(outcome.out);
  EXPECT_EQ(document.at("run"), "out/tiny");
  EXPECT_EQ(document.at("hospital"), "cardiology");
  EXPECT_EQ(document.at("steps"), 4);
  EXPECT_GT(document.at("loss_before").get<double>(), 0);
  EXPECT_GT(document.at("loss_after").get<double>(), 0);
  EXPECT_GT(document.at("epsilon").get<double>(), 0);
  EXPECT_EQ(document.at("unit"), "patient");
  EXPECT_EQ(document.at("relation"), "add_remove");
  EXPECT_GE(document.at("delta_total").get<double>(), document.at("delta").get<double>());
  EXPECT_EQ(document.at("bytes_up"), 0);
  EXPECT_TRUE(std::filesystem::is_regular_file(run_folder() / "adapter" / "adapter_config.json"));
  EXPECT_TRUE(
      std::filesystem::is_regular_file(run_folder() / "checkpoints" / "step_000000000004.ckpt"));
  EXPECT_EQ(lines_with(outcome.err, {"step 4/4: loss ", "learning rate", "epsilon", "tokens/s"}),
            1U);
  EXPECT_FALSE(contains(outcome.err, "warning")) << outcome.err;
  const std::string metrics = read_bytes(run_folder() / "metrics.jsonl");
  EXPECT_EQ(lines_with(metrics, {"\"event\":\"start\"", "heldout_loss"}), 1U) << metrics;
  EXPECT_EQ(lines_with(metrics, {"\"event\":\"steps\"", "learning_rate"}), 1U) << metrics;
  EXPECT_EQ(lines_with(metrics, {"\"event\":\"end\"", "heldout_loss"}), 1U) << metrics;
  const Outcome budget = run({"budget", "out/tiny"});
  EXPECT_EQ(budget.exit_code, 0) << budget.err;
  EXPECT_EQ(lines_with(budget.out, {"cardiology", " tiny "}), 2U) << budget.out;
}

TEST_F(TrainProgramTest, ThroughTheBlindServerItSendsBytesAndTrains) {
  const Outcome outcome = run({"train", "federation.toml", "--runs", "out", "--hospital",
                               "oncology", "--json", "--set", "run.rounds=1"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json document = json::parse(outcome.out);
  EXPECT_EQ(document.at("oracle"), "encrypted");
  EXPECT_GT(document.at("bytes_up").get<std::uint64_t>(), 0U);
  EXPECT_TRUE(contains(outcome.err, "blind server: ")) << outcome.err;
}

TEST_F(TrainProgramTest, ABlindHeadTrainsOnEveryOracle) {
  std::vector<double> losses, bytes;
  for (const char* oracle : {"plain-fp32", "plain-int8", "encrypted"}) {
    std::vector<std::string> arguments{"train", "federation.toml", "--runs",
                                       "out",   "--json",          "--oracle",
                                       oracle,  "--hospital",      "oncology"};
    const auto more =
        plain({"--set", "encryption.blind_head=true", "--set", "run.name=" + std::string{oracle}});
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = run(arguments);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const json document = json::parse(outcome.out);
    losses.push_back(document.at("loss_after").get<double>());
    bytes.push_back(document.at("bytes_down").get<double>());
  }
  EXPECT_NEAR(losses[1], losses[0], 0.02);
  EXPECT_NEAR(losses[2], losses[0], 0.02);
  EXPECT_EQ(bytes[0], 0);
  EXPECT_GT(bytes[2], 0);
}

TEST_F(TrainProgramTest, WithoutNoiseItSaysSo) {
  const Outcome outcome = train(plain());
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(lines_with(outcome.err, {"warning: ", "without differential privacy"}), 1U);
  EXPECT_TRUE(contains(outcome.out, "no differential privacy")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "held-out loss")) << outcome.out;
  EXPECT_FALSE(contains(outcome.err, "epsilon")) << outcome.err;
}

TEST_F(TrainProgramTest, LotsThatDoNotFitAreMentioned) {
  const Outcome outcome = train(plain({"--set", "privacy.sampling_rate=1.0", "--set",
                                       "encryption.train_tiles=1", "--set", "run.rounds=1"}));
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(lines_with(outcome.err, {"more than its tiles", "training.accumulate"}), 1U);
  EXPECT_FALSE(contains(train(plain()).err, "more than its tiles"));
}

TEST_F(TrainProgramTest, ACheckpointGoesOnToTheSameBytes) {
  ASSERT_EQ(train(plain({"--set", "run.name=whole"})).exit_code, 0);
  // As a crash after step 10 leaves it: no adapter, the checkpoint of step 10 the newest.
  ASSERT_EQ(train(plain({"--set", "run.name=cut"})).exit_code, 0);
  const auto cut = folder() / "out" / "cut";
  std::filesystem::remove_all(cut / "adapter");
  ASSERT_TRUE(std::filesystem::remove(cut / "checkpoints" / "step_000000000012.ckpt"));
  const Outcome resumed = train(plain({"--set", "run.name=cut", "--resume", "cut"}));
  ASSERT_EQ(resumed.exit_code, 0) << resumed.err;
  EXPECT_EQ(lines_with(resumed.err, {"goes on after step 10 of 12"}), 1U) << resumed.err;
  EXPECT_EQ(adapter_bytes("cut"), adapter_bytes("whole"));
  EXPECT_GT(adapter_bytes("cut").size(), 1000U);
}

TEST_F(TrainProgramTest, CtrlCKeepsACheckpointAndSaysHowToGoOn) {
  const std::vector<std::string> settings =
      plain({"--set", "run.rounds=600", "--set", "training.log_every=1"});
  std::vector<std::string> arguments{"train",    "federation.toml", "--runs",     "out",
                                     "--oracle", "plain-fp32",      "--hospital", "cardiology"};
  arguments.insert(arguments.end(), settings.begin(), settings.end());
  Child child{folder(), arguments};
  ASSERT_TRUE(child.wait_for_line("step 3/1200"));
  child.interrupt();
  const Outcome outcome = child.wait();
  expect_refused(
      outcome, 130,
      {"stopped by the user after step ", " of 1200", "a checkpoint is kept",
       "hippocrypt train federation.toml --set privacy.noise_multiplier=0", "--resume out/tiny"});
  EXPECT_FALSE(std::filesystem::is_empty(run_folder() / "checkpoints"));
}

TEST_F(TrainProgramTest, AChangedConfigurationOrModelIsNamed) {
  ASSERT_EQ(train(plain()).exit_code, 0);
  std::filesystem::remove(run_folder() / "checkpoints" / "step_000000000012.ckpt");
  expect_refused(train(plain({"--resume", "tiny", "--set", "training.learning_rate=0.5"})), 1,
                 {"training.learning_rate is 0.5 and was 0.001 when the run began"});
  expect_refused(train(plain({"--resume", "tiny", "--hospital", "oncology"})), 1,
                 {"hospital.name is oncology and was cardiology"});
  std::string weights = read_bytes(folder() / "model" / "model.safetensors");
  weights.back() = static_cast<char>(weights.back() ^ 1);
  weights[weights.size() - 3] = static_cast<char>(weights[weights.size() - 3] ^ 1);
  write_bytes(folder() / "model" / "model.safetensors", weights);
  expect_refused(train(plain({"--resume", "tiny"})), 1, {"model.path (its weights) is "});
}

TEST_F(TrainProgramTest, ADamagedCheckpointIsTampered) {
  ASSERT_EQ(train(plain()).exit_code, 0);
  const auto newest = run_folder() / "checkpoints" / "step_000000000012.ckpt";
  std::string bytes = read_bytes(newest);
  bytes[bytes.size() / 2] = static_cast<char>(bytes[bytes.size() / 2] ^ 1);
  write_bytes(newest, bytes);
  expect_refused(train(plain({"--resume", "tiny"})), 4,
                 {"step_000000000012.ckpt", "its hash does not agree"});
}

TEST_F(TrainProgramTest, ARunThatIsNotThereOrHasEndedIsNoRunToGoOnWith) {
  expect_refused(train(plain({"--resume", "none"})), 1, {"no run 'none'"});
  ASSERT_EQ(train(plain()).exit_code, 0);
  expect_refused(train(plain({"--resume", "tiny"})), 1, {"has taken all of its 12 steps"});
}

TEST_F(TrainProgramTest, AMissingLedgerIsNoRefund) {
  ASSERT_EQ(train(plain()).exit_code, 0);
  std::filesystem::remove(run_folder() / "checkpoints" / "step_000000000012.ckpt");
  std::filesystem::remove_all(run_folder() / "hospitals");
  expect_refused(train(plain({"--resume", "tiny"})), 1, {"ledger"});
}

TEST_F(TrainProgramTest, ASpentBudgetEndsWithItsOwnCodeAndKeepsTheAdapter) {
  const Outcome probe = train({"--json", "--set", "run.name=probe", "--set", "run.rounds=2"});
  ASSERT_EQ(probe.exit_code, 0) << probe.err;
  const auto spent = json::parse(probe.out).at("epsilon").get<double>();
  expect_refused(train({"--set", "run.rounds=4", "--set", fmt::format("privacy.budget={}", spent)}),
                 3, {"stopped after step 4 of 8", "the adapter so far is in out/tiny/adapter"});
  expect_refused(train({"--set", "run.rounds=4", "--set", fmt::format("privacy.budget={}", spent),
                        "--resume", "tiny"}),
                 3, {"stopped after step 4 of 8"});
  // A larger budget may be given to a run that began with a smaller one.
  const Outcome more = train({"--set", "run.rounds=4", "--resume", "tiny", "--json"});
  ASSERT_EQ(more.exit_code, 0) << more.err;
  EXPECT_EQ(json::parse(more.out).at("steps"), 8);
}

TEST_F(TrainProgramTest, OneOfSeveralHospitalsMustBeChosen) {
  const Outcome none = run({"train", "federation.toml"});
  expect_refused(none, 2, {"names 3 hospitals", "--hospital", "cardiology, oncology or neurology"});
  expect_refused(train({"--hospital", "surgery"}), 2, {"--hospital surgery", "no such hospital"});
}

}  // namespace
}  // namespace hippocrypt::cli
