// Thousands of rounds of simulated federations in which everything goes wrong that can: the rules
// hold in all of them, and each planted bug is seen.

#include <gtest/gtest.h>

#include "tests/federation/simulator/rounds_simulator.hpp"
#include "tests/support/allocation_meter.hpp"

namespace hippocrypt::federation::simulator {
namespace {

/// The outcomes of seeds 1 to `seeds` together.
Outcome play(Scenario scenario, std::uint64_t seeds) {
  Outcome all;
  all.finished = true;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    scenario.seed = seed;
    const Outcome one = simulate(scenario);
    for (const auto& violation : one.violations) {
      all.violations.push_back("seed " + std::to_string(seed) + ": " + violation);
    }
    all.finished = all.finished && one.finished;
    all.rounds += one.rounds;
    all.attempts += one.attempts;
    all.voided += one.voided;
    all.skipped += one.skipped;
    all.absences += one.absences;
    all.kills += one.kills;
    all.restarts += one.restarts;
    all.cuts += one.cuts;
    all.dropped += one.dropped;
    all.repeated += one.repeated;
    all.stops += one.stops;
    all.simulated_s += one.simulated_s;
  }
  return all;
}

void expect_clean(const Outcome& outcome) {
  for (const auto& violation : outcome.violations) ADD_FAILURE() << violation;
  EXPECT_TRUE(outcome.finished);
}

/// Bad luck did strike, or the test shows nothing; and yet most rounds count.
void expect_misfortunes(const Outcome& outcome) {
  std::printf(
      "%u rounds, %.0f simulated hours; %lu attempts, %lu void, %lu skipped; %lu absences\n"
      "aggregator: %lu kills, %lu stops; hospitals: %lu restarts, %lu cuts; %lu messages lost, "
      "%lu repeated\n",
      outcome.rounds, outcome.simulated_s / 3600, outcome.attempts, outcome.voided, outcome.skipped,
      outcome.absences, outcome.kills, outcome.stops, outcome.restarts, outcome.cuts,
      outcome.dropped, outcome.repeated);
  EXPECT_GT(outcome.kills, outcome.rounds / 20);
  EXPECT_GT(outcome.restarts, outcome.rounds / 10);
  EXPECT_GT(outcome.cuts, outcome.rounds / 10);
  EXPECT_GT(outcome.dropped, outcome.rounds / 4);
  EXPECT_GT(outcome.repeated, outcome.rounds / 2);
  EXPECT_GT(outcome.absences, outcome.rounds / 2);
  EXPECT_GT(outcome.voided, outcome.rounds / 50);
  EXPECT_LT(outcome.skipped, outcome.rounds / 10);
}

TEST(RoundsSimulationTest, RoundsInTheClearKeepTheRules) {
  const Outcome outcome = play({}, 50);
  expect_clean(outcome);
  EXPECT_EQ(outcome.rounds, 3000U);
  expect_misfortunes(outcome);
}

TEST(RoundsSimulationTest, RoundsWithPhasesKeepTheRules) {
  Scenario scenario;
  scenario.masked = true;
  const Outcome outcome = play(scenario, 50);
  expect_clean(outcome);
  EXPECT_EQ(outcome.rounds, 3000U);
  expect_misfortunes(outcome);
}

TEST(RoundsSimulationTest, RoundsOfSecureAggregationKeepTheRules) {
  Scenario scenario;
  scenario.masked = scenario.secagg = true;
  scenario.rounds = 25;
  for (const double faulty : {0.0, 0.01}) {
    scenario.faulty = faulty;  // without, nothing may be refused
    const Outcome outcome = play(scenario, 4);
    expect_clean(outcome);
    EXPECT_EQ(outcome.rounds, 100U);
    expect_misfortunes(outcome);
  }
}

TEST(RoundsSimulationTest, TheRulesHoldForFewAndForMany) {
  for (const std::uint32_t hospitals : {1U, 2U, 3U, 40U}) {
    for (const bool masked : {false, true}) {
      Scenario scenario;
      scenario.hospitals = hospitals;
      scenario.rules.quorum = hospitals / 2 + 1;
      scenario.dead = (hospitals - 1) / 3;
      scenario.rounds = 20;
      scenario.masked = masked;
      SCOPED_TRACE(std::to_string(hospitals) + (masked ? " masked" : " in the clear"));
      expect_clean(play(scenario, 10));
    }
  }
}

/// A short run without misfortunes.
Scenario calm(bool masked, bool secagg) {
  Scenario scenario;
  scenario.drop = scenario.repeat = scenario.delay = scenario.slow = scenario.sits_out = 0;
  scenario.fails = scenario.faulty = scenario.cut = scenario.restart = scenario.kill = 0;
  scenario.dead = 0;
  scenario.jitter_s = 0;
  scenario.hospitals = 4;
  scenario.rules.quorum = 3;
  scenario.rounds = 3;
  scenario.masked = masked;
  scenario.secagg = secagg;
  return scenario;
}

TEST(RoundsSimulationTest, WithoutMisfortunesNobodyIsEverAbsent) {
  for (const auto& [masked, secagg] : {std::pair{false, false}, {true, false}, {true, true}}) {
    Scenario scenario = calm(masked, secagg);
    scenario.rounds = 40;
    const Outcome outcome = simulate(scenario);
    expect_clean(outcome);
    EXPECT_EQ(outcome.absences, 0U);
    EXPECT_EQ(outcome.attempts, scenario.rounds);
  }
}

/// Killed before any one effect, the aggregator ends with the very adapter of the run in peace:
/// nobody was lost, and nothing is counted twice.
TEST(RoundsSimulationTest, AKillAnywhereChangesNoBitOfTheAdapter) {
  for (const auto& [masked, secagg] : {std::pair{false, false}, {true, false}, {true, true}}) {
    const Outcome peace = simulate(calm(masked, secagg));
    expect_clean(peace);
    ASSERT_EQ(peace.absences, 0U);
    for (std::uint64_t effect = 1; effect <= peace.effects; ++effect) {
      Scenario scenario = calm(masked, secagg);
      scenario.kill_at = effect;
      const Outcome outcome = simulate(scenario);
      SCOPED_TRACE("before effect " + std::to_string(effect) + " of " +
                   std::to_string(peace.effects));
      expect_clean(outcome);
      EXPECT_EQ(outcome.kills, 1U);
      EXPECT_EQ(outcome.absences, 0U);
      EXPECT_EQ(outcome.global, peace.global);
    }
  }
}

/// The same of a hospital that is back within its grace.
TEST(RoundsSimulationTest, AKilledHospitalChangesNoBitOfTheAdapter) {
  for (const auto& [masked, secagg] : {std::pair{false, false}, {true, false}, {true, true}}) {
    const Outcome peace = simulate(calm(masked, secagg));
    for (std::uint64_t step = 1; step <= peace.steps; ++step) {
      Scenario scenario = calm(masked, secagg);
      scenario.strike_at = step;
      const Outcome outcome = simulate(scenario);
      SCOPED_TRACE("at message " + std::to_string(step) + " of " + std::to_string(peace.steps));
      expect_clean(outcome);
      EXPECT_EQ(outcome.restarts, 1U);
      EXPECT_EQ(outcome.absences, 0U);
      EXPECT_EQ(outcome.global, peace.global);
    }
  }
}

TEST(RoundsSimulationTest, TheSameSeedGivesTheSameTrace) {
  for (const bool masked : {false, true}) {
    Scenario scenario;
    scenario.masked = masked;
    const Outcome first = simulate(scenario);
    EXPECT_EQ(first.trace, simulate(scenario).trace);
    scenario.seed = 2;
    EXPECT_NE(first.trace, simulate(scenario).trace);
  }
}

/// Most bytes that were live at once in a run of so many rounds, all misfortunes included.
std::size_t peak_of(std::uint32_t rounds, bool masked) {
  Scenario scenario;
  scenario.rounds = rounds;
  scenario.masked = masked;
  const test::AllocationMeter meter;
  const Outcome outcome = simulate(scenario);
  expect_clean(outcome);
  EXPECT_EQ(outcome.rounds, rounds);
  return meter.peak_bytes();
}

TEST(RoundsSimulationTest, MemoryDoesNotGrowOverRounds) {
  for (const bool masked : {false, true}) {
    // 1,500 rounds more may hit upon a busier moment, but leave nothing: under 6 bytes a round.
    EXPECT_LE(peak_of(1800, masked), peak_of(300, masked) + 8192);
  }
}

struct Planted {
  Bug bug;
  bool masked;
  const char* seen_as;
};

class PlantedBugTest : public testing::TestWithParam<Planted> {};

TEST_P(PlantedBugTest, IsSeen) {
  Scenario scenario;
  scenario.bug = GetParam().bug;
  scenario.masked = GetParam().masked;
  const Outcome outcome = play(scenario, 10);
  const bool seen = std::any_of(outcome.violations.begin(), outcome.violations.end(),
                                [](const std::string& violation) {
                                  return violation.find(GetParam().seen_as) != std::string::npos;
                                });
  EXPECT_TRUE(seen) << outcome.violations.size() << " violations, the first: "
                    << (outcome.violations.empty() ? "" : outcome.violations.front());
}

INSTANTIATE_TEST_SUITE_P(
    RoundsSimulation, PlantedBugTest,
    testing::Values(Planted{Bug::counts_repeats, false, "the adapter is not the mean's"},
                    Planted{Bug::divides_by_everybody, false, "the adapter is not the mean's"},
                    Planted{Bug::divides_by_everybody, true, "the adapter is not the mean's"},
                    Planted{Bug::forgets_to_announce, false, "was not announced to everybody"},
                    Planted{Bug::waits_for_the_dead, false, "waited for the dead"},
                    Planted{Bug::drops_the_slow, false, "dropped one that was slow but alive"},
                    Planted{Bug::announces_too_early, false, "is not durable"},
                    Planted{Bug::forgets_attempts, false, "is not durable"},
                    Planted{Bug::forgets_entries, true, "is asked to unmask"}));

}  // namespace
}  // namespace hippocrypt::federation::simulator
