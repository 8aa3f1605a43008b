// The shipped configuration, as the README runs it, with plain and encrypted oracles.

#include <gtest/gtest.h>

#include <cmath>
#include <map>

#include "actors/simulation.hpp"
#include "cli/config/load_config.hpp"

namespace hippocrypt {
namespace {

struct Shipped {
  actors::SimulationResult result;
  std::map<std::string, double> losses;  ///< "hospital round step"
};

Shipped run(const std::string& name, std::vector<std::string> overrides) {
  const auto runs = std::filesystem::temp_directory_path() / ("hippocrypt_shipped_" + name);
  std::filesystem::remove_all(runs);
  overrides.insert(overrides.begin(), "privacy.ledger=run");
  std::map<std::string, double> losses;
  actors::SimulationOptions options;
  options.config =
      cli::load_config(HIPPOCRYPT_SOURCE_DIR "/configs/three_hospitals.toml", overrides).value();
  options.runs = runs;
  options.on_progress = [&losses](const federation::Progress& event) {
    if (event.kind != federation::ProgressKind::step) return;
    losses[event.source + ' ' + std::to_string(event.round) + ' ' + std::to_string(event.step)] =
        event.loss;
  };
  auto result = actors::simulate(options).value();
  std::filesystem::remove_all(runs);
  return {std::move(result), std::move(losses)};
}

/// Largest relative difference of two runs' training losses, step by step.
double worst_difference(const Shipped& a, const Shipped& b) {
  EXPECT_EQ(a.losses.size(), b.losses.size());
  double worst = 0;
  for (const auto& [key, loss] : a.losses) {
    worst = std::max(worst, std::abs(b.losses.at(key) / loss - 1));
  }
  return worst;
}

TEST(ShippedRunTest, FiftyStepsWithoutNoiseAgreeWhateverTheOracle) {
  const auto with = [](const char* oracle) {
    return run(std::string{"fifty_"} + oracle,
               {"privacy.noise_multiplier=0", "privacy.budget=inf", "run.rounds=10",
                "run.steps_per_round=5", std::string{"encryption.oracle="} + oracle,
                // A smaller lot of the same shape, so that the test fits its time.
                "privacy.sampling_rate=0.01", "privacy.expected_lot=8", "encryption.train_tiles=1",
                "encryption.eval_tiles=1"});
  };
  const auto encrypted = with("encrypted");
  const double to_int8 = worst_difference(with("plain-int8"), encrypted);
  const double to_fp32 = worst_difference(with("plain-fp32"), encrypted);
  std::printf("worst relative difference over 50 steps: plain-int8 %.5f, plain-fp32 %.5f\n",
              to_int8, to_fp32);
  EXPECT_EQ(encrypted.losses.size(), 150U);
  EXPECT_LE(to_int8, 0.005);
  EXPECT_LE(to_fp32, 0.02);
}

TEST(ShippedRunTest, HeldOutLossFallsAtEveryHospitalWithinTheBudget) {
  for (const int seed : {1, 2, 3}) {
    const auto done =
        run("falls", {"run.seed=" + std::to_string(seed), "encryption.oracle=plain-int8"});
    for (const auto& hospital : done.result.record.hospitals) {
      std::printf("seed %d %s: %.4f -> %.4f (%.2f %%), epsilon %.3f\n", seed, hospital.name.c_str(),
                  hospital.loss_before, hospital.loss_after,
                  100 * (hospital.loss_after / hospital.loss_before - 1), hospital.epsilon);
      EXPECT_LE(hospital.loss_after, 0.97 * hospital.loss_before) << hospital.name;
      EXPECT_LE(hospital.epsilon, 8);
    }
  }
}

}  // namespace
}  // namespace hippocrypt
