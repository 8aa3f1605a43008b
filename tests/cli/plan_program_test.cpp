// What `plan` says against what the run then costs.

#include "tests/cli/simulate_fixture.hpp"

namespace hippocrypt::cli {
namespace {

using nlohmann::json;

class PlanProgramTest : public SimulateProgramTest {
 protected:
  json plan(std::vector<std::string> more) const {
    more.insert(more.begin(), {"plan", "federation.toml", "--json"});
    const Outcome outcome = run(more);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return json::parse(outcome.out);
  }
  json simulated(std::vector<std::string> more) const {
    more.push_back("--json");
    const Outcome outcome = simulate(more);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return json::parse(outcome.out);
  }
  static std::vector<std::string> set(const std::vector<std::string>& values) {
    std::vector<std::string> words;
    for (const auto& value : values) words.insert(words.end(), {"--set", value});
    return words;
  }
  /// Three hospitals in town and two farms, that share all notes.
  void write_groups() {
    std::string notes;
    for (const auto& hospital : tiny_.config.hospitals) {
      notes += '"' + hospital.notes.filename().string() + "\", ";
    }
    tiny_.config.hospitals.clear();
    const auto group = [&](const std::string& name, int count) {
      return "\n[[group]]\nname = \"" + name + "\"\ncount = " + std::to_string(count) +
             "\nnotes = [" + notes + "]\npatients = 8\nskew = 0.5\n";
    };
    write_config(group("town", 3) + group("farm", 2));
  }
  /// Bytes to and from the blind server, epsilon and delta, to the last digit.
  void expect_foreseen(const std::vector<std::string>& overrides) const {
    auto arguments = set(overrides);
    const json real = simulated(arguments);
    arguments.push_back("--no-calibration");
    const json foreseen = plan(arguments);
    EXPECT_EQ(foreseen["server"]["run"]["up"], real["bytes_up"]);
    EXPECT_EQ(foreseen["server"]["run"]["down"], real["bytes_down"]);
    ASSERT_EQ(foreseen["hospitals"].size(), real["hospitals"].size());
    for (std::size_t i = 0; i < real["hospitals"].size(); ++i) {
      const json& privacy = foreseen["hospitals"][i]["privacy"];
      EXPECT_EQ(privacy["end"]["epsilon"], real["hospitals"][i]["epsilon"]);
      EXPECT_EQ(privacy["delta_total"], real["hospitals"][i]["delta_total"]);
      EXPECT_EQ(privacy["steps"], real["hospitals"][i]["steps"]);
    }
  }
};

TEST_F(PlanProgramTest, ForeseesBytesAndEpsilonOfARun) { expect_foreseen({}); }

TEST_F(PlanProgramTest, ForeseesNarrowValuesAndSeveralPasses) {
  expect_foreseen({"encryption.upload_bits=20", "encryption.download_bits=12",
                   "training.accumulate=2", "encryption.train_tiles=2"});
}

TEST_F(PlanProgramTest, ForeseesABlindHeadAndPartialTiles) {
  expect_foreseen(
      {"encryption.blind_head=true", "encryption.tile_tokens=300", "encryption.train_tiles=8"});
}

TEST_F(PlanProgramTest, ForeseesTheApproximateBackward) {
  expect_foreseen({"training.backprop=\"top_gradient\"", "adapter.targets=[\"o\", \"down\"]"});
}

TEST_F(PlanProgramTest, ForeseesWhereABudgetEnds) {
  const json two = plan({"--no-calibration"});
  const double epsilon = two["hospitals"][0]["privacy"]["end"]["epsilon"];
  const std::string poor = "hospital.cardiology.budget=" + std::to_string(epsilon * 1.01);
  expect_foreseen({"run.rounds=4", poor});
  auto arguments = set({"run.rounds=4", poor});
  arguments.push_back("--no-calibration");
  const json foreseen = plan(arguments);
  EXPECT_EQ(foreseen["hospitals"][0]["privacy"]["last_round"], 2);
  EXPECT_EQ(foreseen["hospitals"][1]["privacy"]["last_round"], 4);
  EXPECT_EQ(foreseen["budgets_suffice"], false);
}

TEST_F(PlanProgramTest, ForeseesLooksAtTheHeldOutNotes) {
  expect_foreseen({"run.rounds=5", "simulation.evaluate_every=2"});
}

TEST_F(PlanProgramTest, ForeseesScaffoldAndFedSb) {
  const std::string sgd = "training.optimizer=\"sgd\"";
  expect_foreseen({"aggregation.strategy=\"scaffold\"", sgd, "run.name=scaffold"});
  expect_foreseen({"adapter.mode=\"fed-sb\"", "run.name=fed-sb"});
}

TEST_F(PlanProgramTest, ForeseesARunOfGroups) {
  write_groups();
  expect_foreseen({});
  const json foreseen = plan({"--no-calibration"});
  ASSERT_EQ(foreseen["hospitals"].size(), 5U);
  EXPECT_EQ(foreseen["hospitals"][0]["name"], "town-001");
  EXPECT_EQ(foreseen["hospitals"][4]["name"], "farm-002");
  EXPECT_EQ(foreseen["quorum"], 3);
}

TEST_F(PlanProgramTest, KrumRaisesTheQuorumToWhatItNeeds) {
  write_groups();
  auto arguments = set({"aggregation.strategy=\"krum\""});
  arguments.push_back("--no-calibration");
  EXPECT_EQ(plan(arguments)["quorum"], 5) << "2·1 + 3, where a majority is 3";
  const Outcome outcome =
      simulate_plain(set({"aggregation.strategy=\"krum\"", "group.farm.failures=[\"crash@2\"]"}));
  expect_refused(outcome, 1,
                 {"the run stopped, because ", "the quorum is 5", "after 1 of 2 rounds",
                  "go on with: hippocrypt simulate --resume out/tiny"});
  const json record = json::parse(read_bytes(run_folder() / "run.json"));
  EXPECT_EQ(record["status"], "failed");
  EXPECT_EQ(record["hospitals"][0]["failure"], "");
  EXPECT_GT(record["hospitals"][0]["epsilon"], 0);
  EXPECT_TRUE(record["hospitals"][0]["loss_after"].is_null()) << "there is no final adapter";
  EXPECT_EQ(lines_with(read_bytes(run_folder() / "metrics.jsonl"),
                       {"town-001", "the run stopped before its last round"}),
            1U);
}

TEST_F(PlanProgramTest, CountsWhatThePatientsAccountHoldsAndChargesNothing) {
  const auto arguments = set({"privacy.ledger=\"dataset\""});
  auto look = arguments;
  look.push_back("--no-calibration");
  const json before = plan(look);
  EXPECT_EQ(before["hospitals"][0]["privacy"]["now"]["epsilon"], 0);
  EXPECT_FALSE(std::filesystem::exists(home())) << "nothing is enrolled";
  const json first = simulated(arguments);
  const json between = plan(look);
  EXPECT_EQ(between["hospitals"][0]["privacy"]["now"]["epsilon"], first["hospitals"][0]["epsilon"]);
  EXPECT_EQ(plan(look), between);
  const json second = simulated(arguments);
  EXPECT_EQ(between["hospitals"][0]["privacy"]["end"]["epsilon"],
            second["hospitals"][0]["epsilon"]);
}

TEST_F(PlanProgramTest, TimesARealStepOnALedgerThatIsThrownAway) {
  const json foreseen = plan({});
  EXPECT_GE(foreseen["time"]["measured_steps"], 1);
  EXPECT_GT(foreseen["time"]["run_seconds"], 0);
  EXPECT_GT(foreseen["memory"]["peak_bytes"], 1'000'000);
  EXPECT_FALSE(std::filesystem::exists(folder() / "out"));
  const Outcome text = run({"plan", "federation.toml"});
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_TRUE(contains(text.out, "all 2")) << text.out;
  EXPECT_TRUE(contains(text.out, "time:     ")) << text.out;
}

TEST_F(PlanProgramTest, RefusesWhatSimulateRefuses) {
  const Outcome outcome = run({"plan", "federation.toml", "--set", "privacy.dleta=1e-6"});
  expect_refused(outcome, 2, {"privacy.dleta", "did you mean 'delta'"});
}

TEST_F(PlanProgramTest, SimulateComparesWithHospitalsAlone) {
  const Outcome outcome = simulate_plain({"--compare-alone", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json compared = json::parse(outcome.out)["compared"];
  EXPECT_EQ(compared, json::parse(read_bytes(run_folder() / "alone.json")));
  EXPECT_EQ(compared["alone"].size(), 3U);
  EXPECT_GT(compared["pooled_tokens"], 0);
}

TEST_F(PlanProgramTest, SimulateComparesUnderSecureAggregationAndWithEveryKindOfUpdate) {
  const std::vector<std::vector<std::string>> kinds{
      {},
      {"aggregation.strategy=\"scaffold\"", "training.optimizer=\"sgd\""},
      {"adapter.mode=\"fed-sb\""},
      {"adapter.mode=\"rolora\""}};
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    SCOPED_TRACE(i);
    auto overrides = kinds[i];
    overrides.push_back("secagg.enabled=true");
    overrides.push_back("run.name=kind-" + std::to_string(i));
    auto arguments = set(overrides);
    arguments.insert(arguments.end(), {"--compare-alone", "--json"});
    const Outcome outcome = simulate_plain(arguments);
    ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
    EXPECT_EQ(lines_with(outcome.err, {"aggregator: secure aggregation: threshold"}), 1U);
    const json document = json::parse(outcome.out);
    EXPECT_EQ(document["rounds"], 2);
    const json compared = document["compared"];
    ASSERT_EQ(compared["alone"].size(), 3U);
    EXPECT_NE(compared["federated"], compared["start"]);
    for (const auto& [name, loss] : compared["alone"].items()) {
      EXPECT_NE(loss, compared["federated"]) << name;
      EXPECT_GT(loss, 0) << name;
    }
  }
}

TEST_F(PlanProgramTest, SimulateDoesNotSpendThePatientsBudgetTwice) {
  expect_config_error({"--compare-alone", "--set", "privacy.ledger=\"dataset\""},
                      {"privacy.ledger", "second time"});
}

}  // namespace
}  // namespace hippocrypt::cli
