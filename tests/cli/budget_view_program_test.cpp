// `hippocrypt budget`: drawings, what-ifs, the statement and --watch, on the ledgers of tiny runs.

#include <cmath>

#include "tests/cli/simulate_fixture.hpp"

namespace hippocrypt::cli {
namespace {

using nlohmann::json;

class BudgetViewProgramTest : public SimulateProgramTest {};

TEST_F(BudgetViewProgramTest, DrawsAllRunsOfTheDataSet) {
  const std::vector<std::string> flags{"--set", "privacy.ledger=dataset", "--set",
                                       "privacy.budget=30"};
  ASSERT_EQ(simulate_plain(flags).exit_code, 0);
  ASSERT_EQ(simulate_plain(flags).exit_code, 0);
  const Outcome outcome =
      run({"budget", "out/tiny-2", "--width", "90", "--ascii", "--png", "e.png", "--svg", "e.svg"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_TRUE(contains(outcome.out, "Privacy spent: tiny-2")) << outcome.out;
  EXPECT_EQ(lines_with(outcome.out, {"tiny-2 from round 3"}), 3U) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "neighbours: one patient added or removed")) << outcome.out;
  EXPECT_EQ(read_bytes(folder() / "e.png").substr(0, 4), "\x89PNG");
  EXPECT_TRUE(contains(read_bytes(folder() / "e.svg"), "</svg>"));
  const Outcome failed = run({"budget", "out/tiny-2", "--png", "nowhere/e.png"});
  expect_refused(failed, 1, {"cannot write nowhere/e.png"});
  expect_refused(run({"budget", "out/tiny-2", "--width", "3"}), 2, {"--width"});
}

TEST_F(BudgetViewProgramTest, ARoundIsOnePointWhereSigmaFollowsASchedule) {
  const std::vector<std::string> flags{
      "--set", "privacy.ledger=dataset",        "--set", "privacy.budget=8",
      "--set", "privacy.noise_schedule=linear", "--set", "privacy.final_noise_multiplier=2"};
  ASSERT_EQ(simulate_plain(flags).exit_code, 0);
  ASSERT_EQ(simulate_plain(flags).exit_code, 0);
  const Outcome outcome = run({"budget", "out/tiny-2", "--ascii", "--width", "110"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  EXPECT_EQ(lines_with(outcome.out, {"tiny-2 from round 3"}), 3U) << outcome.out;
}

TEST_F(BudgetViewProgramTest, AnswersWhatIfs) {
  ASSERT_EQ(simulate_plain({"--set", "privacy.budget=30"}).exit_code, 0);
  const Outcome outcome =
      run({"budget", "out/tiny", "--json", "--target-epsilon", "20", "--sigma-for-rounds", "5"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  const json document = json::parse(outcome.out);
  for (const json& hospital : document.at("what_if").at("hospitals")) {
    EXPECT_GT(hospital.at("rounds_that_fit"), 0);
    EXPECT_GT(hospital.at("sigma"), 0.0);
  }
  // As many rounds as the target lets in, then its hospitals stand still: the count is the truth.
  const std::uint64_t rounds =
      document.at("what_if").at("hospitals").at(0).at("rounds_that_fit").get<std::uint64_t>();
  const Outcome all =
      run({"budget", "--plan", "--json", "--sampling-rate",
           std::to_string(tiny_.config.privacy.sampling_rate), "--noise-multiplier",
           std::to_string(tiny_.config.privacy.noise_multiplier), "--delta",
           std::to_string(tiny_.config.privacy.delta), "--steps", std::to_string(4 + 2 * rounds)});
  ASSERT_EQ(all.exit_code, 0) << all.err;
  EXPECT_LE(json::parse(all.out).at("epsilon"), 20.0);
  const Outcome text = run({"budget", "out/tiny", "--target-epsilon", "20"});
  EXPECT_EQ(lines_with(text.out, {"more rounds of 2 steps", "keep epsilon to 20"}), 3U) << text.out;
  expect_refused(run({"budget", "out/tiny", "--target-epsilon", "-1"}), 2, {"--target-epsilon"});
  expect_refused(run({"budget", "out/tiny", "--sigma-for-rounds", "0"}), 2, {"--sigma-for-rounds"});
}

TEST_F(BudgetViewProgramTest, AnInfiniteBudgetHasNoSigma) {
  ASSERT_EQ(simulate_plain({"--set", "privacy.budget=inf"}).exit_code, 0);
  expect_refused(run({"budget", "out/tiny", "--sigma-for-rounds", "5"}), 2,
                 {"--sigma-for-rounds", "no budget"});
}

TEST_F(BudgetViewProgramTest, TheStatementSaysWhatIsClaimedAndAssumed) {
  ASSERT_EQ(simulate_plain().exit_code, 0);
  const Outcome outcome = run({"budget", "out/tiny", "--statement"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const char* part : {"Privacy statement: run tiny", "one patient with all their notes",
                           "add_remove", "poisson_sampled_gaussian", "by RDP", "by PLD",
                           "not amplified", "delta in all", "ledger head", "covered:", "assumed:",
                           "no hyper-parameters were searched", "the sampler was seeded"}) {
    EXPECT_TRUE(contains(outcome.out, part)) << part << '\n' << outcome.out;
  }
  const Outcome as_json = run({"budget", "out/tiny", "--statement", "--json"});
  ASSERT_EQ(as_json.exit_code, 0) << as_json.err;
  const json document = json::parse(as_json.out);
  ASSERT_EQ(document.at("hospitals").size(), 3U);
  for (const json& hospital : document.at("hospitals")) {
    EXPECT_EQ(hospital.at("ledger_head").get<std::string>().size(), 64U);
    EXPECT_TRUE(contains(outcome.out, hospital.at("ledger_head").get<std::string>()));
    EXPECT_EQ(hospital.at("epsilon"), std::min(hospital.at("epsilon_rdp").get<double>(),
                                               hospital.at("epsilon_pld").get<double>()));
    EXPECT_EQ(hospital.at("steps").at(0).at("steps"), 4);
  }
}

TEST_F(BudgetViewProgramTest, WatchFollowsARunToItsEnd) {
  Child training{folder(),
                 {"simulate", "federation.toml", "--runs", "out", "--oracle", "plain-int8", "--set",
                  "run.rounds=3"}};
  ASSERT_TRUE(training.wait_for_line("round 1/3"));
  std::filesystem::create_directories(folder() / "watcher");  // with an out.txt of its own
  Child watcher{folder() / "watcher", {"budget", "../out/tiny", "--watch", "--width", "60"}};
  const Outcome watched = watcher.wait();
  EXPECT_EQ(watched.exit_code, 0) << watched.err;
  EXPECT_EQ(training.wait().exit_code, 0);
  EXPECT_TRUE(contains(watched.out, "the run has ended: finished")) << watched.out;
  // It may have drawn the last round while it was half done; what it drew last is whole.
  const auto last = watched.out.rfind("hospital    run ");
  ASSERT_NE(last, std::string::npos) << watched.out;
  const std::string drawn = watched.out.substr(last);
  EXPECT_EQ(lines_with(drawn, {"cardiology", " tiny ", " 3  0.15      1      2  "}), 1U) << drawn;
  expect_refused(run({"budget", "out/tiny", "--watch", "--json"}), 2, {"--watch"});
}

}  // namespace
}  // namespace hippocrypt::cli
