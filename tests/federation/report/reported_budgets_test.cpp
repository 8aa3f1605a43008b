#include "federation/report/reported_budgets.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <fstream>
#include <limits>

#include "base/file.hpp"
#include "federation/secagg/client/identity_key.hpp"
#include "tests/support/seeded_random.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/version_sentence.hpp"

namespace hippocrypt::federation {
namespace {

class ReportedBudgetsTest : public ::testing::Test {
 protected:
  BudgetStatement statement(std::uint32_t round, double epsilon,
                            const std::string& hospital = "st-anna") const {
    BudgetStatement out;
    out.hospital = hospital;
    out.run = "heart";
    out.round = round;
    out.epsilon = epsilon;
    out.delta = 1.0032e-5;
    out.steps = 4 * round;
    out.unit = "patient";
    return out;
  }
  void report(BudgetStatement statement, const secagg::IdentityKey& key) const {
    statement.signature = key.sign(statement_bytes(statement));
    ASSERT_TRUE(keep_reported_budget(folder_.path(), statement, key.public_part()));
  }
  ReportedBudgets read(const std::string& run = "heart") const {
    return read_reported_budgets(folder_.path(), run).value();
  }
  std::filesystem::path file() const { return folder_.path() / "reported_budgets.jsonl"; }
  void replace(const std::string& what, const std::string& with) const {
    std::string text = read_text_file(file(), 100'000).value();
    ASSERT_NE(text.find(what), std::string::npos) << text;
    text.replace(text.find(what), what.size(), with);
    ASSERT_TRUE(write_file_atomically(file(), as_bytes(text)));
  }

  test_support::TemporaryFolder folder_;
  test_support::SeededRandom random_{1};
  secagg::IdentityKey key_ = secagg::IdentityKey::create(random_);
  secagg::IdentityKey other_ = secagg::IdentityKey::create(random_);
};

TEST_F(ReportedBudgetsTest, NobodyHasReported) { EXPECT_TRUE(read().statements.empty()); }

TEST_F(ReportedBudgetsTest, ComeBackSignedByHospitalAndRound) {
  report(statement(1, 2.0130988521), key_);
  report(statement(1, std::numeric_limits<double>::infinity(), "riverside"), other_);
  report(statement(2, 2.2713), key_);
  report(statement(2, 2.3), key_);  // said again, after a restart
  const auto all = read().statements;
  ASSERT_EQ(all.size(), 3U);
  EXPECT_EQ(all[0].statement.hospital, "st-anna");
  EXPECT_EQ(all[0].statement.epsilon, 2.0130988521) << "to the last bit, or no signature fits";
  EXPECT_EQ(all[0].statement.steps, 4U);
  EXPECT_EQ(all[1].statement.epsilon, 2.3);
  EXPECT_EQ(all[2].statement.hospital, "riverside");
  EXPECT_TRUE(std::isinf(all[2].statement.epsilon));
  for (const auto& reported : all) EXPECT_TRUE(reported.is_signed) << reported.statement.hospital;
}

TEST_F(ReportedBudgetsTest, WhateverIsAlteredIsNotSigned) {
  for (const auto& [what, with] : std::vector<std::pair<std::string, std::string>>{
           {"\"epsilon\":2.5", "\"epsilon\":1.5"},
           {"\"round\":1", "\"round\":3"},
           {"\"steps\":4", "\"steps\":3"},
           {"1.0032e-05", "1e-05"},
           {"\"unit\":\"patient\"", "\"unit\":\"note\""},
           {"\"hospital\":\"st-anna\"", "\"hospital\":\"riverside\""},
           {"\"run\":\"heart\"", "\"run\":\"lung\""},
           {"\"signature\":\"", "\"signature\":\"00"},
           {to_hex(key_.public_part()), to_hex(other_.public_part())}}) {
    std::filesystem::remove(file());
    report(statement(1, 2.5), key_);
    EXPECT_TRUE(read().statements.at(0).is_signed);
    replace(what, with);
    EXPECT_FALSE(read().statements.at(0).is_signed) << with;
  }
}

TEST_F(ReportedBudgetsTest, AnotherKeyOrAnotherRunsStatementIsNotTheHospitals) {
  report(statement(1, 2.5), key_);
  report(statement(2, 1.5), other_);  // sound by itself, but not the hospital's key
  EXPECT_TRUE(read().statements.at(0).is_signed);
  EXPECT_FALSE(read().statements.at(1).is_signed);
  EXPECT_FALSE(read("lung").statements.at(0).is_signed);
}

TEST_F(ReportedBudgetsTest, DamagedLinesAreCountedAndATornOneHoldsUpNothing) {
  report(statement(1, 2.5), key_);
  std::ofstream{file(), std::ios::app}
      << "\ngarbage\n{}\n[1]\n{\"version\":\"x\"}\n{\"version\":1,";
  report(statement(2, 2.6), key_);
  const auto all = read();
  ASSERT_EQ(all.statements.size(), 2U);
  EXPECT_TRUE(all.statements[1].is_signed);
  EXPECT_EQ(all.damaged, 5U);
}

TEST_F(ReportedBudgetsTest, LinesOfANewerReleaseSaySo) {
  report(statement(1, 2.5), key_);
  replace("\"version\":1", "\"version\":2");
  const auto newer = read_reported_budgets(folder_.path(), "heart");
  EXPECT_EQ(newer.error().code, Errc::unsupported);
  EXPECT_EQ(newer.error().detail, file().string() + test_support::newer_sentence(2));
}

TEST_F(ReportedBudgetsTest, SaysWhenItCannotBeKeptOrRead) {
  const auto kept = keep_reported_budget(folder_.path() / "none", statement(1, 1), {});
  EXPECT_EQ(kept.error().code, Errc::io);
  std::filesystem::create_directory(file());
  EXPECT_EQ(read_reported_budgets(folder_.path(), "heart").error().code, Errc::io);
}

}  // namespace
}  // namespace hippocrypt::federation
