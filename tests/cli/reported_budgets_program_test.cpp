// `hippocrypt budget` and `report` of an aggregator's run, whose ledgers are with the hospitals.

#include <future>
#include <nlohmann/json.hpp>

#include "federation/common/run_record.hpp"
#include "federation/report/reported_budgets.hpp"
#include "federation/secagg/client/identity_key.hpp"
#include "tests/cli/program_runner.hpp"
#include "tests/support/seeded_random.hpp"

namespace hippocrypt::cli {
namespace {

using federation::RunStatus;
using nlohmann::json;

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

class ReportedBudgetsProgramTest : public ProgramRunner {
 protected:
  void SetUp() override {
    record_.run = "heart";
    record_.status = RunStatus::finished;
    record_.delta = 1e-5;
    record_.rounds = record_.rounds_planned = 2;
    for (const char* name : {"st-anna", "riverside", "northgate"}) {
      federation::HospitalRecord hospital;
      hospital.name = name;
      record_.hospitals.push_back(hospital);
    }
    std::filesystem::create_directories(run_folder());
    save();
    report("st-anna", 1, 2.0131, key_);
    report("st-anna", 2, 2.2713, key_);
    report("riverside", 1, 2.0131, other_);
  }
  std::filesystem::path run_folder() const { return folder() / "runs" / "heart"; }
  void save() const { ASSERT_TRUE(federation::save_run_record(run_folder(), record_)); }
  void report(const std::string& hospital, std::uint32_t round, double epsilon,
              const federation::secagg::IdentityKey& key) const {
    federation::BudgetStatement statement;
    statement.hospital = hospital;
    statement.run = "heart";
    statement.round = round;
    statement.epsilon = epsilon;
    statement.delta = 1e-5;
    statement.steps = 4 * round;
    statement.unit = "patient";
    statement.signature = key.sign(statement_bytes(statement));
    ASSERT_TRUE(keep_reported_budget(run_folder(), statement, key.public_part()));
  }
  /// As somebody does who would like riverside to have spent less.
  void tamper() const {
    const auto path = run_folder() / "reported_budgets.jsonl";
    std::string text = read(path);
    const auto at = text.rfind("2.0131");
    ASSERT_NE(at, std::string::npos);
    text.replace(at, 6, "1.0131");
    std::ofstream{path, std::ios::binary} << text;
  }

  federation::RunRecord record_;
  test_support::SeededRandom random_{1};
  federation::secagg::IdentityKey key_ = federation::secagg::IdentityKey::create(random_);
  federation::secagg::IdentityKey other_ = federation::secagg::IdentityKey::create(random_);
};

TEST_F(ReportedBudgetsProgramTest, AreShownByHospitalAndRoundAndMarked) {
  const Outcome outcome = run("budget heart");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  std::istringstream lines{outcome.out};
  std::size_t marked = 0;
  for (std::string line; std::getline(lines, line);) marked += contains(line, "reported (signed)");
  EXPECT_EQ(marked, 3U) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "2.2713")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "no report from northgate")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, to_hex(key_.public_part()).substr(0, 16))) << outcome.out;
  EXPECT_FALSE(contains(outcome.out, "NOT SIGNED")) << outcome.out;
}

TEST_F(ReportedBudgetsProgramTest, AnAlteredReportIsShownAsSuch) {
  tamper();
  const Outcome outcome = run("budget heart");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "NOT SIGNED: altered, or not the hospital's")) << outcome.out;
  const json document = json::parse(run("budget heart --json").out);
  ASSERT_EQ(document["reported"].size(), 3U);
  EXPECT_EQ(document["reported"][0]["signed"], true);
  EXPECT_EQ(document["reported"][2]["hospital"], "riverside");
  EXPECT_EQ(document["reported"][2]["signed"], false);
  EXPECT_EQ(document["silent"], json::array({"northgate"}));
}

TEST_F(ReportedBudgetsProgramTest, WatchFollowsUntilTheRunHasEnded) {
  const auto claim = federation::claim_run(run_folder());  // or it was killed
  ASSERT_TRUE(claim);
  record_.status = RunStatus::running;
  save();
  auto watching = std::async(std::launch::async, [this] { return run("budget heart --watch"); });
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{60};
  while (!contains(read("out.txt"), "2.2713") && std::chrono::steady_clock::now() < until) {
    std::this_thread::sleep_for(std::chrono::milliseconds{20});
  }
  report("st-anna", 3, 2.4351, key_);
  record_.status = RunStatus::finished;
  save();
  const Outcome outcome = watching.get();
  EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "2.4351")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "the run has ended: finished")) << outcome.out;
}

TEST_F(ReportedBudgetsProgramTest, WhatOnlyLedgersCanSayIsRefused) {
  for (const char* flag : {"--statement", "--png e.png", "--target-epsilon 5"}) {
    const Outcome outcome = run(std::string{"budget heart "} + flag);
    EXPECT_EQ(outcome.exit_code, 2) << flag;
    EXPECT_TRUE(contains(outcome.err, "with its hospitals")) << outcome.err;
  }
}

TEST_F(ReportedBudgetsProgramTest, TheReportShowsThemLikewise) {
  tamper();
  const Outcome outcome = run("report heart");
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const std::string page = read(run_folder() / "report.html");
  EXPECT_TRUE(contains(page, "reported (signed)"));
  EXPECT_TRUE(contains(page, "NOT SIGNED"));
  EXPECT_TRUE(contains(page, "northgate has reported nothing of its budget"));
  EXPECT_TRUE(contains(page, "ε 2.27 (st-anna, as reported)"));
  EXPECT_TRUE(contains(page, "Losses stay with the hospitals"));
  EXPECT_TRUE(contains(page, "Every round&#39;s reports"));
  EXPECT_TRUE(contains(page, "Ledgers stay with the hospitals"));
}

}  // namespace
}  // namespace hippocrypt::cli
