// `hippocrypt audit` as its users meet it.

#include <fstream>

#include "tests/cli/simulate_fixture.hpp"

namespace hippocrypt::cli {
namespace {

using nlohmann::json;

class AuditProgramTest : public SimulateProgramTest {
 protected:
  json audit(const std::vector<std::string>& more, int exit_code) const {
    std::vector<std::string> arguments{"audit", "out/tiny", "--quick", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, exit_code) << outcome.out << outcome.err;
    return json::parse(outcome.out);
  }
  static const json& named(const json& report, const std::string& name) {
    for (const json& check : report["checks"]) {
      if (check["name"] == name) return check;
    }
    ADD_FAILURE() << "no check " << name;
    return report;
  }
};

TEST_F(AuditProgramTest, ARightRunPasses) {
  ASSERT_EQ(simulate_plain().exit_code, 0);
  const json report = audit({}, 0);
  EXPECT_EQ(report["passed"], true);
  for (const char* name : {"noise variance", "noise reuse", "lot size variance", "sensitivity",
                           "canary weight", "one-run epsilon", "membership inference"}) {
    EXPECT_EQ(named(report, name)["passed"], true) << name;
  }
  // A right mechanism may fail by chance: 1e-3 in all, half of it for the bounds on epsilon.
  double shared = 0;
  for (const json& check : report["checks"]) shared += check["threshold"].get<double>();
  EXPECT_NEAR(shared, 1e-3, 1e-9);
  ASSERT_EQ(report["epsilon"].size(), 1U);
  const json& epsilon = report["epsilon"][0];
  EXPECT_EQ(epsilon["steps"], 4);
  EXPECT_LE(epsilon["lower_bound"], epsilon["claimed_pld"]);
  EXPECT_LE(epsilon["claimed_pld"], epsilon["claimed_rdp"]);
  EXPECT_EQ(report["membership"].size(), 3U);
  ASSERT_EQ(report["skipped"].size(), 1U);
  EXPECT_TRUE(contains(report["skipped"][0], "a plain oracle sends nothing")) << report["skipped"];
}

TEST_F(AuditProgramTest, SaysThatItCannotConfirm) {
  ASSERT_EQ(simulate_plain().exit_code, 0);
  const Outcome outcome = run({"audit", "out/tiny", "--quick", "--hospital", "oncology"});
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "can refute a claim and never confirm one")) << outcome.out;
  EXPECT_EQ(lines_with(outcome.out, {"membership inference"}), 1U) << outcome.out;
}

TEST_F(AuditProgramTest, AChangedConfigurationIsNotTakenForTheRuns) {
  ASSERT_EQ(simulate_plain().exit_code, 0);
  write_config("# changed\n");
  const json report = audit({}, 0);
  EXPECT_TRUE(contains(report["skipped"][0], "has changed since the run")) << report["skipped"];
  EXPECT_TRUE(report["membership"].empty());
}

TEST_F(AuditProgramTest, AnAdapterOfAnotherShapeIsRefused) {
  ASSERT_EQ(simulate_plain().exit_code, 0);
  const Outcome outcome = run({"audit", "out/tiny", "--quick", "--config", "federation.toml",
                               "--set", "adapter.rank=2", "--set", "encryption.oracle=plain-int8"});
  EXPECT_EQ(outcome.exit_code, 1);
  EXPECT_EQ(lines_with(outcome.err, {"error: ", "shapes of this run"}), 1U) << outcome.err;
}

TEST_F(AuditProgramTest, RefusesInOneSentence) {
  EXPECT_EQ(run({"audit"}).exit_code, 2);
  expect_refused(run({"audit", "out/none"}), 1, {"none"});
  ASSERT_EQ(simulate_plain().exit_code, 0);
  expect_refused(run({"audit", "out/tiny", "--hospital", "nobody"}), 2, {"nobody"});
  expect_refused(run({"audit", "out/tiny", "--set", "run.seed=2"}), 2, {"--config"});
  const auto ledger = run_folder() / "hospitals" / "cardiology" / "ledger.sqlite";
  ASSERT_TRUE(std::filesystem::exists(ledger));
  std::filesystem::remove(ledger);
  std::filesystem::remove(ledger.string() + "-wal");
  EXPECT_EQ(run({"audit", "out/tiny", "--quick"}).exit_code, 1);
}

TEST_F(AuditProgramTest, ARunWithoutNoiseClaimsNothing) {
  ASSERT_EQ(simulate_plain({"--set", "privacy.noise_multiplier=0", "--set", "privacy.budget=inf"})
                .exit_code,
            0);
  const json report = audit({}, 0);
  EXPECT_TRUE(report["epsilon"].empty());
  EXPECT_TRUE(contains(report["skipped"][0], "claims no privacy")) << report["skipped"];
}

}  // namespace
}  // namespace hippocrypt::cli
