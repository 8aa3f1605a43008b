// `hippocrypt preflight` as its users meet it.

#include <nlohmann/json.hpp>

#include "base/file.hpp"
#include "tests/cli/program_runner.hpp"

namespace hippocrypt::cli {
namespace {

using nlohmann::json;

class PreflightProgramTest : public ProgramRunner {
 protected:
  static std::string source() { return HIPPOCRYPT_SOURCE_DIR; }

  void SetUp() override {
    must("provision init --federation study --days 400 ca");
    must("provision request --federation study --role hospital --name st-anna st-anna");
    must("provision sign --authority ca st-anna/st-anna.csr");
    must("provision request --federation study --role aggregator --name hub --dns localhost hub");
    must("provision sign --authority ca hub/hub.csr");
  }
  void must(const std::string& arguments) const {
    const Outcome outcome = run(arguments);
    ASSERT_EQ(outcome.exit_code, 0) << arguments << ": " << outcome.err;
  }
  void write(const char* name, const std::string& text) const {
    ASSERT_TRUE(write_file_atomically(folder() / name, as_bytes(text)).has_value());
  }
  static std::string start(const std::string& role, const std::string& name,
                           const std::string& more = {}) {
    return "[site]\nrole = \"" + role + "\"\nname = \"" + name + "\"\nfederation = \"" + source() +
           "/configs/three_hospitals.toml\"\n" + more +
           "[tls]\nauthority = \"ca/authority.crt\"\n" + "certificate = \"" + name + "/" + name +
           ".crt\"\nkey = \"" + name + "/" + name + ".key\"\nrevoked = \"ca/revoked.crl\"\n";
  }
  /// A hospital whose peers are not there: the port is that of nobody.
  void write_hospital() const {
    write("site.toml",
          start("hospital", "st-anna") + "[hospital]\nnotes = \"" + source() +
              "/data/hospitals/st-anna.jsonl\"\nfolder = \"state\"\n[aggregator]\n"
              "host = \"127.0.0.1\"\nport = 1\n[[server]]\nhost = \"127.0.0.1\"\nport = 1\n");
  }
  static std::string state_of(const json& checks, const std::string& name) {
    for (const auto& check : checks.at("checks")) {
      if (check.at("check") == name) return check.at("state").get<std::string>();
    }
    return "none";
  }
};

TEST_F(PreflightProgramTest, PassesAHospitalThatIsReady) {
  write_hospital();
  const Outcome outcome = run("preflight site.toml --offline");
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out << outcome.err;
  EXPECT_EQ(outcome.out.rfind("PASSED ", 0), 0U) << outcome.out;
  EXPECT_NE(outcome.out.find("hospital st-anna of the federation study"), std::string::npos);
  const json checks = json::parse(run("preflight site.toml --offline --json").out);
  EXPECT_EQ(checks.at("passed"), true);
  for (const char* name : {"certificate", "names", "key", "signing key", "model", "disk"}) {
    EXPECT_EQ(state_of(checks, name), "PASSED") << name;
  }
  EXPECT_EQ(state_of(checks, "port of 127.0.0.1:1"), "SKIPPED");
  EXPECT_FALSE(std::filesystem::exists(folder() / "state")) << "a check makes nothing";
}

TEST_F(PreflightProgramTest, FailsWhenPeersAreAway) {
  write_hospital();
  const Outcome outcome = run("preflight site.toml");
  EXPECT_EQ(outcome.exit_code, 1) << outcome.err;
  EXPECT_NE(outcome.out.find("FAILED   port of 127.0.0.1:1 "), std::string::npos) << outcome.out;
  EXPECT_NE(outcome.out.find("is its program running"), std::string::npos) << outcome.out;
}

TEST_F(PreflightProgramTest, NamesWhatIsWrongAtTheSite) {
  write_hospital();
  std::filesystem::remove(folder() / "st-anna/signing.key");
  must("provision revoke --authority ca hub");
  std::filesystem::permissions(folder() / "st-anna/st-anna.key", std::filesystem::perms{0644});
  const Outcome outcome = run("preflight site.toml --offline --json");
  EXPECT_EQ(outcome.exit_code, 1);
  const json checks = json::parse(outcome.out);
  EXPECT_EQ(checks.at("passed"), false);
  EXPECT_EQ(state_of(checks, "key"), "FAILED");
  EXPECT_EQ(state_of(checks, "signing key"), "FAILED");
  EXPECT_EQ(state_of(checks, "certificate"), "PASSED");
}

TEST_F(PreflightProgramTest, ChecksAnAggregatorsPort) {
  write("hub.toml", start("aggregator", "hub", "certificates = \"st-anna\"\n") +
                        "[listen]\naddress = \"127.0.0.1\"\nport = 0\n");
  const Outcome outcome = run("preflight hub.toml --json");
  const json checks = json::parse(outcome.out, nullptr, false);
  ASSERT_FALSE(checks.is_discarded()) << outcome.err;
  EXPECT_EQ(outcome.exit_code, 0) << outcome.out;
  EXPECT_EQ(state_of(checks, "port 0"), "PASSED");
  EXPECT_EQ(state_of(checks, "names"), "PASSED");
  EXPECT_EQ(run("preflight hub.toml --set listen.address=nowhere").exit_code, 1);
}

TEST_F(PreflightProgramTest, MistakesInTheFileExitWithTwo) {
  EXPECT_EQ(run("preflight none.toml").exit_code, 2);
  write_hospital();
  EXPECT_EQ(run("preflight site.toml --set tls.certificate=none.crt").exit_code, 2);
}

/// What a hospital's own file makes of `plan`: the figures of the federation's, of one hospital.
TEST_F(PreflightProgramTest, PlanTakesAHospitalsFile) {
  write_hospital();
  const Outcome text = run("plan site.toml");
  EXPECT_EQ(text.exit_code, 0) << text.err;
  EXPECT_NE(text.out.find("3 hospitals, of which st-anna joins from here"), std::string::npos);
  const json site = json::parse(run("plan site.toml --json").out);
  const json all = json::parse(
      run("plan " + source() + "/configs/three_hospitals.toml --no-calibration --json").out);
  EXPECT_EQ(site["command"], "join");
  EXPECT_EQ(site["quorum"], all["quorum"]);
  EXPECT_EQ(site["time"], nullptr);
  ASSERT_EQ(site["hospitals"].size(), 1U);
  for (const char* key : {"name", "server_run", "aggregator_round", "privacy"}) {
    EXPECT_EQ(site["hospitals"][0][key], all["hospitals"][0][key]) << key;
  }
  EXPECT_LT(site["server"]["setup"]["down"], all["server"]["setup"]["down"]) << "packed hints";
}

TEST_F(PreflightProgramTest, PlanForeseesStreamedHints) {
  write_hospital();
  const json whole = json::parse(run("plan site.toml --json").out)["server"];
  const json part =
      json::parse(run("plan site.toml --set hospital.hint_cache=1MB --json").out)["server"];
  EXPECT_EQ(whole["step_hints"]["down"], 0);
  EXPECT_GT(part["step_hints"]["down"], 0);
  const auto down = [](const json& traffic) { return traffic["down"].get<std::uint64_t>(); };
  EXPECT_EQ(down(part["step"]) - down(part["step_hints"]), down(whole["step"]));
  EXPECT_LT(part["setup"]["down"], whole["setup"]["down"]);
}

TEST_F(PreflightProgramTest, PlanRefusesOtherPartiesAndAnotherOracle) {
  write_hospital();
  write("hub.toml", start("aggregator", "hub", "certificates = \"st-anna\"\n") +
                        "[listen]\naddress = \"127.0.0.1\"\nport = 0\n");
  const Outcome hub = run("plan hub.toml");
  EXPECT_EQ(hub.exit_code, 2);
  EXPECT_NE(hub.err.find("hub.toml has role = \"aggregator\""), std::string::npos) << hub.err;
  const Outcome oracle = run("plan site.toml --oracle encrypted");
  EXPECT_EQ(oracle.exit_code, 2);
  EXPECT_NE(oracle.err.find("--oracle is for a federation's file"), std::string::npos)
      << oracle.err;
}

}  // namespace
}  // namespace hippocrypt::cli
