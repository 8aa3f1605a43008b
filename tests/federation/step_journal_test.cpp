#include "federation/client/step_journal.hpp"

#include <filesystem>

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/version_sentence.hpp"

namespace hippocrypt::federation {
namespace {

class StepJournalTest : public ::testing::Test {
 protected:
  StepJournalTest() { run_.fill(5); }
  std::filesystem::path path() const { return folder_.path() / "steps.journal"; }

  /// Opens after `steps_done` steps; what was in it is in read_.
  Result<StepJournal> open(std::uint64_t steps_done) {
    read_.clear();
    return StepJournal::open(path(), run_, steps_done, [this](const JournalRecord& record) {
      read_.push_back(record);
      return Status{};
    });
  }
  /// Steps `first` to `last` of a journal that begins at `first`.
  void write(std::uint64_t first, std::uint64_t last) {
    auto journal = open(first).value();
    for (std::uint64_t step = first; step <= last; ++step) {
      ASSERT_TRUE(journal.append(step, update_of(step), 0.5));
    }
  }
  static std::vector<float> update_of(std::uint64_t step) {
    return {static_cast<float>(step), -0.0F, 1e-40F};
  }
  void expect_read(std::uint64_t first, std::uint64_t count) const {
    ASSERT_EQ(read_.size(), count);
    for (std::uint64_t i = 0; i < count; ++i) {
      EXPECT_EQ(read_[i].step, first + i);
      EXPECT_EQ(read_[i].update, update_of(first + i));
      EXPECT_EQ(read_[i].clip, 0.5);
    }
  }
  Bytes bytes() const { return read_file(path(), 1 << 20).value(); }

  test_support::TemporaryFolder folder_;
  Hash256 run_{};
  std::vector<JournalRecord> read_;
};

TEST_F(StepJournalTest, GivesBackWhatWasAppended) {
  write(3, 6);
  ASSERT_TRUE(open(3));
  expect_read(3, 4);
  // A checkpoint was saved and the process killed before the journal was dropped.
  ASSERT_TRUE(open(5));
  expect_read(5, 2);
}

TEST_F(StepJournalTest, OneOfANewerReleaseSaysSo) {
  write(3, 4);
  Bytes newer = bytes();
  newer[4] = 2;
  const Hash256 hash = sha256(ByteView{newer}.first(48));
  std::copy(hash.begin(), hash.end(), newer.begin() + 48);
  ASSERT_TRUE(write_file_atomically(path(), newer));
  const auto opened = open(3);
  EXPECT_EQ(opened.error().code, Errc::unsupported);
  EXPECT_EQ(opened.error().detail, path().string() + test_support::newer_sentence(2));
  newer[50] ^= 1;
  ASSERT_TRUE(write_file_atomically(path(), newer));
  EXPECT_EQ(open(3).error().code, Errc::tampered);
}

TEST_F(StepJournalTest, GoesOnAfterItsLastRecord) {
  write(0, 1);
  auto journal = open(0).value();
  ASSERT_TRUE(journal.append(2, update_of(2), 0.5));
  ASSERT_TRUE(open(0));
  expect_read(0, 3);
}

TEST_F(StepJournalTest, ForgetsAtACheckpoint) {
  auto journal = open(0).value();
  ASSERT_TRUE(journal.append(0, update_of(0), 0.5));
  ASSERT_TRUE(journal.drop(1));
  ASSERT_TRUE(journal.append(1, update_of(1), 0.5));
  ASSERT_TRUE(open(1));
  expect_read(1, 1);
}

TEST_F(StepJournalTest, CutAnywhereItLosesOnlyTheRecordThatIsTorn) {
  write(0, 2);
  const Bytes whole = bytes();
  constexpr std::size_t head = 80, record = 24 + 3 * 4 + 32;
  ASSERT_EQ(whole.size(), head + 3 * record);
  for (std::size_t size = head; size < whole.size(); ++size) {
    ASSERT_TRUE(write_file_atomically(path(), ByteView{whole}.first(size)));
    auto journal = open(0);
    ASSERT_TRUE(journal) << size;
    const std::size_t left = (size - head) / record;
    expect_read(0, left);
    ASSERT_TRUE(journal->append(left, update_of(left), 0.5));
    ASSERT_TRUE(open(0));
    expect_read(0, left + 1);
  }
}

TEST_F(StepJournalTest, AFlippedBitNeverGivesAnotherUpdate) {
  write(0, 2);
  const Bytes whole = bytes();
  for (std::size_t at = 0; at < whole.size(); ++at) {
    Bytes flipped = whole;
    flipped[at] ^= 4U;
    ASSERT_TRUE(write_file_atomically(path(), flipped));
    const auto journal = open(0);
    if (at < 80) {
      ASSERT_FALSE(journal);
      EXPECT_EQ(journal.error().code, Errc::tampered) << at;
      EXPECT_NE(journal.error().detail.find("remove it"), std::string::npos);
    } else {
      ASSERT_TRUE(journal);
      expect_read(0, (at - 80) / 68);
    }
  }
}

TEST_F(StepJournalTest, BelongsToOneRun) {
  write(0, 2);
  run_.fill(6);
  const auto journal = open(0);
  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().code, Errc::mismatch);
}

TEST_F(StepJournalTest, IsOfNoUseToAnOlderCheckpoint) {
  write(4, 5);
  ASSERT_TRUE(open(2));
  EXPECT_TRUE(read_.empty());
  ASSERT_TRUE(open(4));
  EXPECT_TRUE(read_.empty()) << "it begins at step 2 now";
}

TEST_F(StepJournalTest, PassesOnTheErrorOfTheReplay) {
  write(0, 1);
  const auto journal = StepJournal::open(path(), run_, 0, [](const JournalRecord&) {
    return Status{Error{Errc::not_finite, "no"}};
  });
  ASSERT_FALSE(journal);
  EXPECT_EQ(journal.error().code, Errc::not_finite);
}

}  // namespace
}  // namespace hippocrypt::federation
