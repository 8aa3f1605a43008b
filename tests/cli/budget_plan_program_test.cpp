// `hippocrypt budget --plan`, which needs no run.

#include <cmath>

#include "tests/cli/simulate_fixture.hpp"

namespace hippocrypt::cli {
namespace {

using nlohmann::json;

class BudgetPlanProgramTest : public SimulateProgramTest {
 protected:
  json plan(std::vector<std::string> more) {
    std::vector<std::string> arguments{"budget", "--plan", "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    const Outcome outcome = run(arguments);
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return json::parse(outcome.out, nullptr, false);
  }
};

TEST_F(BudgetPlanProgramTest, PricesAPlanByEveryAccountant) {
  const json document = plan({"--sampling-rate", "0.04", "--noise-multiplier", "1.5", "--steps",
                              "2250", "--delta", "1e-5"});
  EXPECT_NEAR(document.at("epsilon_rdp").get<double>(), 7.329111171484, 1e-9);
  EXPECT_NEAR(document.at("epsilon_pld").get<double>(), 6.768780586, 1e-4);
  EXPECT_EQ(document.at("epsilon"), document.at("epsilon_pld"));
  EXPECT_NEAR(document.at("epsilon_rdp_classic").get<double>(), 8.073848277123, 1e-9);
  EXPECT_NEAR(document.at("epsilon_without_amplification").get<double>(), 46.211210, 1e-5);
  EXPECT_LE(document.at("epsilon_rdp_any_order"), document.at("epsilon_rdp"));
  EXPECT_EQ(document.at("relation"), "add_remove");
}

TEST_F(BudgetPlanProgramTest, FindsStepsAndNoiseForATarget) {
  const json document = plan({"--sampling-rate", "0.1", "--noise-multiplier", "3", "--steps", "100",
                              "--delta", "1e-6", "--target-epsilon", "2"});
  EXPECT_EQ(document.at("steps_that_fit"), 155);  // jax_privacy's doctest
  EXPECT_LT(document.at("sigma_needed"), 3.0);
  const json noise = plan(
      {"--sampling-rate", "0.1", "--steps", "512", "--delta", "1e-6", "--target-epsilon", "1"});
  EXPECT_NEAR(noise.at("sigma_needed").get<double>(), 9.661830, 1e-4);
  EXPECT_LE(noise.at("epsilon"), 1.0);
}

TEST_F(BudgetPlanProgramTest, TextSaysWhatIsAssumed) {
  const Outcome outcome = run({"budget", "--plan", "--sampling-rate", "0.016", "--noise-multiplier",
                               "1", "--steps", "300"});
  ASSERT_EQ(outcome.exit_code, 0) << outcome.err;
  for (const char* part : {"delta 1e-05", "PLD ", "1.7423", "RDP ", "2.0918", "classic", "2.5608",
                           "not amplified", "assumed: Poisson sampling"}) {
    EXPECT_TRUE(contains(outcome.out, part)) << part << '\n' << outcome.out;
  }
}

TEST_F(BudgetPlanProgramTest, ExplainsAZeroAndAMissingFigure) {
  const json zero = plan({"--sampling-rate", "1e-6", "--noise-multiplier", "2", "--steps", "1"});
  EXPECT_EQ(zero.at("epsilon"), 0.0);
  EXPECT_TRUE(contains(zero.at("remarks").dump(), "epsilon is 0 although"));
  const json tiny = plan({"--sampling-rate", "0.1", "--noise-multiplier", "0.02", "--steps", "1"});
  EXPECT_TRUE(tiny.at("epsilon_pld").is_null());
  EXPECT_EQ(tiny.at("epsilon"), tiny.at("epsilon_rdp"));
  EXPECT_TRUE(contains(tiny.at("remarks").dump(), "no PLD figure"));
}

TEST_F(BudgetPlanProgramTest, NamesTheFlagThatIsMissingOrWrong) {
  const std::vector<std::string> good{
      "budget", "--plan", "--sampling-rate", "0.1", "--noise-multiplier", "1", "--steps", "10"};
  const auto with = [&](std::vector<std::string> more) {
    std::vector<std::string> arguments = good;
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  };
  expect_refused(run({"budget", "--plan"}), 2, {"--sampling-rate"});
  expect_refused(run({"budget", "--plan", "--sampling-rate", "1.5", "--steps", "3"}), 2,
                 {"--sampling-rate"});
  expect_refused(run({"budget", "--plan", "--sampling-rate", "0.1"}), 2, {"--steps"});
  expect_refused(run({"budget", "--plan", "--sampling-rate", "0.1", "--steps", "3"}), 2,
                 {"--noise-multiplier", "--target-epsilon"});
  expect_refused(with({"--delta", "1"}), 2, {"--delta"});
  expect_refused(with({"--target-epsilon", "0"}), 2, {"--target-epsilon"});
  expect_refused(with({"a-run"}), 2, {"--plan", "a-run"});
  expect_refused(with({"--png", "x.png"}), 2, {"--plan"});
  expect_refused(run({"budget", "--steps", "3"}), 2, {"--plan"});
  expect_refused(run({"budget"}), 2, {"name a run"});
}

}  // namespace
}  // namespace hippocrypt::cli
