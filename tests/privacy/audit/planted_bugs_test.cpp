// Every bug that the audit claims to catch is planted and caught, and the right mechanism passes
// the same check. Sequences are seeded: nothing here is left to chance. The real engine's passes
// are in engine_audit_test.cpp.

#include <gtest/gtest.h>

#include "privacy/audit/canaries.hpp"
#include "privacy/audit/noise_checks.hpp"
#include "privacy/audit/sampler_checks.hpp"
#include "privacy/audit/sensitivity_check.hpp"
#include "privacy/dp_forward/matrix_gaussian.hpp"
#include "tests/privacy/audit/sabotaged_mechanism.hpp"

namespace hippocrypt::privacy::audit {
namespace {

constexpr Claim claim{0.016, 1.0, 0.5, 12};
constexpr double significance = default_significance;
constexpr std::uint64_t seed = 1;

std::vector<CheckResult> noise_results(const Bugs& bugs) {
  SabotagedMechanism subject{claim, bugs, seed};
  const Matrix noise = noise_of(subject.mechanism(), claim, 1000, 40).value();
  return check_noise(noise, claim.noise_multiplier * claim.clip);
}

std::vector<CheckResult> sampler_results(const Bugs& bugs) {
  SabotagedMechanism subject{claim, bugs, seed};
  return check_sampler(subject.lots()(500, 2000).value(), 500, claim.sampling_rate);
}

CheckResult sensitivity_result(const Bugs& bugs) {
  SabotagedMechanism subject{claim, bugs, seed};
  SeededSequence sequence{seed, "sensitivity"};
  return check_sensitivity(subject.noiseless(), claim, sequence).value();
}

/// m = 1000, T = 300, q = 0.016, sigma = 1, delta 1e-5: PLD says 1.742 (reference, 4.7).
constexpr double claimed_epsilon = 1.742317;

struct Canaries {
  CanaryAudit audit;
  CheckResult weight;
};

Canaries canaries(const Bugs& bugs, double norm_over_clip = 1) {
  SabotagedMechanism subject{claim, bugs, seed};
  SeededSequence coins{seed, "coins"};
  constexpr std::uint64_t steps = 300;
  const auto scores =
      score_canaries(subject.mechanism(), claim, {1000, steps, norm_over_clip}, [&] {
        return coins.next_u64();
      }).value();
  return {audit_epsilon(scores, claimed_epsilon, 1e-5, 0.01),
          check_canary_weight(scores, std::vector<ClaimedSteps>{{claim, steps}})};
}

/// At 99 %, as the reference's table of sabotaged builds.
void expect_refuted(const Canaries& found) {
  EXPECT_FALSE(found.audit.result.passes(0.01)) << found.audit.result.finding;
  EXPECT_GT(found.audit.bound.epsilon, claimed_epsilon);
  EXPECT_FALSE(found.weight.passes(1e-6)) << found.weight.finding;
}

void expect_not_refuted(const Canaries& found) {
  EXPECT_TRUE(found.audit.result.passes(0.01)) << found.audit.result.finding;
  EXPECT_LT(found.audit.bound.epsilon, claimed_epsilon);
  EXPECT_TRUE(found.weight.passes(significance)) << found.weight.finding;
}

const CheckResult& named(const std::vector<CheckResult>& results, const std::string& name) {
  for (const CheckResult& result : results) {
    if (result.name == name) return result;
  }
  ADD_FAILURE() << "no check " << name;
  return results.front();
}

void expect_caught(const std::vector<CheckResult>& results, const std::string& name) {
  const CheckResult& result = named(results, name);
  EXPECT_FALSE(result.passes(bonferroni(significance, results.size())))
      << name << ": " << result.finding << ", p = " << result.p_value;
}

void expect_pass(const std::vector<CheckResult>& results) {
  for (const CheckResult& result : results) {
    EXPECT_TRUE(result.passes(bonferroni(significance, results.size())))
        << result.name << ": " << result.finding << ", p = " << result.p_value;
  }
}

TEST(PlantedBugTest, RightMechanismPassesEverything) {
  expect_pass(noise_results({}));
  expect_pass(sampler_results({}));
  expect_pass({sensitivity_result({})});
  expect_not_refuted(canaries({}));
}

TEST(PlantedBugTest, HalfTheNoiseIsCaught) {
  expect_caught(noise_results({.noise_factor = 0.5}), "noise variance");
  expect_caught(noise_results({.noise_factor = 0.5}), "noise shape");
  // Too little for the bound on epsilon (reference, 4.7: 0.29), not for the canaries' law.
  const Canaries found = canaries({.noise_factor = 0.5});
  EXPECT_TRUE(found.audit.result.passes(0.01)) << found.audit.result.finding;
  EXPECT_FALSE(found.weight.passes(1e-6)) << found.weight.finding;
}

TEST(PlantedBugTest, TwoPerCentLessNoiseIsCaught) {
  expect_caught(noise_results({.noise_factor = 0.98}), "noise variance");
}

TEST(PlantedBugTest, NoNoiseIsCaught) {
  expect_caught(noise_results({.noise_factor = 0}), "noise variance");
  expect_refuted(canaries({.noise_factor = 0}));
}

TEST(PlantedBugTest, ATenthOfTheNoiseIsCaughtByCanariesToo) {
  expect_refuted(canaries({.noise_factor = 0.1}));
}

TEST(PlantedBugTest, SameNoiseInEveryStepIsCaught) {
  const auto results = noise_results({.same_noise_each_step = true});
  expect_caught(results, "noise reuse");
  expect_caught(results, "noise independence");
}

TEST(PlantedBugTest, NoNoiseInEmptyLotsIsCaught) {
  expect_caught(noise_results({.no_noise_in_empty_lots = true}), "noise variance");
}

TEST(PlantedBugTest, CorrelatedNoiseIsCaught) {
  expect_caught(noise_results({.correlated_noise = true}), "noise independence");
}

TEST(PlantedBugTest, NoClippingIsCaught) {
  expect_caught({sensitivity_result({.no_clipping = true})}, "sensitivity");
  expect_refuted(canaries({.no_clipping = true}, 100));
  expect_not_refuted(canaries({}, 100));  // what clipping makes of the same canaries
}

TEST(PlantedBugTest, ClippingTheMeanIsCaught) {
  expect_caught({sensitivity_result({.clips_the_mean = true})}, "sensitivity");
}

TEST(PlantedBugTest, NanInTheSumIsCaught) {
  expect_caught({sensitivity_result({.keeps_nan = true})}, "sensitivity");
}

TEST(PlantedBugTest, LotDivisorFromTheDataIsCaught) {
  expect_caught({sensitivity_result({.divisor_from_data = true})}, "sensitivity");
  expect_caught(noise_results({.divisor_from_data = true}), "noise variance");
}

TEST(PlantedBugTest, FixedSizeLotsAreCaught) {
  expect_caught(sampler_results({.fixed_size_lots = true}), "lot size variance");
}

TEST(PlantedBugTest, ShuffledEpochsAreCaught) {
  const auto results = sampler_results({.shuffled_epochs = true});
  expect_caught(results, "lot size variance");
  expect_caught(results, "repeats");
}

TEST(PlantedBugTest, UnitsThatAreAlwaysInAreCaught) {
  expect_caught(sampler_results({.all_always_in = true}), "sampling rate");
  expect_refuted(canaries({.all_always_in = true}));
}

// DP-Forward's own clipping: two clipped sequences can be 2C apart, and the noise must be made for
// that. Claiming C, as the method's public code does, is caught.
TEST(PlantedBugTest, SensitivityCInsteadOf2CIsCaught) {
  MatrixGaussianParams params;
  params.clip = claim.clip;
  const auto clipped = [&](std::span<const float> values) {
    MatrixT<double> matrix{1, values.size()};
    std::copy(values.begin(), values.end(), matrix.values().begin());
    clip_frobenius(matrix.view(), params.clip);
    return Result{std::vector<double>{matrix.values().begin(), matrix.values().end()}};
  };
  SeededSequence sequence{seed, "pairs"};
  expect_caught({check_any_pair(clipped, params.clip, 64, sequence).value()},
                "any-pair sensitivity");
  expect_pass({check_any_pair(clipped, params.sensitivity(), 64, sequence).value()});
}

}  // namespace
}  // namespace hippocrypt::privacy::audit
