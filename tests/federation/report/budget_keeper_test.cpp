#include "federation/report/budget_keeper.hpp"

#include <gtest/gtest.h>

#include "federation/report/reported_budgets.hpp"
#include "federation/secagg/client/identity_key.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hippocrypt::federation {
namespace {

class BudgetKeeperTest : public ::testing::Test {
 protected:
  static constexpr std::uint32_t rounds = 3;

  static RunRecord record() {
    RunRecord out;
    out.run = "heart";
    out.rounds_planned = rounds;
    return out;
  }
  BudgetStatement statement(std::uint32_t round, const std::string& hospital = "st-anna") const {
    BudgetStatement out;
    out.hospital = hospital;
    out.run = "heart";
    out.round = round;
    out.epsilon = 0.5 * round;
    out.delta = 1e-5;
    out.unit = "patient";
    out.signature = key_.sign(statement_bytes(out));
    return out;
  }
  std::size_t kept() const {
    return read_reported_budgets(folder_.path(), "heart").value().statements.size();
  }

  test_support::TemporaryFolder folder_;
  test_support::SeededRandom random_{1};
  secagg::IdentityKey key_ = secagg::IdentityKey::create(random_);
  BudgetKeeper keeper_{folder_.path(),
                       record(),
                       {{"st-anna", key_.public_part()}, {"riverside", key_.public_part()}}};
};

TEST_F(BudgetKeeperTest, KeepsEveryRoundOfEveryHospital) {
  for (std::uint32_t round = 1; round <= rounds; ++round) {
    for (const char* hospital : {"st-anna", "riverside"}) {
      EXPECT_TRUE(keeper_.keep(statement(round, hospital)));
    }
  }
  EXPECT_TRUE(keeper_.keep(statement(rounds))) << "the last round again, at the run's end";
  const auto all = read_reported_budgets(folder_.path(), "heart").value();
  ASSERT_EQ(all.statements.size(), 6U);
  for (const auto& reported : all.statements) EXPECT_TRUE(reported.is_signed);
}

TEST_F(BudgetKeeperTest, WhatIsNotOfTheRunIsRefused) {
  auto foreign = statement(1);
  foreign.run = "lung";
  const auto refused = keeper_.keep(foreign);
  EXPECT_EQ(refused.error().code, Errc::mismatch);
  EXPECT_EQ(refused.error().detail,
            "st-anna reports its budget after round 1 of lung, and this is heart of 3 rounds; it "
            "is not kept");
  EXPECT_EQ(keeper_.keep(statement(rounds + 1)).error().code, Errc::mismatch);
  EXPECT_EQ(keeper_.keep(statement(1, "northgate")).error().detail,
            "northgate is no hospital of this run");
  EXPECT_EQ(kept(), 0U);
}

TEST_F(BudgetKeeperTest, NobodyFillsTheDisk) {
  constexpr std::size_t most = 2 * rounds + 16;
  for (std::size_t i = 0; i < most; ++i) EXPECT_TRUE(keeper_.keep(statement(1))) << i;
  const auto refused = keeper_.keep(statement(1));
  EXPECT_EQ(refused.error().code, Errc::limit_exceeded);
  EXPECT_EQ(refused.error().detail,
            "st-anna has reported its budget 22 times; no more is kept until the aggregator is "
            "started again");
  EXPECT_TRUE(keeper_.keep(statement(1, "riverside"))) << "its own limit";
}

TEST_F(BudgetKeeperTest, AFullDiskSaysSo) {
  BudgetKeeper nowhere{folder_.path() / "none", record(), {{"st-anna", key_.public_part()}}};
  EXPECT_EQ(nowhere.keep(statement(1)).error().code, Errc::io);
}

}  // namespace
}  // namespace hippocrypt::federation
