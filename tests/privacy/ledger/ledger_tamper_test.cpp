#include <cstdio>
#include <fstream>
#include <iterator>
#include <string>

#include <gtest/gtest.h>

#include "base/random.hpp"
#include "privacy/ledger/ledger.hpp"
#include "tests/privacy/ledger/ledger_fixture.hpp"

namespace hippocrypt::privacy {
namespace {

void expect_tampered(const Error& error, const std::string& row) {
  EXPECT_EQ(error.code, Errc::tampered) << error.detail;
  EXPECT_NE(error.detail.find("row " + row + " "), std::string::npos) << error.detail;
}

class LedgerColumnTest : public LedgerTest, public ::testing::WithParamInterface<const char*> {};

TEST_P(LedgerColumnTest, ShowsAChangeOfOneField) {
  make_ledger(3);
  force_sql(std::string{"UPDATE entries SET "} + GetParam() + " WHERE id = 2");
  expect_tampered(open_error(), "2");
}

INSTANTIATE_TEST_SUITE_P(
    EveryColumn, LedgerColumnTest,
    ::testing::Values("run = 'run-2'", "run = ''", "hospital = 'other'", "round = round + 1",
                      "dataset = zeroblob(32)", "dataset = zeroblob(31)", "unit = 'note'",
                      "unit = 'ward'", "relation = 'replace_one'", "mechanism = 'none'",
                      "sampler = 'x'", "sampling_rate = 0.019999999999999997",
                      "noise_multiplier = 1.1000000000000003", "clip = 0.25", "steps = 9",
                      "steps = -1", "delta = 1e-6", "overflow_probability = 0",
                      "noise_source = 'x'", "unix_time_s = 0", "software_version = '9'",
                      "previous = zeroblob(32)", "hash = zeroblob(32)", "hash = x''", "version = 1",
                      "version = 3", "clipping = 'adaptive'", "clipping = 'x'",
                      "noise = 'discrete_gaussian'", "noise = 'x'", "unit = 'sequence'",
                      "relation = 'any_pair'", "mechanism = 'matrix_gaussian'"));

TEST_F(LedgerTest, ShowsAFieldOfTheWrongKind) {
  make_ledger(3);
  // The same table without STRICT, as another program might rebuild it.
  force_sql(
      "CREATE TABLE copy AS SELECT * FROM entries; DROP TABLE entries;"
      "ALTER TABLE copy RENAME TO entries; UPDATE entries SET steps = 'ten' WHERE id = 2");
  expect_tampered(open_error(), "2");
}

TEST_F(LedgerTest, ShowsDeletedRows) {
  make_ledger(5);
  force_sql("DELETE FROM entries WHERE id = 3");
  expect_tampered(open_error(), "3");
}

TEST_F(LedgerTest, ShowsRowsCutFromTheEnd) {
  make_ledger(5);
  force_sql("DELETE FROM entries WHERE id >= 4");
  expect_tampered(open_error(), "4");
}

TEST_F(LedgerTest, ShowsThatEverythingWasDeleted) {
  make_ledger(2);
  force_sql("DELETE FROM entries");
  expect_tampered(open_error(), "1");
}

TEST_F(LedgerTest, ShowsRowsThatWereRenumberedOrSwapped) {
  make_ledger(5);
  force_sql(
      "DELETE FROM entries WHERE id = 2; UPDATE entries SET id = id - 1 WHERE id > 2;"
      "UPDATE head SET rows = 4");
  expect_tampered(open_error(), "2");
}

TEST_F(LedgerTest, ShowsADamagedHead) {
  make_ledger(2);
  ASSERT_EQ(raw_sql("UPDATE head SET hash = zeroblob(32)"), SQLITE_OK);
  expect_tampered(open_error(), "2");
  ASSERT_EQ(raw_sql("DELETE FROM head"), SQLITE_OK);
  EXPECT_EQ(open_error().code, Errc::tampered);
}

TEST_F(LedgerTest, ShowsAnAppendedForgery) {
  make_ledger(2);
  force_sql(
      "INSERT INTO entries SELECT 3, run, hospital, round, dataset, unit, relation, mechanism,"
      "sampler, sampling_rate, noise_multiplier, clip, steps, delta, overflow_probability,"
      "noise_source, unix_time_s, software_version, hash, hash, version, clipping, noise "
      "FROM entries WHERE id = 2");
  expect_tampered(open_error(), "3");
}

TEST_F(LedgerTest, NoticesTamperingWhileItIsOpen) {
  Ledger ledger = open_or_die();
  ASSERT_TRUE(ledger.charge(sample_entry(1)).has_value());
  force_sql("UPDATE head SET rows = 0");
  const auto row = ledger.charge(sample_entry(2));
  ASSERT_FALSE(row.has_value());
  EXPECT_EQ(row.error().code, Errc::tampered);
}

TEST_F(LedgerTest, NeverAcceptsAFlippedByteAnywhere) {
  // A small ledger, every byte of it, one bit each.
  make_ledger(2);
  const auto copy = folder_ / "copy";
  std::filesystem::copy_file(path_, copy);
  const Hash256 head = open_or_die().head_hash();
  std::string bytes;
  {
    std::ifstream file{copy, std::ios::binary};
    bytes.assign(std::istreambuf_iterator<char>{file}, {});
  }
  std::size_t refused = 0, named = 0;
  for (std::size_t at = 0; at < bytes.size(); ++at) {
    if (bytes[at] == 0) continue;  // free space, for the most part: the test below takes any byte
    std::string flipped = bytes;
    flipped[at] = static_cast<char>(flipped[at] ^ (1 << (at % 8)));
    std::filesystem::remove(path_.string() + "-wal");
    std::filesystem::remove(path_.string() + "-shm");
    std::ofstream{path_, std::ios::binary} << flipped;
    const auto ledger = Ledger::open(path_, LedgerMode::must_exist);
    if (ledger.has_value()) {
      // A mark that does not matter, as SQLite's own version: the rows are what they were.
      ASSERT_EQ(ledger->rows().size(), 2U) << at;
      ASSERT_EQ(ledger->head_hash(), head) << at;
      continue;
    }
    ++refused;
    if (ledger.error().detail.find("row ") != std::string::npos) ++named;
  }
  std::printf("%zu of %zu flipped bits refused, %zu with the row named\n", refused, bytes.size(),
              named);
  EXPECT_GT(named, 400U) << "two rows of some 300 bytes";
}

TEST_F(LedgerTest, NeverAcceptsAFlippedBitInItsRows) {
  make_ledger(8);
  const auto copy = folder_ / "copy";
  std::filesystem::copy_file(path_, copy);
  std::vector<Hash256> hashes;
  {
    Ledger ledger = open_or_die();
    for (const LedgerRow& row : ledger.rows()) hashes.push_back(row.hash);
  }
  const auto size = std::filesystem::file_size(copy);
  SeededSequence sequence{31, "flipped bits"};
  int refused = 0;
  for (int trial = 0; trial < 300; ++trial) {
    std::filesystem::copy_file(copy, path_, std::filesystem::copy_options::overwrite_existing);
    std::filesystem::remove(path_.string() + "-wal");
    std::filesystem::remove(path_.string() + "-shm");
    {
      std::fstream file{path_, std::ios::in | std::ios::out | std::ios::binary};
      const auto at = static_cast<std::streamoff>(sequence.below(size));
      file.seekg(at);
      const int byte = file.get();
      file.seekp(at);
      file.put(static_cast<char>(byte ^ (1 << sequence.below(8))));
    }
    const auto ledger = Ledger::open(path_, LedgerMode::must_exist);
    if (!ledger.has_value()) {
      ++refused;
      continue;
    }
    // The bit was in free space, or in a mark that does not matter: every row is what it was.
    ASSERT_EQ(ledger->rows().size(), hashes.size());
    for (std::size_t i = 0; i < hashes.size(); ++i) EXPECT_EQ(ledger->rows()[i].hash, hashes[i]);
  }
  EXPECT_GT(refused, 30);
}

}  // namespace
}  // namespace hippocrypt::privacy
