#pragma once
// A ledger home and notes folders of one test.

#include <fstream>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "privacy/registry/registry.hpp"
#include "tests/privacy/ledger/ledger_fixture.hpp"

namespace hippocrypt::privacy {

class RegistryTest : public LedgerTest {
 protected:
  void SetUp() override {
    LedgerTest::SetUp();
    home_ = folder_ / "home";
  }

  /// A data set of these patients; the fingerprint follows from `content`. The notes file itself is
  /// not needed.
  EnrolledPatients patients(const std::vector<std::string>& ids, std::uint8_t content,
                            const std::string& folder = "data") const {
    EnrolledPatients set;
    set.hospital = "st-elsewhere";
    set.fingerprint.fill(content);
    set.patients = ids;
    set.notes = folder_ / folder / "notes.jsonl";
    std::filesystem::create_directories(set.notes.parent_path());
    return set;
  }

  std::shared_ptr<DatasetAccount> enroll(const EnrolledPatients& set) const {
    auto account = Registry::enroll(home_, set);
    EXPECT_TRUE(account.has_value()) << to_string(account.error());
    return account.has_value() ? *account : nullptr;
  }

  static LedgerEntry entry_of(const EnrolledPatients& set, const std::string& run) {
    LedgerEntry entry = sample_entry(1);
    entry.run = run;
    entry.dataset = set.fingerprint;
    return entry;
  }

  /// One row, as an engine charges it.
  static void charge(DatasetAccount& account, Ledger& ledger, const LedgerEntry& entry) {
    const auto row = ledger.charge(entry);
    ASSERT_TRUE(row.has_value());
    ASSERT_TRUE(account.note_head(row->id, row->hash).has_value());
  }

  /// Trains on the data set: one row, and everything is closed again.
  void spend(const EnrolledPatients& set, const std::string& run) const {
    const auto account = enroll(set);
    auto ledger = account->open_ledger();
    ASSERT_TRUE(ledger.has_value()) << to_string(ledger.error());
    charge(*account, *ledger, entry_of(set, run));
  }

  /// How many rows count for the data set.
  std::size_t counted(const EnrolledPatients& set) const {
    const auto account = enroll(set);
    auto ledger = account->open_ledger();
    EXPECT_TRUE(ledger.has_value()) << to_string(ledger.error());
    return ledger.has_value() ? account->rows_of(ledger->rows()).size() : 0;
  }

  std::filesystem::path ledger_file() const { return Registry::ledger_file(home_, "st-elsewhere"); }

  std::filesystem::path home_;
};

}  // namespace hippocrypt::privacy
