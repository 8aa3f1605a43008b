#include "privacy/ledger/ledger.hpp"

#include <fstream>

#include <gtest/gtest.h>

#include "tests/privacy/ledger/ledger_fixture.hpp"
#include "tests/support/version_sentence.hpp"

namespace hippocrypt::privacy {
namespace {

TEST_F(LedgerTest, StartsEmptyAndKeepsWhatIsCharged) {
  {
    Ledger ledger = open_or_die();
    EXPECT_TRUE(ledger.rows().empty());
    EXPECT_EQ(ledger.head_hash(), Hash256{});
    const auto row = ledger.charge(sample_entry(1));
    ASSERT_TRUE(row.has_value());
    EXPECT_EQ(row->id, 1U);
    EXPECT_EQ(row->previous, Hash256{});
    EXPECT_EQ(row->hash, row_hash(*row));
  }
  Ledger ledger = open_or_die(LedgerMode::must_exist);
  ASSERT_EQ(ledger.rows().size(), 1U);
  const LedgerEntry& entry = ledger.rows()[0].entry;
  const LedgerEntry expected = sample_entry(1);
  EXPECT_EQ(entry.run, expected.run);
  EXPECT_EQ(entry.hospital, expected.hospital);
  EXPECT_EQ(entry.round, expected.round);
  EXPECT_EQ(entry.dataset, expected.dataset);
  EXPECT_EQ(entry.sampling_rate, expected.sampling_rate);
  EXPECT_EQ(entry.noise_multiplier, expected.noise_multiplier);
  EXPECT_EQ(entry.overflow_probability, expected.overflow_probability);
  EXPECT_EQ(entry.unix_time_s, expected.unix_time_s);
  EXPECT_EQ(entry.software_version, expected.software_version);
}

TEST_F(LedgerTest, ContinuesItsChainAfterReopening) {
  make_ledger(3);
  Ledger ledger = open_or_die();
  const Hash256 head = ledger.head_hash();
  const auto row = ledger.charge(sample_entry(4));
  ASSERT_TRUE(row.has_value());
  EXPECT_EQ(row->id, 4U);
  EXPECT_EQ(row->previous, head);
  EXPECT_EQ(ledger.head_hash(), row->hash);
  EXPECT_EQ(open_or_die().rows().size(), 4U);
}

TEST_F(LedgerTest, IsWrittenWithWalAndFullSync) {
  make_ledger(1);
  sqlite3* database = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &database), SQLITE_OK);
  sqlite3_stmt* statement = nullptr;
  ASSERT_EQ(sqlite3_prepare_v2(database, "PRAGMA journal_mode", -1, &statement, nullptr),
            SQLITE_OK);
  ASSERT_EQ(sqlite3_step(statement), SQLITE_ROW);
  EXPECT_STREQ(reinterpret_cast<const char*>(sqlite3_column_text(statement, 0)), "wal");
  sqlite3_finalize(statement);
  sqlite3_close(database);
}

TEST_F(LedgerTest, KeepsValuesBitByBit) {
  LedgerEntry entry = sample_entry(0);
  entry.sampling_rate = 1.0;  // an integer in a column of reals
  entry.noise_multiplier = 0.0;
  entry.clip = 5e-324;
  entry.delta = 0.1 + 0.2;
  entry.steps = max_ledger_steps;
  entry.unix_time_s = -1;
  entry.run = std::string{"zero\0inside", 11};
  entry.unit = PrivacyUnit::note;
  {
    Ledger ledger = open_or_die();
    ASSERT_TRUE(ledger.charge(entry).has_value());
  }
  Ledger ledger = open_or_die();
  const LedgerEntry& read = ledger.rows()[0].entry;
  EXPECT_EQ(read.sampling_rate, entry.sampling_rate);
  EXPECT_EQ(read.noise_multiplier, entry.noise_multiplier);
  EXPECT_EQ(read.clip, entry.clip);
  EXPECT_EQ(read.delta, entry.delta);
  EXPECT_EQ(read.steps, entry.steps);
  EXPECT_EQ(read.unix_time_s, entry.unix_time_s);
  EXPECT_EQ(read.run, entry.run);
  EXPECT_EQ(read.unit, PrivacyUnit::note);
}

TEST_F(LedgerTest, SeparatesDataSets) {
  Ledger ledger = open_or_die();
  LedgerEntry other = sample_entry(2);
  other.dataset.fill(8);
  other.steps = 77;
  ASSERT_TRUE(ledger.charge(sample_entry(1)).has_value());
  ASSERT_TRUE(ledger.charge(other).has_value());
  ASSERT_TRUE(ledger.charge(sample_entry(3)).has_value());
  EXPECT_EQ(ledger.events(sample_entry(1).dataset).size(), 2U);
  ASSERT_EQ(ledger.events(other.dataset).size(), 1U);
  EXPECT_EQ(ledger.events(other.dataset)[0].steps, 77U);
  EXPECT_TRUE(ledger.events(Hash256{}).empty());
}

TEST_F(LedgerTest, RefusesImpossibleEntriesAndChargesNothing) {
  Ledger ledger = open_or_die();
  LedgerEntry entry = sample_entry(1);
  entry.steps = 0;
  const auto row = ledger.charge(entry);
  ASSERT_FALSE(row.has_value());
  EXPECT_EQ(row.error().code, Errc::out_of_range);
  EXPECT_TRUE(open_or_die().rows().empty());
}

