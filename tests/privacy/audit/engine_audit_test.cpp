// The real PrivacyEngine passes the checks that the sabotaged mechanisms fail. Its randomness is
// the operating system's, so a check may fail by chance: with probability below 1e-6 for each test.

#include <gtest/gtest.h>

#include "privacy/audit/canaries.hpp"
#include "privacy/audit/engine/engine_subject.hpp"
#include "privacy/audit/noise_checks.hpp"
#include "privacy/audit/sampler_checks.hpp"
#include "privacy/audit/sensitivity_check.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hippocrypt::privacy::audit {
namespace {

constexpr double significance = 1e-6;

DpSgdParams params(double q, double sigma, double clip) {
  DpSgdParams params;
  params.sampling_rate = q;
  params.noise_multiplier = sigma;
  params.clip = clip;
  params.expected_lot = 12;
  params.delta = 1e-5;
  params.budget = 1;
  return params;
}

void expect_pass(const std::vector<CheckResult>& results) {
  for (const CheckResult& result : results) {
    EXPECT_TRUE(result.passes(bonferroni(significance, results.size())))
        << result.name << ": " << result.finding << ", p = " << result.p_value;
  }
}

class EngineAuditTest : public testing::Test {
 protected:
  EngineSubject subject(double q, double sigma, double clip) const {
    return {params(q, sigma, clip), folder_.path()};
  }
  test_support::TemporaryFolder folder_;
};

TEST_F(EngineAuditTest, AddsTheNoiseThatItCharges) {
  for (const auto& [sigma, clip] : {std::pair{0.7, 1.0}, {3.0, 0.01}}) {
    const EngineSubject engine = subject(0.02, sigma, clip);
    expect_pass(
        check_noise(noise_of(engine.mechanism(), engine.claim(), 2000, 50).value(), sigma * clip));
  }
}

TEST_F(EngineAuditTest, DrawsPoissonLots) {
  const EngineSubject engine = subject(0.02, 0.7, 1);
  expect_pass(check_sampler(engine.lots()(400, 1500).value(), 400, 0.02));
}

TEST_F(EngineAuditTest, KeepsTheSensitivity) {
  for (const double clip : {1.0, 0.01, 1e4}) {
    const EngineSubject engine = subject(0.02, 0.7, clip);
    SeededSequence sequence{1, "sensitivity"};
    const auto step = engine.noiseless().value();
    expect_pass({check_sensitivity(step, engine.claim(), sequence).value()});
  }
}

TEST_F(EngineAuditTest, CanariesDoNotRefuteTheClaim) {
  const EngineSubject engine = subject(0.016, 1, 0.5);
  SystemRandom random;
  for (const double norm : {1.0, 100.0}) {
    const auto scores = score_canaries(engine.mechanism(), engine.claim(), {500, 100, norm}, [&] {
                          return random.next_u64();
                        }).value();
    // PLD says 1.16 for these 100 steps.
    EXPECT_TRUE(audit_epsilon(scores, 1.16, 1e-5, 0.05).result.passes(significance));
    const CheckResult weight =
        check_canary_weight(scores, std::vector<ClaimedSteps>{{engine.claim(), 100}});
    EXPECT_TRUE(weight.passes(significance)) << weight.finding;
  }
}

TEST_F(EngineAuditTest, LeavesNoLedgerBehind) {
  const EngineSubject engine = subject(0.5, 1, 1);
  ASSERT_TRUE(engine.lots()(3, 4).has_value());
  EXPECT_TRUE(std::filesystem::is_empty(folder_.path()));
}

}  // namespace
}  // namespace hippocrypt::privacy::audit
