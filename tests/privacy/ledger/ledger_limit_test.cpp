// The largest ledger, written by raw SQL because 2^20 durable charges would take an hour.

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <functional>

#include <gtest/gtest.h>

#include "privacy/ledger/ledger.hpp"
#include "tests/privacy/ledger/ledger_fixture.hpp"

namespace hippocrypt::privacy {
namespace {

/// Appends correctly chained rows in one transaction.
class BulkWriter {
 public:
  explicit BulkWriter(const std::filesystem::path& path) {
    EXPECT_EQ(sqlite3_open(path.c_str(), &database_), SQLITE_OK);
    const char* insert =
        "INSERT INTO entries VALUES (?,'r','h',0,zeroblob(32),'patient','add_remove',"
        "'poisson_sampled_gaussian','s',0.5,1.0,1.0,1,0.5,0.0,'n',0,'v',?,?,2,'flat',"
        "'gaussian_doubles')";
    EXPECT_EQ(sqlite3_prepare_v2(database_, insert, -1, &insert_, nullptr), SQLITE_OK);
  }
  ~BulkWriter() {
    sqlite3_finalize(insert_);
    sqlite3_close(database_);
  }
  BulkWriter(const BulkWriter&) = delete;
  BulkWriter& operator=(const BulkWriter&) = delete;

  void append(std::uint64_t count) {
    sqlite3_exec(database_, "BEGIN", nullptr, nullptr, nullptr);
    for (std::uint64_t i = 0; i < count; ++i) add_row();
    const std::string head = "UPDATE head SET rows = " + std::to_string(row_.id) + ", hash = x'" +
                             to_hex(row_.hash) + "'; COMMIT";
    EXPECT_EQ(sqlite3_exec(database_, head.c_str(), nullptr, nullptr, nullptr), SQLITE_OK);
  }

 private:
  void add_row() {
    row_.id += 1;
    row_.previous = row_.hash;
    row_.hash = row_hash(row_);
    sqlite3_reset(insert_);
    sqlite3_bind_int64(insert_, 1, static_cast<sqlite3_int64>(row_.id));
    sqlite3_bind_blob(insert_, 2, row_.previous.data(), 32, SQLITE_STATIC);
    sqlite3_bind_blob(insert_, 3, row_.hash.data(), 32, SQLITE_STATIC);
    ASSERT_EQ(sqlite3_step(insert_), SQLITE_DONE);
  }

  static LedgerRow first() {
    LedgerRow row;
    row.entry.run = "r";
    row.entry.hospital = "h";
    row.entry.sampler = "s";
    row.entry.sampling_rate = 0.5;
    row.entry.noise_multiplier = 1.0;
    row.entry.clip = 1.0;
    row.entry.steps = 1;
    row.entry.delta = 0.5;
    row.entry.noise_source = "n";
    row.entry.software_version = "v";
    return row;
  }

  sqlite3* database_ = nullptr;
  sqlite3_stmt* insert_ = nullptr;
  LedgerRow row_ = first();
};

double seconds_of(const std::function<void()>& work) {
  const auto began = std::chrono::steady_clock::now();
  work();
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - began).count();
}

TEST_F(LedgerTest, VerifiesAHundredThousandRowsInSeconds) {
  make_ledger(0);
  BulkWriter{path_}.append(100'000);
  const double open_s = seconds_of([&] { EXPECT_EQ(open_or_die().rows().size(), 100'000U); });
  Ledger ledger = open_or_die();
  std::vector<double> charge_s;
  for (std::uint64_t round = 0; round < 200; ++round) {
    charge_s.push_back(
        seconds_of([&] { ASSERT_TRUE(ledger.charge(sample_entry(round)).has_value()); }));
  }
  std::sort(charge_s.begin(), charge_s.end());
  std::printf("verify 100,000 rows: %.2f s; a durable charge: median %.2f ms, 95%% %.2f ms\n",
              open_s, 1e3 * charge_s[100], 1e3 * charge_s[190]);
  EXPECT_LT(open_s, 10.0);
  EXPECT_LT(charge_s[100], 0.5);
}

TEST_F(LedgerTest, StopsAtItsLargestNumberOfRows) {
  make_ledger(0);
  BulkWriter writer{path_};
  writer.append(max_ledger_rows);
  {
    Ledger ledger = open_or_die();
    ASSERT_EQ(ledger.rows().size(), max_ledger_rows);
    const auto row = ledger.charge(sample_entry(1));
    ASSERT_FALSE(row.has_value());
    EXPECT_EQ(row.error().code, Errc::limit_exceeded);
  }
  writer.append(1);
  EXPECT_EQ(open_error().code, Errc::limit_exceeded);
}

}  // namespace
}  // namespace hippocrypt::privacy