TEST_F(LedgerTest, ChargesNothingWhenAdmissionIsDenied) {
  Ledger ledger = open_or_die();
  ASSERT_TRUE(ledger.charge(sample_entry(1)).has_value());
  std::size_t seen = 0;
  const auto row =
      ledger.charge_if(sample_entry(2), [&](std::span<const LedgerRow> rows) -> Status {
        seen = rows.size();
        return Error{Errc::budget_exhausted, "no"};
      });
  ASSERT_FALSE(row.has_value());
  EXPECT_EQ(row.error().code, Errc::budget_exhausted);
  EXPECT_EQ(seen, 1U);
  EXPECT_EQ(ledger.rows().size(), 1U);
  // The transaction was ended: the next charge works.
  EXPECT_TRUE(ledger.charge(sample_entry(2)).has_value());
}

TEST_F(LedgerTest, SeesRowsOfOtherHandlesBeforeItCharges) {
  Ledger first = open_or_die();
  Ledger second = open_or_die();
  ASSERT_TRUE(first.charge(sample_entry(1)).has_value());
  EXPECT_TRUE(second.rows().empty());
  std::size_t seen = 0;
  const auto row =
      second.charge_if(sample_entry(2), [&](std::span<const LedgerRow> rows) -> Status {
        seen = rows.size();
        return {};
      });
  ASSERT_TRUE(row.has_value());
  EXPECT_EQ(seen, 1U);
  EXPECT_EQ(row->id, 2U);
  ASSERT_TRUE(first.refresh().has_value());
  EXPECT_EQ(first.rows().size(), 2U);
}

TEST_F(LedgerTest, RefusesUpdatesAndDeletes) {
  make_ledger(2);
  EXPECT_NE(raw_sql("UPDATE entries SET steps = 1"), SQLITE_OK);
  EXPECT_NE(raw_sql("DELETE FROM entries"), SQLITE_OK);
  EXPECT_EQ(open_or_die().rows().size(), 2U);
}

TEST_F(LedgerTest, SaysThatItIsMissing) {
  EXPECT_EQ(open_error(LedgerMode::must_exist).code, Errc::not_found);
  EXPECT_FALSE(std::filesystem::exists(path_));
}

TEST_F(LedgerTest, MakesItsFolderOrSaysWhyNot) {
  path_ = folder_ / "new" / "ledger.db";
  EXPECT_TRUE(Ledger::open(path_).has_value());
  std::ofstream{folder_ / "file"} << "x";
  path_ = folder_ / "file" / "ledger.db";
  EXPECT_EQ(open_error(LedgerMode::create_if_missing).code, Errc::io);
  path_ = folder_;  // a folder where the file should be
  EXPECT_EQ(open_error(LedgerMode::create_if_missing).code, Errc::io);
}

TEST_F(LedgerTest, LeavesNoTemporaryFiles) {
  make_ledger(1);
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator{folder_}) {
    static_cast<void>(entry);
    ++files;
  }
  EXPECT_EQ(files, 1U);
}

TEST_F(LedgerTest, RefusesGarbageEmptyAndForeignFiles) {
  for (const std::string& content :
       {std::string{}, std::string{"not a database"}, std::string(100'000, 'x')}) {
    std::ofstream{path_, std::ios::binary | std::ios::trunc} << content;
    EXPECT_EQ(open_error(LedgerMode::create_if_missing).code, Errc::malformed) << content.size();
  }
  std::filesystem::remove(path_);
  ASSERT_EQ(raw_sql("CREATE TABLE entries(id INTEGER)"), SQLITE_OK);
  EXPECT_EQ(open_error().code, Errc::malformed);
  ASSERT_EQ(raw_sql("PRAGMA application_id = 1213221959; PRAGMA user_version = 1"), SQLITE_OK);
  EXPECT_EQ(open_error().code, Errc::malformed);  // the right marks, without the right tables
}

TEST_F(LedgerTest, RefusesTruncatedFiles) {
  make_ledger(40);
  const auto size = std::filesystem::file_size(path_);
  const auto copy = folder_ / "copy";
  std::filesystem::copy_file(path_, copy);
  for (const double part : {0.01, 0.3, 0.5, 0.9, 0.99}) {
    std::filesystem::copy_file(copy, path_, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::resize_file(path_,
                                 static_cast<std::uintmax_t>(part * static_cast<double>(size)));
    const Error error = open_error();
    // Where the cut leaves whole pages, the rows that were on the others are missing.
    EXPECT_TRUE(error.code == Errc::malformed || error.code == Errc::tampered) << part;
    std::filesystem::remove(path_.string() + "-wal");
    std::filesystem::remove(path_.string() + "-shm");
  }
}

TEST_F(LedgerTest, RefusesANewerSchema) {
  make_ledger(1);
  ASSERT_EQ(raw_sql("PRAGMA user_version = 3"), SQLITE_OK);
  EXPECT_EQ(open_error().code, Errc::unsupported);
  EXPECT_EQ(open_error().detail, "ledger.db" + test_support::newer_sentence(3, "versions 1 to 2"));
}

TEST_F(LedgerTest, SaysThatItIsLocked) {
  auto impatient =
      Ledger::open(path_, LedgerMode::create_if_missing, std::chrono::milliseconds{10});
  ASSERT_TRUE(impatient.has_value());
  Ledger ledger = std::move(impatient).value();
  sqlite3* other = nullptr;
  ASSERT_EQ(sqlite3_open(path_.c_str(), &other), SQLITE_OK);
  ASSERT_EQ(sqlite3_exec(other, "BEGIN IMMEDIATE", nullptr, nullptr, nullptr), SQLITE_OK);
  const auto row = ledger.charge(sample_entry(1));
  ASSERT_FALSE(row.has_value());
  EXPECT_EQ(row.error().code, Errc::unavailable);
  sqlite3_exec(other, "ROLLBACK", nullptr, nullptr, nullptr);
  sqlite3_close(other);
  EXPECT_TRUE(ledger.charge(sample_entry(1)).has_value());
}

}  // namespace
}  // namespace hippocrypt::privacy
