// The benchmark of rounds in which nobody trains, on a small scale: every round closes, with the
// files that it leaves.

#include "benchmarks/round_rig.hpp"

#include <gtest/gtest.h>

#include "federation/aggregator/run_store.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hippocrypt::bench {
namespace {

void expect_rounds(bool masked) {
  const test_support::TemporaryFolder folder;
  RoundRigOptions options;
  options.values = 1000;
  options.rounds = 5;
  options.masked = masked;
  options.folder = folder.path();
  EXPECT_EQ(time_rounds(options).size(), 4U);
  const auto global = federation::RunStore{folder.path()}.load_global(5);
  ASSERT_TRUE(global) << to_string(global.error());
  ASSERT_EQ(global->size(), options.values);
  EXPECT_NEAR(global->front(), 5e-3, 1e-5);
  EXPECT_TRUE(std::filesystem::exists(folder.path() / "hospital-8" / "rounds.state"));
}

TEST(RoundRigTest, EveryRoundClosesWithTheMeanOfTheUpdates) { expect_rounds(false); }

TEST(RoundRigTest, EveryRoundOfMaskedUpdatesDoesToo) { expect_rounds(true); }

}  // namespace
}  // namespace hippocrypt::bench
