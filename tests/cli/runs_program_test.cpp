// `runs` and `report` as their users meet them.

#include <expat.h>

#include <memory>

#include "tests/cli/simulate_fixture.hpp"
#include "tests/support/version_sentence.hpp"

namespace hippocrypt::cli {
namespace {

using nlohmann::json;

class RunsProgramTest : public SimulateProgramTest {};

TEST_F(RunsProgramTest, RunsListsWhatIsThereAndWhatIsDamaged) {
  ASSERT_EQ(simulate_plain().exit_code, 0);
  ASSERT_EQ(simulate_plain({"--set", "run.rounds=1"}).exit_code, 0);
  std::filesystem::create_directories(folder() / "out" / "bare");
  std::filesystem::create_directories(folder() / "out" / "torn");
  write_bytes(folder() / "out" / "torn" / "run.json", "{\"run\": ");
  const Outcome listed = run({"runs", "--runs", "out"});
  ASSERT_EQ(listed.exit_code, 0) << listed.err;
  EXPECT_EQ(lines_with(listed.out, {"tiny ", "finished", "2/2", "3", "plain-int8"}), 1U)
      << listed.out;
  EXPECT_EQ(lines_with(listed.out, {"tiny-2 ", "finished", "1/1"}), 1U) << listed.out;
  EXPECT_EQ(lines_with(listed.out, {"bare ", "damaged"}), 1U) << listed.out;
  EXPECT_TRUE(contains(listed.out, "bare: there is no run.json in it")) << listed.out;
  EXPECT_EQ(lines_with(listed.out, {"torn: malformed"}), 1U) << listed.out;

  const Outcome twin = run({"runs", "--runs", "out", "--json"});
  ASSERT_EQ(twin.exit_code, 0) << twin.err;
  const json runs = json::parse(twin.out).at("runs");
  ASSERT_EQ(runs.size(), 4U);
  const json tiny = runs.at(2);  // damaged folders have no time, so that they come first
  EXPECT_EQ(tiny.at("run"), "tiny");
  EXPECT_EQ(tiny.at("rounds"), 2);
  EXPECT_EQ(tiny.at("hospitals"), 3);
  EXPECT_GT(tiny.at("worst_account").at("epsilon").get<double>(), 0);
  EXPECT_EQ(tiny.at("worst_account").at("budget"), 1000.0);
  EXPECT_EQ(tiny.at("started").get<std::string>().size(), 24U);
  EXPECT_GT(tiny.at("seconds").get<double>(), 0);
}

TEST_F(RunsProgramTest, AccountsThatAreElsewhereAreNotShownAsZero) {
  ASSERT_EQ(simulate_plain({"--set", "run.rounds=1"}).exit_code, 0);
  json record = json::parse(read_bytes(run_folder() / "run.json"));
  for (auto& hospital : record.at("hospitals")) {  // as an aggregator knows them
    hospital["ledger"] = "";
    hospital["epsilon"] = 0;
  }
  write_bytes(run_folder() / "run.json", record.dump());
  const Outcome runs = run({"runs", "--runs", "out", "--json"});
  ASSERT_EQ(runs.exit_code, 0) << runs.err;
  EXPECT_TRUE(json::parse(runs.out).at("runs").at(0).at("worst_account").is_null()) << runs.out;
}

TEST_F(RunsProgramTest, NoRunsIsSaidAndNoFolderIsAnError) {
  std::filesystem::create_directories(folder() / "out");
  EXPECT_TRUE(contains(run({"runs", "--runs", "out"}).out, "no runs in out"));
  expect_refused(run({"runs", "--runs", "nowhere"}), 1, {"nowhere", "--runs"});
}

TEST_F(RunsProgramTest, AKilledRunIsInterruptedAndARunningOneIsNot) {
  const auto listed = [this](const char* status) {
    const Outcome runs = run({"runs", "--runs", "out"});
    return lines_with(runs.out, {"tiny ", status}) == 1;
  };
  Child child{
      folder(),
      {"simulate", "federation.toml", "--runs", "out", "--oracle", "plain-int8", "--set",
       "run.rounds=100000", "--set", "privacy.budget=inf", "--set", "encryption.train_tiles=16"}};
  ASSERT_TRUE(child.wait_for_line("round 1/100000: 3 contributed"));
  EXPECT_TRUE(listed("running"));
  expect_refused(run({"simulate", "--resume", "out/tiny"}), 1, {"another process", "out/tiny"});
  child.kill();
  EXPECT_EQ(child.wait().signal, SIGKILL);
  EXPECT_TRUE(listed("interrupted"));
  const json runs = json::parse(run({"runs", "--runs", "out", "--json"}).out).at("runs");
  EXPECT_GE(runs.at(0).at("rounds").get<int>(), 1) << "what its metrics say";
  ASSERT_EQ(run({"report", "out/tiny"}).exit_code, 0);
  EXPECT_TRUE(contains(read_bytes(run_folder() / "report.html"), "interrupted"));
}

TEST_F(RunsProgramTest, ARefusedResumeLeavesTheRunAsItWas) {
  Child child{
      folder(),
      {"simulate", "federation.toml", "--runs", "out", "--oracle", "plain-int8", "--set",
       "run.rounds=100000", "--set", "privacy.budget=inf", "--set", "encryption.train_tiles=16"}};
  ASSERT_TRUE(child.wait_for_line("round 1/100000: 3 contributed"));
  child.interrupt();
  EXPECT_EQ(child.wait().exit_code, 130);
  const std::string record = read_bytes(run_folder() / "run.json");
  const std::string metrics = read_bytes(run_folder() / "metrics.jsonl");
  EXPECT_TRUE(contains(record, "interrupted"));
  expect_refused(run({"simulate", "--resume", "out/tiny", "--set", "run.rounds=5"}), 1,
                 {"run.rounds is 5 and was 100000 when the run began"});
  EXPECT_EQ(read_bytes(run_folder() / "run.json"), record);
  EXPECT_EQ(read_bytes(run_folder() / "metrics.jsonl"), metrics);
}

TEST_F(RunsProgramTest, ReportWritesOnePage) {
  ASSERT_EQ(simulate_plain().exit_code, 0);
  const Outcome outcome = run({"report", "out/tiny"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(outcome.out, "out/tiny/report.html\n");
  const std::string page = read_bytes(run_folder() / "report.html");
  const std::unique_ptr<std::remove_pointer_t<XML_Parser>, decltype(&XML_ParserFree)> parser{
      XML_ParserCreate("UTF-8"), &XML_ParserFree};
  EXPECT_EQ(XML_Parse(parser.get(), page.data(), static_cast<int>(page.size()), XML_TRUE),
            XML_STATUS_OK);
  for (const auto& hospital : tiny_.config.hospitals) {
    EXPECT_TRUE(contains(page, hospital.name)) << hospital.name;
  }
  for (const char* part : {"Run tiny", "finished", "2 of 2", "plain-int8", "Training loss",
                           "Participation", "unit: patient"}) {
    EXPECT_TRUE(contains(page, part)) << part;
  }
  EXPECT_FALSE(contains(page, "http"));
  EXPECT_FALSE(contains(page, "Federated against alone"));
}

TEST_F(RunsProgramTest, ReportShowsTheComparisonAndGoesWhereItIsTold) {
  ASSERT_EQ(simulate_plain({"--set", "run.rounds=1"}).exit_code, 0);
  write_bytes(run_folder() / "alone.json",
              R"({"pooled_tokens": 99, "start": 5.0, "federated": 4.5, "alone": {"a": 4.75}})");
  const Outcome outcome = run({"report", "out/tiny", "-o", "page.html", "--json"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(json::parse(outcome.out).at("report"), "page.html");
  EXPECT_EQ(json::parse(outcome.out).at("damaged_lines"), 0);
  EXPECT_TRUE(contains(read_bytes(folder() / "page.html"), "Federated against alone"));
}

TEST_F(RunsProgramTest, ReportOfADamagedRunIsRefused) {
  ASSERT_EQ(simulate_plain({"--set", "run.rounds=1"}).exit_code, 0);
  write_bytes(run_folder() / "alone.json", "{");
  expect_refused(run({"report", "out/tiny"}), 1, {"alone.json"});
  expect_refused(run({"report", "out/none"}), 1, {"out/none"});
  write_bytes(run_folder() / "run.json", "{");
  expect_refused(run({"report", "out/tiny"}), 1, {"run.json"});
}

TEST_F(RunsProgramTest, ReportOfARunOfANewerReleaseSaysSo) {
  ASSERT_EQ(simulate_plain({"--set", "run.rounds=1"}).exit_code, 0);
  const auto metrics = run_folder() / "metrics.jsonl";
  const std::string lines = read_bytes(metrics);
  std::string newer = lines;
  const std::string version = "\"version\":1";
  ASSERT_NE(newer.find(version), std::string::npos);
  newer.replace(newer.find(version), version.size(), "\"version\":2");
  write_bytes(metrics, newer);
  expect_refused(run({"report", "out/tiny"}), 1,
                 {"metrics.jsonl" + test_support::newer_sentence(2)});
  write_bytes(metrics, lines);
  write_bytes(run_folder() / "alone.json", R"({"version": 2})");
  expect_refused(run({"report", "out/tiny"}), 1, {"alone.json" + test_support::newer_sentence(2)});
}

TEST_F(RunsProgramTest, ReportOutlivesDamagedMetrics) {
  ASSERT_EQ(simulate_plain({"--set", "run.rounds=1"}).exit_code, 0);
  const std::string metrics = read_bytes(run_folder() / "metrics.jsonl");
  write_bytes(run_folder() / "metrics.jsonl", "garbage\n" + metrics + "{\"torn");
  const Outcome damaged = run({"report", "out/tiny", "--json"});
  ASSERT_EQ(damaged.exit_code, 0) << damaged.err;
  EXPECT_EQ(json::parse(damaged.out).at("damaged_lines"), 2);
  std::filesystem::remove(run_folder() / "metrics.jsonl");
  EXPECT_EQ(run({"report", "out/tiny"}).exit_code, 0);
}

}  // namespace
}  // namespace hippocrypt::cli
