#pragma once
// A folder for one test, an entry to charge, and raw SQL for what the ledger itself never does.

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <sqlite3.h>

#include "privacy/ledger/ledger.hpp"

namespace hippocrypt::privacy {

inline LedgerEntry sample_entry(std::uint64_t round) {
  LedgerEntry entry;
  entry.run = "run-1";
  entry.hospital = "st-elsewhere";
  entry.round = round;
  entry.dataset.fill(7);
  entry.sampler = "system_random";
  entry.sampling_rate = 0.02;
  entry.noise_multiplier = 1.1;
  entry.clip = 0.5;
  entry.steps = 10;
  entry.delta = 1e-5;
  entry.overflow_probability = 1e-12;
  entry.noise_source = "system_random";
  entry.unix_time_s = 1'700'000'000 + static_cast<std::int64_t>(round);
  entry.software_version = "0.1.0";
  return entry;
}

class LedgerTest : public ::testing::Test {
 protected:
  void SetUp() override {
    std::string pattern = (std::filesystem::temp_directory_path() / "ledger-XXXXXX").string();
    ASSERT_NE(::mkdtemp(pattern.data()), nullptr);
    folder_ = pattern;
    path_ = folder_ / "ledger.db";
  }
  void TearDown() override {
    std::error_code ignored;
    std::filesystem::remove_all(folder_, ignored);
  }

  Ledger open_or_die(LedgerMode mode = LedgerMode::create_if_missing) const {
    auto ledger = Ledger::open(path_, mode);
    EXPECT_TRUE(ledger.has_value()) << to_string(ledger.error());
    return std::move(ledger).value();
  }

  /// Makes a closed ledger with rows 1 to `count`.
  void make_ledger(std::uint64_t count) const {
    Ledger ledger = open_or_die();
    for (std::uint64_t round = 1; round <= count; ++round) {
      ASSERT_TRUE(ledger.charge(sample_entry(round)).has_value());
    }
  }

  /// Runs SQL without any of the ledger's care. Returns SQLite's status.
  int raw_sql(const std::string& sql) const {
    sqlite3* database = nullptr;
    EXPECT_EQ(sqlite3_open(path_.c_str(), &database), SQLITE_OK);
    const int status = sqlite3_exec(database, sql.c_str(), nullptr, nullptr, nullptr);
    sqlite3_close(database);
    return status;
  }

  /// Edits that the triggers would stop.
  void force_sql(const std::string& sql) const {
    ASSERT_EQ(raw_sql("DROP TRIGGER entries_never_change; DROP TRIGGER entries_never_go; " + sql),
              SQLITE_OK);
  }

  Error open_error(LedgerMode mode = LedgerMode::must_exist) const {
    auto ledger = Ledger::open(path_, mode);
    if (ledger.has_value()) {
      ADD_FAILURE() << "the ledger opened";
      return {Errc::cancelled, ""};
    }
    return ledger.error();
  }

  std::filesystem::path folder_;
  std::filesystem::path path_;
};

}  // namespace hippocrypt::privacy
