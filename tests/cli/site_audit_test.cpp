// What the blind server sees of real training steps, through the real trainer and encrypted oracle.

#include "cli/audit/site_audit.hpp"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.hpp"
#include "tests/support/tiny_federation.hpp"

namespace hippocrypt::cli {
namespace {

class SiteAuditTest : public testing::Test {
 protected:
  SiteAuditTest() { tiny_.config.encryption.oracle = federation::OracleKind::encrypted; }

  privacy::audit::CheckResult bytes(SentTiles tiles) {
    const SiteAuditOptions options{tiny_.config, 0, scratch_.path()};
    const auto steps = observe_steps(options, 10, tiles, {}).value();
    EXPECT_EQ(steps.size(), 10U);
    std::size_t smallest = SIZE_MAX, largest = 0;
    for (const auto& step : steps) {
      smallest = std::min(smallest, step.lot);
      largest = std::max(largest, step.lot);
      EXPECT_GT(step.seconds, 0);
      EXPECT_GT(step.messages, 0U);
    }
    EXPECT_LT(smallest, largest);  // or there would be nothing to follow
    SeededSequence sequence{1, "permutations"};
    return privacy::audit::check_server_view(steps, sequence, 1000).front();
  }

  test_support::TinyFederation tiny_{"site_audit"};
  test_support::TemporaryFolder scratch_;
};

TEST_F(SiteAuditTest, EveryStepSendsTheSameBytes) {
  const auto result = bytes(SentTiles::constant);
  EXPECT_EQ(result.p_value, 1.0) << result.finding;
}

TEST_F(SiteAuditTest, TilesThatFollowTheLotAreCaught) {
  const auto result = bytes(SentTiles::follow_the_lot);
  EXPECT_EQ(result.name, "server bytes");
  EXPECT_EQ(result.p_value, 0.0) << result.finding;
}

TEST_F(SiteAuditTest, APlainOracleHasNoServerToSee) {
  tiny_.config.encryption.oracle = federation::OracleKind::plain_fp32;
  const SiteAuditOptions options{tiny_.config, 0, scratch_.path()};
  EXPECT_EQ(observe_steps(options, 3, SentTiles::constant, {}).error().code, Errc::unsupported);
}

}  // namespace
}  // namespace hippocrypt::cli
