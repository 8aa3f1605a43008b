// Simulations of many hospitals: any number of workers, simulated lines and failure scripts.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "actors/simulation.hpp"
#include "base/file.hpp"
#include "tests/support/tiny_federation.hpp"

namespace hippocrypt::actors {
namespace {

using federation::FailureKind;
using federation::OracleKind;
using test_support::TinyFederation;

/// Eight hospitals of the tiny federation's notes, without noise.
federation::FederationConfig many(const TinyFederation& tiny) {
  federation::FederationConfig config = tiny.config;
  federation::HospitalConfig each;
  for (const auto& hospital : config.hospitals) each.deal.pool.push_back(hospital.notes);
  each.notes = each.deal.pool.front();
  each.deal.group = "small";
  each.deal.skew = 0.5;
  config.hospitals.assign(8, each);
  for (std::size_t i = 0; i < 8; ++i) config.hospitals[i].name = "small-" + std::to_string(i + 1);
  config.privacy.noise_multiplier = 0;
  config.privacy.sampling_rate = 0.5;
  config.encryption.oracle = OracleKind::plain_int8;
  config.run.rounds = 4;
  config.run.steps_per_round = 1;
  return config;
}

struct Outcome {
  SimulationResult result;
  std::map<std::uint32_t, std::string> rounds;  ///< what was said of each
};

Outcome run(const TinyFederation& tiny, const federation::FederationConfig& config) {
  Outcome out;
  SimulationOptions options;
  options.config = config;
  options.runs = tiny.folder() / "runs";
  options.on_progress = [&out](const federation::Progress& event) {
    if (event.kind == federation::ProgressKind::round) out.rounds[event.round] = event.text;
  };
  auto result = simulate(options);
  EXPECT_TRUE(result) << to_string(result.error());
  if (result) out.result = std::move(result).value();
  return out;
}

Bytes adapter_of(const Outcome& outcome) {
  const std::filesystem::path folder = outcome.result.record.adapter;
  return read_file(folder / "adapter_model.safetensors", 1 << 26).value();
}

bool says(const Outcome& outcome, std::uint32_t round, const std::string& part) {
  const auto found = outcome.rounds.find(round);
  return found != outcome.rounds.end() && found->second.find(part) != std::string::npos;
}

TEST(ScaleTest, TheAdapterIsTheSameWithAnyNumberOfWorkers) {
  const TinyFederation tiny{"workers"};
  auto config = many(tiny);
  std::vector<Bytes> adapters;
  for (const std::uint32_t workers : {1U, 2U, 5U}) {
    config.simulation.workers = workers;
    adapters.push_back(adapter_of(run(tiny, config)));
  }
  EXPECT_EQ(adapters[0], adapters[1]);
  EXPECT_EQ(adapters[0], adapters[2]);
}

TEST(ScaleTest, LinesAndSpeedTakeTimeAndChangeNothingElse) {
  const TinyFederation tiny{"lines"};
  auto config = many(tiny);
  const Bytes plain = adapter_of(run(tiny, config));
  config.hospitals[0].site.speed = 0.5;
  config.hospitals[1].site.link_mbit = 100;
  config.hospitals[2].site.link_ms = 5;
  config.hospitals[3].site.failures = {{FailureKind::slow, 2, 2, false, 2}};
  EXPECT_EQ(adapter_of(run(tiny, config)), plain);
}

TEST(ScaleTest, ACrashEndsAHospitalAndTheRestGoesOn) {
  const TinyFederation tiny{"crash"};
  auto config = many(tiny);
  config.hospitals[2].site.failures = {{FailureKind::crash, 2, 2, false, 1}};
  const Outcome outcome = run(tiny, config);
  EXPECT_TRUE(says(outcome, 1, "8 contributed"));
  for (const std::uint32_t round : {2U, 3U, 4U}) {
    EXPECT_TRUE(says(outcome, round, "7 contributed")) << outcome.rounds.at(round);
    EXPECT_TRUE(says(outcome, round, "small-3 absent")) << outcome.rounds.at(round);
  }
  EXPECT_NE(outcome.result.record.hospitals[2].failure, "");
  EXPECT_EQ(outcome.result.record.hospitals[3].failure, "");
}

TEST(ScaleTest, AHospitalThatWasOfflineComesBack) {
  const TinyFederation tiny{"offline"};
  auto config = many(tiny);
  config.run.rounds = 6;
  config.hospitals[4].site.failures = {{FailureKind::offline, 2, 3, false, 1}};
  // So that the rounds after it take longer than coming back.
  config.hospitals[0].site.link_ms = 100;
  const Outcome outcome = run(tiny, config);
  EXPECT_TRUE(says(outcome, 2, "small-5 absent"));
  EXPECT_TRUE(says(outcome, 3, "small-5 absent"));
  EXPECT_TRUE(says(outcome, 6, "8 contributed")) << outcome.rounds.at(6);
  EXPECT_EQ(outcome.result.record.hospitals[4].failure, "");
  EXPECT_GE(outcome.result.record.hospitals[4].steps, 2U);
}

TEST(ScaleTest, AHospitalThatCrashedIsStartedAgain) {
  const TinyFederation tiny{"restart"};
  auto config = many(tiny);
  config.run.rounds = 6;
  config.hospitals[4].site.failures = {{FailureKind::crash, 2, 2, true, 1}};
  config.hospitals[0].site.link_ms = 200;
  const Outcome outcome = run(tiny, config);
  EXPECT_TRUE(says(outcome, 6, "8 contributed")) << outcome.rounds.at(6);
  EXPECT_EQ(outcome.result.record.hospitals[4].failure, "");
}

TEST(ScaleTest, ADamagedUpdateIsRefusedForOneRound) {
  const TinyFederation tiny{"corrupt"};
  auto config = many(tiny);
  config.hospitals[7].site.failures = {{FailureKind::corrupt, 3, 3, false, 1}};
  const Outcome outcome = run(tiny, config);
  EXPECT_TRUE(says(outcome, 2, "8 contributed"));
  EXPECT_TRUE(says(outcome, 3, "small-8 absent")) << outcome.rounds.at(3);
  EXPECT_TRUE(says(outcome, 4, "8 contributed"));
}

TEST(ScaleTest, TooFewPatientsEndTheSimulationBeforeItBegins) {
  const TinyFederation tiny{"too_few"};
  SimulationOptions options;
  options.config = many(tiny);
  options.config.hospitals[0].deal.patients = 1000;
  options.runs = tiny.folder() / "runs";
  const auto result = simulate(options);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().code, Errc::out_of_range);
  EXPECT_FALSE(std::filesystem::exists(options.runs)) << "no run is left behind";
}

}  // namespace
}  // namespace hippocrypt::actors
