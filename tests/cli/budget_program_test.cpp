// `hippocrypt budget` as its users meet it, on the ledgers of runs that just ended.

#include <sqlite3.h>

#include "privacy/accounting/pld_accountant.hpp"
#include "privacy/accounting/rdp_accountant.hpp"
#include "privacy/ledger/ledger.hpp"
#include "tests/cli/simulate_fixture.hpp"

namespace hippocrypt::cli {
namespace {

using nlohmann::json;

/// Runs SQL on a file as somebody would who wants to change the account.
void change(const std::filesystem::path& path, const std::string& sql) {
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
  EXPECT_EQ(sqlite3_exec(database, ("DROP TRIGGER entries_never_change; " + sql).c_str(), nullptr,
                         nullptr, nullptr),
            SQLITE_OK)
      << sqlite3_errmsg(database);
  EXPECT_GE(sqlite3_changes(database), 1);
  sqlite3_close(database);
}

const json& hospital_of(const json& document, const std::string& name) {
  for (const json& hospital : document.at("hospitals"))
    if (hospital.at("name") == name) return hospital;
  ADD_FAILURE() << "no " << name << " in " << document.dump();
  return document;
}

class BudgetProgramTest : public SimulateProgramTest {};

TEST_F(BudgetProgramTest, JsonGivesTheAccountOfEveryHospitalAndRound) {
  ASSERT_EQ(simulate_plain({"--set", "run.rounds=3"}).exit_code, 0);
  const Outcome outcome = run({"budget", "out/tiny", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.err, "");
  const json document = json::parse(outcome.out);
  const auto& privacy = tiny_.config.privacy;
  EXPECT_EQ(document.at("delta"), privacy.delta);
  ASSERT_EQ(document.at("hospitals").size(), 3U);
  for (const json& hospital : document.at("hospitals")) {
    EXPECT_EQ(hospital.at("budget"), 1000.0);
    EXPECT_GT(hospital.at("rounds_left").get<std::uint64_t>(), 0U);
    ASSERT_EQ(hospital.at("rounds").size(), 3U);
    std::uint64_t steps = 0;
    double before = 0;
    for (const json& round : hospital.at("rounds")) {
      steps += round.at("steps").get<std::uint64_t>();
      EXPECT_EQ(round.at("round"), steps / 2);
      EXPECT_EQ(round.at("q"), privacy.sampling_rate);
      EXPECT_EQ(round.at("sigma"), privacy.noise_multiplier);
      const privacy::SampledGaussian event{privacy.sampling_rate, privacy.noise_multiplier, steps};
      const double rdp = round.at("epsilon_rdp").get<double>();
      EXPECT_NEAR(rdp, privacy::rdp_epsilon(std::span{&event, 1}, privacy.delta).epsilon, 1e-9);
      const double pld = round.at("epsilon_pld").get<double>();
      EXPECT_NEAR(pld, *privacy::pld_epsilon(std::span{&event, 1}, privacy.delta), 1e-9);
      const double epsilon = round.at("epsilon").get<double>();
      EXPECT_EQ(epsilon, std::min(rdp, pld));
      EXPECT_GE(epsilon, before);
      before = epsilon;
    }
    EXPECT_EQ(steps, 6U);
    EXPECT_EQ(hospital.at("epsilon"), before);
  }
}

TEST_F(BudgetProgramTest, TheTableHasARowForEveryHospitalAndRound) {
  ASSERT_EQ(simulate_plain({"--set", "run.rounds=3"}).exit_code, 0);
  const Outcome outcome = run({"budget", "out/tiny"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const auto& hospital : tiny_.config.hospitals) {
    EXPECT_EQ(lines_with(outcome.out, {hospital.name + " ", " tiny "}), 3U) << outcome.out;
    EXPECT_EQ(lines_with(outcome.out, {hospital.name}), 3U + 2U)
        << outcome.out;  // and the summary, the legend
  }
  EXPECT_TRUE(contains(outcome.out, "epsilon: add/remove one unit")) << outcome.out;
}

TEST_F(BudgetProgramTest, ANameIsLookedUpUnderRuns) {
  ASSERT_EQ(run({"simulate", "federation.toml", "--oracle", "plain-int8"}).exit_code, 0);
  EXPECT_EQ(run({"budget", "tiny"}).exit_code, 0);
  EXPECT_EQ(run({"budget", "runs/tiny"}).exit_code, 0);
}

TEST_F(BudgetProgramTest, AnUnknownRunIsAnError) {
  expect_refused(run({"budget", "nowhere"}), 1, {"no run 'nowhere'", "runs/nowhere", "run.json"});
  expect_refused(run({"budget", ""}), 1, {"no run ''"});
}

TEST_F(BudgetProgramTest, ADamagedRecordIsAnError) {
  std::filesystem::create_directories(run_folder());
  for (const char* text : {"", "{", "[]", "{\"run\": 3}", "null"}) {
    write_bytes(run_folder() / "run.json", text);
    expect_refused(run({"budget", "out/tiny"}), 1, {"run.json"});
  }
}

TEST_F(BudgetProgramTest, AChangedRowIsTampering) {
  ASSERT_EQ(simulate_plain().exit_code, 0);
  change(run_folder() / "hospitals" / "oncology" / "ledger.sqlite",
         "UPDATE entries SET noise_multiplier = 1.5 WHERE id = 2");
  for (const bool as_json : {false, true}) {
    std::vector<std::string> arguments{"budget", "out/tiny"};
    if (as_json) arguments.emplace_back("--json");
    expect_refused(run(arguments), 4, {"row 2", "ledger.sqlite", "hash"});
  }
}

TEST_F(BudgetProgramTest, NobodyTrainsOnATamperedLedgerOfTheDataSet) {
  const std::vector<std::string> flags{"--set", "privacy.ledger=dataset"};
  ASSERT_EQ(simulate_plain(flags).exit_code, 0);
  change(home() / "hospitals" / "oncology" / "ledger.sqlite",
         "UPDATE entries SET steps = 2 WHERE id = 1");
  const Outcome outcome = simulate_plain(flags);
  expect_refused(outcome, 4, {"row 1", "ledger.sqlite"});
  EXPECT_TRUE(lines_with(outcome.err, {"  oncology", "failed"}) > 0) << outcome.err;
}

TEST_F(BudgetProgramTest, AMissingLedgerIsNotARefund) {
  ASSERT_EQ(simulate_plain().exit_code, 0);
  std::filesystem::remove_all(run_folder() / "hospitals" / "oncology");
  expect_refused(run({"budget", "out/tiny"}), 1, {"ledger.sqlite"});
}

TEST_F(BudgetProgramTest, AHospitalWithTooSmallABudgetSitsOutAndHasSpentNothing) {
  const Outcome outcome = simulate({"--set", "hospital.oncology.budget=0.01", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(lines_with(outcome.err, {"  oncology", "sits out: round "}), 2U) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "the budget is 0.01")) << outcome.err;
  EXPECT_EQ(lines_with(outcome.err, {"2 contributed, 1 absent"}), 2U) << outcome.err;
  const json result = json::parse(outcome.out);
  EXPECT_EQ(hospital_of(result, "oncology").at("rounds_sat_out"), 2);
  EXPECT_EQ(hospital_of(result, "oncology").at("steps"), 0);
  EXPECT_EQ(hospital_of(result, "oncology").at("epsilon"), 0.0);
  EXPECT_EQ(hospital_of(result, "neurology").at("steps"), 4);
  const Outcome budget = run({"budget", "out/tiny", "--json"});
  ASSERT_EQ(budget.exit_code, 0) << budget.err;
  const json document = json::parse(budget.out);
  const json& oncology = hospital_of(document, "oncology");
  EXPECT_EQ(oncology.at("epsilon"), 0.0);
  EXPECT_EQ(oncology.at("budget"), 0.01);
  EXPECT_EQ(oncology.at("rounds_left"), 0);
  EXPECT_TRUE(oncology.at("rounds").empty());
  EXPECT_EQ(hospital_of(document, "cardiology").at("rounds").size(), 2U);
}

TEST_F(BudgetProgramTest, WhenNobodyHasBudgetTheExitCodeSaysSo) {
  expect_refused(simulate_plain({"--set", "privacy.budget=0.01"}), 3, {"budget"});
  const Outcome budget = run({"budget", "out/tiny", "--json"});
  ASSERT_EQ(budget.exit_code, 0) << budget.err;
  for (const json& hospital : json::parse(budget.out).at("hospitals")) {
    EXPECT_EQ(hospital.at("epsilon"), 0.0);
  }
}

TEST_F(BudgetProgramTest, ALedgerOfTheDataSetGoesOnInTheNextRun) {
  const std::vector<std::string> flags{"--set", "privacy.ledger=dataset"};
  ASSERT_EQ(simulate_plain(flags).exit_code, 0);
  ASSERT_EQ(simulate_plain(flags).exit_code, 0);
  const Outcome budget = run({"budget", "out/tiny-2", "--json"});
  ASSERT_EQ(budget.exit_code, 0) << budget.err;
  for (const json& hospital : json::parse(budget.out).at("hospitals")) {
    ASSERT_EQ(hospital.at("rounds").size(), 4U);
    EXPECT_EQ(hospital.at("rounds").front().at("run"), "tiny");
    EXPECT_EQ(hospital.at("rounds").back().at("run"), "tiny-2");
  }
}

TEST_F(BudgetProgramTest, ARunThatSatOutStillShowsWhatItsDataSetHasSpent) {
  const std::vector<std::string> flags{"--set", "privacy.ledger=dataset", "--json"};
  ASSERT_EQ(simulate_plain(flags).exit_code, 0);
  auto second = flags;
  second.insert(second.end(), {"--set", "hospital.oncology.budget=0.01"});
  const Outcome outcome = simulate_plain(second);
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const double spent =
      hospital_of(json::parse(outcome.out), "oncology").at("epsilon").get<double>();
  EXPECT_GT(spent, 0.01);
  const Outcome budget = run({"budget", "out/tiny-2", "--json"});
  ASSERT_EQ(budget.exit_code, 0) << budget.err;
  const json document = json::parse(budget.out);
  EXPECT_EQ(hospital_of(document, "oncology").at("epsilon").get<double>(), spent);
  EXPECT_EQ(hospital_of(document, "oncology").at("rounds_left"), 0);
}

}  // namespace
}  // namespace hippocrypt::cli
