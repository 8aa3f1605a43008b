// `hippocrypt simulate` as its users meet it: output, progress, exit codes and what it leaves.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cstdlib>
#include <fstream>

#include "tests/cli/simulate_fixture.hpp"

namespace hippocrypt::cli {
namespace {

using nlohmann::json;

std::vector<std::string> keys_of(const nlohmann::ordered_json& object) {
  std::vector<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.push_back(key);
  return keys;
}

TEST_F(SimulateProgramTest, JsonIsOneDocumentAndProgressGoesToStandardError) {
  const Outcome outcome = simulate({"--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const auto document = nlohmann::ordered_json::parse(outcome.out);  // one document, nothing else
  for (const char* key :
       {"run", "oracle", "rounds", "seconds", "bytes_up", "bytes_down", "adapter", "hospitals"}) {
    EXPECT_TRUE(document.contains(key)) << key;
  }
  EXPECT_EQ(document.at("run"), "tiny");
  EXPECT_EQ(document.at("oracle"), "encrypted");
  EXPECT_EQ(document.at("rounds"), 2);
  EXPECT_EQ(document.at("unit"), "patient");
  EXPECT_EQ(document.at("relation"), "add_remove");
  EXPECT_EQ(document.at("delta"), 1e-5);
  EXPECT_GT(document.at("seconds").get<double>(), 0);
  EXPECT_GT(document.at("bytes_up").get<std::uint64_t>(), 0U);
  EXPECT_GT(document.at("bytes_down").get<std::uint64_t>(), 0U);
  ASSERT_EQ(document.at("hospitals").size(), 3U);
  for (const auto& hospital : document.at("hospitals")) {
    EXPECT_EQ(keys_of(hospital), (std::vector<std::string>{"name", "loss_before", "loss_after",
                                                           "epsilon", "delta_total", "budget",
                                                           "steps", "rounds_sat_out", "failure"}));
    EXPECT_GT(hospital.at("loss_before").get<double>(), 0);
    EXPECT_GT(hospital.at("loss_after").get<double>(), 0);
    EXPECT_GT(hospital.at("epsilon").get<double>(), 0);
    EXPECT_EQ(hospital.at("budget"), 1000.0);
    EXPECT_EQ(hospital.at("steps"), 4);
    EXPECT_EQ(hospital.at("rounds_sat_out"), 0);
    EXPECT_EQ(hospital.at("failure"), "");
  }
  const std::filesystem::path adapter = folder() / document.at("adapter").get<std::string>();
  EXPECT_TRUE(std::filesystem::is_regular_file(adapter / "adapter_model.safetensors"));
  EXPECT_TRUE(std::filesystem::is_regular_file(adapter / "adapter_config.json"));
  EXPECT_TRUE(contains(outcome.err, "round 1/2: 3 contributed")) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "round 2/2: 3 contributed")) << outcome.err;
  EXPECT_EQ(lines_with(outcome.err, {"training units"}), 3U) << outcome.err;
}

TEST_F(SimulateProgramTest, HumanOutputShowsLossesAndEpsilons) {
  const Outcome outcome = simulate_plain();
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const char* part : {"held-out loss before", "after", "change", "epsilon", "budget",
                           "rounds that fit", "add or remove one patient", "run.seed",
                           "2 rounds in ", "outcome: finished, 2 of 2 rounds; 3 of 3 hospitals",
                           "privacy: worst epsilon", "oracle plain-int8", "adapter: ", "run: "}) {
    EXPECT_TRUE(contains(outcome.out, part)) << part << "\n" << outcome.out;
  }
  for (const auto& hospital : tiny_.config.hospitals) {
    // The losses, one row for each of the two rounds, and the summary.
    const std::size_t worst = lines_with(outcome.out, {"privacy: worst", hospital.name});
    EXPECT_EQ(lines_with(outcome.out, {hospital.name}), 1U + 2U + 1U + worst) << outcome.out;
    EXPECT_EQ(lines_with(outcome.out, {hospital.name + " ", " tiny "}), 2U) << outcome.out;
  }
  EXPECT_FALSE(contains(outcome.out, "round 1/2")) << outcome.out;
}

TEST_F(SimulateProgramTest, ABlindHeadTrainsWithMoreTraffic) {
  const auto document = [&](const std::string& head) {
    const Outcome outcome =
        simulate({"--json", "--set", "run.rounds=1", "--set", "run.name=head-" + head, "--set",
                  "encryption.blind_head=" + head});
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return json::parse(outcome.out);
  };
  const json local = document("false"), blind = document("true");
  EXPECT_GT(blind.at("bytes_up").get<double>(), local.at("bytes_up").get<double>());
  EXPECT_GT(blind.at("bytes_down").get<double>(), local.at("bytes_down").get<double>());
  for (std::size_t i = 0; i < 3; ++i) {
    EXPECT_NEAR(blind.at("hospitals").at(i).at("loss_before").get<double>(),
                local.at("hospitals").at(i).at("loss_before").get<double>(), 0.02);
  }
}

TEST_F(SimulateProgramTest, OverridesAndOraclesComeFromTheCommandLine) {
  for (const char* name : {"plain-fp32", "plain-int8", "encrypted"}) {
    const std::string oracle = name;
    const Outcome outcome = simulate(
        {"--json", "--oracle", oracle, "--set", "run.rounds=1", "--set", "run.name=" + oracle});
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    const json document = json::parse(outcome.out);
    EXPECT_EQ(document.at("oracle"), oracle);
    EXPECT_EQ(document.at("rounds"), 1);
    EXPECT_EQ(document.at("bytes_up").get<std::uint64_t>() > 0, oracle == "encrypted");
    EXPECT_TRUE(std::filesystem::is_directory(folder() / "out" / oracle / "adapter"));
  }
}

TEST_F(SimulateProgramTest, AWrongOracleIsRefusedWithTheChoices) {
  for (const char* oracle : {"homomorphic", "plain", "", "a\"b", "x\ny"}) {
    expect_config_error({"--oracle", oracle}, {"plain-fp32", "plain-int8", "encrypted"});
  }
}

TEST_F(SimulateProgramTest, ASecondRunGetsAFolderOfItsOwn) {
  ASSERT_EQ(simulate_plain({"--set", "run.rounds=1"}).exit_code, 0);
  const std::string first = read_bytes(run_folder() / "run.json");
  const Outcome second = simulate_plain({"--set", "run.rounds=1", "--json"});
  ASSERT_EQ(second.exit_code, 0) << second.err;
  EXPECT_EQ(json::parse(second.out).at("run"), "tiny-2");
  EXPECT_EQ(read_bytes(run_folder() / "run.json"), first);
}

TEST_F(SimulateProgramTest, AClosedStandardErrorDoesNotEndUpInTheRunsFiles) {
  const std::string command = "cd '" + folder().string() + "' && '" + HIPPOCRYPT_PROGRAM +
                              "' simulate federation.toml --runs out --oracle plain-int8 " +
                              ">out.txt <&- 2>&-";
  ASSERT_EQ(std::system(command.c_str()), 0);
  std::ifstream metrics{run_folder() / "metrics.jsonl"};
  std::size_t lines = 0;
  for (std::string line; std::getline(metrics, line); ++lines) {
    EXPECT_TRUE(json::accept(line)) << line;
  }
  // Start and end, what the notes held, steps, hospitals' rounds, rounds.
  EXPECT_EQ(lines, 2U + 3U + 3U * 2U * 2U + 3U * 2U + 2U);
}

TEST_F(SimulateProgramTest, ARoundIsALineAndAHospitalsPartInItOneToo) {
  const Outcome outcome = simulate_plain();
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(lines_with(outcome.err, {"round "}), 2U) << outcome.err;
  for (const auto& hospital : tiny_.config.hospitals) {
    EXPECT_EQ(lines_with(outcome.err, {"  " + hospital.name, " ok ", " eps ", "/1000.00"}), 2U)
        << outcome.err;
  }
}

TEST_F(SimulateProgramTest, ATakenMetricsPortIsRefusedBeforeAnyWork) {
  const int taken = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof address;
  ASSERT_EQ(::bind(taken, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(::listen(taken, 1), 0);
  ASSERT_EQ(::getsockname(taken, reinterpret_cast<sockaddr*>(&address), &size), 0);
  const std::string port = std::to_string(ntohs(address.sin_port));
  const Outcome outcome = simulate_plain({"--metrics-port", port});
  ::close(taken);
  expect_refused(outcome, 1, {"127.0.0.1:" + port, "in use", "another port"});
  EXPECT_FALSE(std::filesystem::exists(folder() / "out"));
}

TEST_F(SimulateProgramTest, MetricsPortSaysWhereThePageIs) {
  const Outcome outcome = simulate_plain({"--metrics-port", "0"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(lines_with(outcome.err, {"metrics: http://127.0.0.1:", "/metrics"}), 1U) << outcome.err;
}

TEST_F(SimulateProgramTest, AFullStandardOutputIsAFailure) {
  const std::string command = "cd '" + folder().string() + "' && '" + HIPPOCRYPT_PROGRAM +
                              "' simulate federation.toml --runs out --oracle plain-int8 " +
                              ">/dev/full 2>err.txt";
  EXPECT_NE(std::system(command.c_str()), 0);
  EXPECT_TRUE(contains(read_bytes(folder() / "err.txt"), "error: standard output"));
}

// A run of 100,000 rounds, with tiles for everybody at once so that no lot overflows in so many.
std::vector<std::string> long_run(const std::string& oracle) {
  return {"simulate", "federation.toml",
          "--runs",   "out",
          "--oracle", oracle,
          "--set",    "run.rounds=100000",
          "--set",    "privacy.budget=inf",
          "--set",    "encryption.train_tiles=16"};
}

TEST_F(SimulateProgramTest, CtrlCEndsALongRunAndKeepsItsRounds) {
  Child child{folder(), long_run("plain-int8")};
  ASSERT_TRUE(child.wait_for_line("round 1/100000: 3 contributed"));
  child.interrupt();
  const Outcome outcome = child.wait();
  EXPECT_TRUE(child.group_is_gone());
  expect_refused(outcome, 130, {"stopped by the user after ", " of 100000 rounds", "out/tiny"});
  const json record = json::parse(read_bytes(run_folder() / "run.json"));
  EXPECT_EQ(record.at("status"), "interrupted");
  EXPECT_GE(record.at("rounds").get<int>(), 1);
  EXPECT_LT(record.at("rounds").get<int>(), 100000);
  // What the hospitals spent until then is on record.
  const Outcome budget = run({"budget", "out/tiny", "--json"});
  ASSERT_EQ(budget.exit_code, 0) << budget.err;
  for (const auto& hospital : json::parse(budget.out).at("hospitals")) {
    EXPECT_GT(hospital.at("epsilon").get<double>(), 0);
    EXPECT_TRUE(hospital.at("budget").is_null());
    EXPECT_TRUE(hospital.at("rounds_left").is_null());
  }
}

TEST_F(SimulateProgramTest, CtrlCEndsAnEncryptedRun) {
  Child child{folder(), long_run("encrypted")};
  ASSERT_TRUE(child.wait_for_line("round 1/100000: 3 contributed"));
  child.interrupt();
  expect_refused(child.wait(), 130, {"stopped by the user after "});
  EXPECT_TRUE(child.group_is_gone());
  EXPECT_EQ(json::parse(read_bytes(run_folder() / "run.json")).at("status"), "interrupted");
}

TEST_F(SimulateProgramTest, CtrlCBeforeTheFirstRoundEndsTheRunToo) {
  Child child{folder(), long_run("encrypted")};
  ASSERT_TRUE(child.wait_for_line("training units"));
  child.interrupt();
  expect_refused(child.wait(), 130, {"stopped by the user after "});
  EXPECT_TRUE(child.group_is_gone());
}

}  // namespace
}  // namespace hippocrypt::cli
