#include "federation/aggregator/run_journal.hpp"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.hpp"
#include "tests/support/version_sentence.hpp"

namespace hippocrypt::federation {
namespace {

class RunJournalTest : public ::testing::Test {
 protected:
  Result<RunJournal> open() { return RunJournal::open(folder_.path(), settings_); }
  static RoundSummary summary(std::uint32_t round) {
    RoundSummary out;
    out.round = round;
    out.attempt = 1;
    out.contributed = {"a", "b"};
    return out;
  }
  test_support::TemporaryFolder folder_;
  std::vector<Setting> settings_{{"run.rounds", "9"}};
};

TEST_F(RunJournalTest, NothingWasKeptBeforeTheStart) {
  EXPECT_FALSE(open().value().load().value());
}

TEST_F(RunJournalTest, GivesBackAnOpenAttemptWithItsEntries) {
  {
    auto journal = open().value();
    ASSERT_TRUE(journal.keep(PersistGlobal{0, {1, 2}, {}, {}}));
    ASSERT_TRUE(journal.keep(PersistGlobal{1, {3, 4}, Bytes{7, 8}, summary(1)}));
    ASSERT_TRUE(journal.keep(PersistAttempt{2, 1, {"a", "b"}, {}}));
    ASSERT_TRUE(journal.keep(PersistEntry{{2, 1, 5, Bytes{1}}}));
    ASSERT_TRUE(journal.keep(PersistEntry{{2, 1, 3, Bytes{2}}}));
  }
  const auto saved = open().value().load().value();
  ASSERT_TRUE(saved);
  EXPECT_EQ(saved->round, 1U);
  EXPECT_EQ(saved->global, (std::vector<float>{3, 4}));
  EXPECT_EQ(saved->strategy_state, (Bytes{7, 8}));
  ASSERT_TRUE(saved->attempt);
  EXPECT_EQ(saved->attempt->participants, (std::vector<std::string>{"a", "b"}));
  ASSERT_EQ(saved->entries.size(), 2U);
  EXPECT_EQ(saved->entries[0].kind, 5U);
  EXPECT_EQ(saved->entries[1].body, Bytes{2});
  ASSERT_TRUE(saved->last_closed);
  EXPECT_EQ(saved->last_closed->contributed, summary(1).contributed);
}

TEST_F(RunJournalTest, AClosedRoundForgetsItsAttemptAndOldVectors) {
  auto journal = open().value();
  for (std::uint32_t round = 0; round <= 13; ++round) {
    ASSERT_TRUE(journal.keep(PersistAttempt{round + 1, 1, {"a"}, {}}));
    ASSERT_TRUE(journal.keep(PersistGlobal{round, {static_cast<float>(round)}, {}, {}}));
  }
  EXPECT_FALSE(journal.load().value()->attempt);
  const RunStore store{folder_.path()};
  for (std::uint32_t round = 0; round <= 13; ++round) {
    const bool stays = round % 10 == 0 || round >= 12;
    EXPECT_EQ(store.load_global(round).has_value(), stays) << round;
  }
}

TEST_F(RunJournalTest, OtherSettingsAndNewerVersionsAreRefused) {
  ASSERT_TRUE(open());
  settings_[0].value = "10";
  EXPECT_EQ(open().error().code, Errc::mismatch);
  settings_[0].value = "9";
  {
    auto database =
        SqliteDatabase::open(folder_.path() / "aggregator" / "journal.sqlite", {}).value();
    ASSERT_TRUE(database.execute("PRAGMA user_version = 9"));
  }
  const auto newer = open();
  EXPECT_EQ(newer.error().code, Errc::unsupported);
  EXPECT_EQ(newer.error().detail, (folder_.path() / "aggregator" / "journal.sqlite").string() +
                                      test_support::newer_sentence(9));
}

}  // namespace
}  // namespace hippocrypt::federation
