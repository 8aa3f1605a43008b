// How often the audit cries wolf over a right mechanism. Significance 0.05 instead of 1e-3, so that
// there is something to count; 200 seeds, all fixed.

#include <gtest/gtest.h>

#include <iostream>

#include "privacy/audit/canaries.hpp"
#include "privacy/audit/noise_checks.hpp"
#include "privacy/audit/sampler_checks.hpp"
#include "tests/privacy/audit/sabotaged_mechanism.hpp"

namespace hippocrypt::privacy::audit {
namespace {

constexpr Claim claim{0.02, 0.7, 1.0, 12};
constexpr int seeds = 200;
constexpr double significance = 0.05;

/// An audit without the parts that leave nothing to chance.
std::vector<CheckResult> audit(std::uint64_t seed) {
  SabotagedMechanism subject{claim, {}, seed};
  SeededSequence coins{seed, "coins"};
  auto results = check_noise(noise_of(subject.mechanism(), claim, 200, 20).value(), 0.7);
  const auto sampler = check_sampler(subject.lots()(200, 300).value(), 200, claim.sampling_rate);
  results.insert(results.end(), sampler.begin(), sampler.end());
  const auto scores = score_canaries(subject.mechanism(), claim, {200, 200, 1}, [&] {
                        return coins.next_u64();
                      }).value();
  results.push_back(check_canary_weight(scores, std::vector<ClaimedSteps>{{claim, 200}}));
  results.push_back(audit_epsilon(scores, 5.0, 1e-5, significance).result);
  return results;
}

TEST(FalseAlarmTest, AlarmsAreAsRareAsPromised) {
  int alarms = 0;
  for (std::uint64_t seed = 1; seed <= seeds; ++seed) {
    alarms += all_pass(audit(seed), significance) ? 0 : 1;
  }
  // At most 10 are expected; more than 20 has probability 1e-3 at exactly 5 %.
  RecordProperty("alarms", alarms);
  std::cout << alarms << " of " << seeds << " audits of a right mechanism failed at "
            << significance << '\n';
  EXPECT_LE(alarms, 20);
}

TEST(FalseAlarmTest, TheSameAuditCatchesATenthLessNoise) {
  SabotagedMechanism subject{claim, {.noise_factor = 0.9}, 1};
  EXPECT_FALSE(all_pass(check_noise(noise_of(subject.mechanism(), claim, 200, 20).value(), 0.7),
                        default_significance));
}

}  // namespace
}  // namespace hippocrypt::privacy::audit
