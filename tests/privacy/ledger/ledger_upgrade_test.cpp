// A ledger that the first schema wrote stays readable, writable and guarded.
#include <gtest/gtest.h>

#include "tests/privacy/ledger/ledger_fixture.hpp"

namespace hippocrypt::privacy {
namespace {

class LedgerUpgradeTest : public LedgerTest {
 protected:
  static constexpr std::uint64_t count = 3;

  /// Turns a ledger of `count` rows into what schema 1 would have written.
  void make_version_1() const {
    make_ledger(count);
    std::string sql;
    LedgerRow row;
    for (std::uint64_t id = 1; id <= count; ++id) {
      row.previous = row.hash;
      row.id = id;
      row.version = 1;
      row.entry = sample_entry(id);
      row.hash = row_hash(row);
      sql += "UPDATE entries SET previous = x'" + hex(row.previous) + "', hash = x'" +
             hex(row.hash) + "' WHERE id = " + std::to_string(id) + ";";
    }
    sql += "UPDATE head SET hash = x'" + hex(row.hash) + "';";
    for (const char* column : {"version", "clipping", "noise"}) {
      sql += std::string{"ALTER TABLE entries DROP COLUMN "} + column + ";";
    }
    force_sql(sql + "PRAGMA user_version = 1;");
  }

  static std::string hex(const Hash256& hash) { return to_hex(ByteView{hash}); }
};

TEST_F(LedgerUpgradeTest, KeepsOldRowsAndAppendsNewOnes) {
  make_version_1();
  {
    Ledger ledger = open_or_die(LedgerMode::must_exist);
    ASSERT_EQ(ledger.rows().size(), count);
    EXPECT_EQ(ledger.rows()[1].version, 1U);
    EXPECT_EQ(ledger.rows()[1].entry.noise_multiplier, sample_entry(2).noise_multiplier);
    LedgerEntry entry = sample_entry(4);
    entry.noise = NoiseKind::discrete_gaussian;
    ASSERT_TRUE(ledger.charge(entry).has_value());
  }
  const Ledger again = open_or_die(LedgerMode::must_exist);
  ASSERT_EQ(again.rows().size(), count + 1);
  EXPECT_EQ(again.rows()[0].version, 1U);
  EXPECT_EQ(again.rows()[3].version, ledger_row_version);
  EXPECT_EQ(again.rows()[3].entry.noise, NoiseKind::discrete_gaussian);
}

TEST_F(LedgerUpgradeTest, GuardsTheNewColumnsOfOldRows) {
  make_version_1();
  { const Ledger upgraded = open_or_die(LedgerMode::must_exist); }
  ASSERT_EQ(raw_sql("UPDATE entries SET noise = 'discrete_gaussian' WHERE id = 2"), SQLITE_OK);
  const Error error = open_error();
  EXPECT_EQ(error.code, Errc::tampered);
  EXPECT_NE(error.detail.find("row 2 "), std::string::npos) << error.detail;
}

TEST_F(LedgerUpgradeTest, StillSeesDamageInOldRows) {
  make_version_1();
  ASSERT_EQ(raw_sql("UPDATE entries SET steps = 9 WHERE id = 2"), SQLITE_OK);
  EXPECT_EQ(open_error().code, Errc::tampered);
}

}  // namespace
}  // namespace hippocrypt::privacy
