#include "federation/session/hospital_journal.hpp"

#include <gtest/gtest.h>

#include "tests/support/temporary_folder.hpp"
#include "tests/support/version_sentence.hpp"

namespace hippocrypt::federation {
namespace {

class HospitalJournalTest : public ::testing::Test {
 protected:
  Result<HospitalJournal> open() { return HospitalJournal::open(folder_.path(), settings_); }
  static RoundMessage message(std::uint32_t attempt, RoundMessageKind kind) {
    return {"st-anna", 3, attempt, kind, Bytes(40, static_cast<std::uint8_t>(kind))};
  }
  test_support::TemporaryFolder folder_;
  std::vector<Setting> settings_{{"run.seed", "1"}, {"run.rounds", "9"}};
};

TEST_F(HospitalJournalTest, KeepsTheNewestAttemptAndItsMessages) {
  {
    auto journal = open().value();
    EXPECT_FALSE(journal.newest());
    ASSERT_TRUE(journal.begin({3, 1}));
    ASSERT_TRUE(journal.keep(message(1, RoundMessageKind::share_book)));
    ASSERT_TRUE(journal.keep(message(1, RoundMessageKind::key_book)));
  }
  auto journal = open().value();
  ASSERT_TRUE(journal.newest());
  EXPECT_EQ(*journal.newest(), (AttemptId{3, 1}));
  EXPECT_FALSE(journal.newest_is_over());
  const auto kept = journal.messages().value();
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_EQ(kept[0].kind, RoundMessageKind::key_book);
  EXPECT_EQ(kept[1].body, message(1, RoundMessageKind::share_book).body);
  ASSERT_TRUE(journal.begin({3, 2}));
  EXPECT_TRUE(journal.messages().value().empty());
}

TEST_F(HospitalJournalTest, AnOldAttemptDoesNotBeginAgain) {
  auto journal = open().value();
  ASSERT_TRUE(journal.begin({3, 2}));
  EXPECT_EQ(journal.begin({3, 2}).error().code, Errc::stale);
  EXPECT_EQ(journal.begin({2, 7}).error().code, Errc::stale);
  EXPECT_EQ(journal.keep(message(1, RoundMessageKind::key_book)).error().code, Errc::stale);
  ASSERT_TRUE(journal.end({3, 2}));
  EXPECT_EQ(journal.keep(message(2, RoundMessageKind::key_book)).error().code, Errc::stale);
  EXPECT_TRUE(open().value().newest_is_over());
}

TEST_F(HospitalJournalTest, OneAttemptOfARoundIsUnmasked) {
  auto journal = open().value();
  ASSERT_TRUE(journal.begin({3, 1}));
  ASSERT_TRUE(journal.keep_unmasking(message(1, RoundMessageKind::signature_book)));
  ASSERT_TRUE(journal.keep_unmasking(message(1, RoundMessageKind::signature_book)));
  ASSERT_TRUE(journal.begin({3, 2}));
  auto again = open().value();
  const auto refused = again.keep_unmasking(message(2, RoundMessageKind::signature_book));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::mismatch);
  EXPECT_NE(refused.error().detail.find("attempt 1"), std::string::npos) << refused.error().detail;
  EXPECT_TRUE(again.messages().value().empty()) << "nothing of it stays";
}

TEST_F(HospitalJournalTest, OtherSettingsAreRefusedByName) {
  ASSERT_TRUE(open());
  settings_[1].value = "10";
  const auto refused = open();
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, Errc::mismatch);
  EXPECT_NE(refused.error().detail.find("run.rounds is 10 and was 9"), std::string::npos);
}

TEST_F(HospitalJournalTest, ANewerVersionIsUnsupported) {
  ASSERT_TRUE(open());
  {
    auto database = SqliteDatabase::open(folder_.path() / "journal.sqlite", {}).value();
    ASSERT_TRUE(database.execute("PRAGMA user_version = 2"));
  }
  const auto newer = open();
  EXPECT_EQ(newer.error().code, Errc::unsupported);
  EXPECT_EQ(newer.error().detail,
            (folder_.path() / "journal.sqlite").string() + test_support::newer_sentence(2));
}

}  // namespace
}  // namespace hippocrypt::federation
