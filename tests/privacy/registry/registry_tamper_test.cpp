// What a home must refuse: ledgers, registries and keys that are gone, older or of somebody else.

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "base/sqlite/sqlite.hpp"
#include "privacy/registry/patient_key.hpp"
#include "tests/privacy/registry/registry_fixture.hpp"
#include "tests/support/version_sentence.hpp"

namespace hippocrypt::privacy {
namespace {

class RegistryTamperTest : public RegistryTest {
 protected:
  /// What training on `set` is refused with.
  Error refusal(const EnrolledPatients& set) const {
    auto account = Registry::enroll(home_, set);
    if (!account.has_value()) return account.error();
    auto ledger = (*account)->open_ledger();
    if (!ledger.has_value()) return ledger.error();
    ADD_FAILURE() << "nothing was refused";
    return {Errc::cancelled, ""};
  }
  static void copy_database(const std::filesystem::path& from, const std::filesystem::path& to) {
    for (const char* suffix : {"", "-wal", "-shm"}) {
      std::filesystem::remove(to.string() + suffix);
      if (std::filesystem::exists(from.string() + suffix)) {
        std::filesystem::copy_file(from.string() + suffix, to.string() + suffix);
      }
    }
  }
};

TEST_F(RegistryTamperTest, ALedgerRolledBackToAnOlderCopyIsRefused) {
  const auto set = patients({"1", "2"}, 1);
  spend(set, "first");
  copy_database(ledger_file(), folder_ / "backup");
  spend(set, "second");
  EXPECT_EQ(counted(set), 2U);
  copy_database(folder_ / "backup", ledger_file());
  const Error error = refusal(set);
  EXPECT_EQ(error.code, Errc::tampered);
  EXPECT_NE(error.detail.find("ends at row 1 and held row 2"), std::string::npos) << error.detail;
  // Also when other rows have brought it to its old length.
  {
    Ledger ledger = Ledger::open(ledger_file()).value();
    ASSERT_TRUE(ledger.charge(entry_of(set, "third")).has_value());
  }
  EXPECT_EQ(refusal(set).code, Errc::tampered);
}

TEST_F(RegistryTamperTest, ADeletedLedgerIsNoRefund) {
  const auto set = patients({"1", "2"}, 1);
  spend(set, "first");
  std::filesystem::remove(ledger_file());
  EXPECT_EQ(refusal(set).code, Errc::not_found);
}

TEST_F(RegistryTamperTest, ALedgerThatIsResetForEachRoundIsRefused) {
  const auto set = patients({"1", "2"}, 1);
  spend(set, "round 1");
  std::filesystem::remove(ledger_file());
  ASSERT_TRUE(Ledger::open(ledger_file()).has_value());  // an empty one in its place
  const Error error = refusal(set);
  EXPECT_EQ(error.code, Errc::tampered);
  EXPECT_NE(error.detail.find("ends at row 0 and held row 1"), std::string::npos) << error.detail;
}

TEST_F(RegistryTamperTest, ADeletedRegistryIsRefused) {
  const auto set = patients({"1", "2"}, 1);
  spend(set, "first");
  std::filesystem::remove(home_ / "registry.sqlite");
  const Error error = refusal(set);
  EXPECT_EQ(error.code, Errc::tampered);
  EXPECT_NE(error.detail.find("registry.sqlite"), std::string::npos) << error.detail;
}

TEST_F(RegistryTamperTest, ADeletedHomeIsRefusedByTheNotesMarker) {
  const auto set = patients({"1", "2"}, 1);
  spend(set, "first");
  std::filesystem::remove_all(home_);
  const Error error = refusal(set);
  EXPECT_EQ(error.code, Errc::tampered);
  EXPECT_NE(error.detail.find("notes.jsonl.account"), std::string::npos) << error.detail;
  EXPECT_NE(error.detail.find("privacy.ledger_home"), std::string::npos) << error.detail;
}

TEST_F(RegistryTamperTest, ARegistryRolledBackToAnOlderCopyIsRefused) {
  const auto set = patients({"1", "2"}, 1), later = patients({"3"}, 2, "later");
  spend(set, "first");
  copy_database(home_ / "registry.sqlite", folder_ / "backup");
  spend(later, "second");
  copy_database(folder_ / "backup", home_ / "registry.sqlite");
  const Error error = refusal(set);
  EXPECT_EQ(error.code, Errc::tampered);
  EXPECT_NE(error.detail.find("row 2"), std::string::npos) << error.detail;
}

TEST_F(RegistryTamperTest, AMissingOrForeignKeyIsRefused) {
  const auto set = patients({"1", "2"}, 1);
  spend(set, "first");
  std::filesystem::rename(home_ / "key", folder_ / "key");
  EXPECT_EQ(refusal(set).code, Errc::tampered);
  ASSERT_TRUE(PatientKey::load_or_create(home_ / "key").has_value());
  EXPECT_EQ(refusal(set).code, Errc::tampered);
  std::filesystem::rename(folder_ / "key", home_ / "key");
  EXPECT_EQ(counted(set), 1U);
}

TEST_F(RegistryTamperTest, FilesOfANewerReleaseAreRefused) {
  const auto set = patients({"1", "2"}, 1);
  spend(set, "first");
  const auto expect_newer = [&](const std::filesystem::path& file) {
    const Error error = refusal(set);
    EXPECT_EQ(error.code, Errc::unsupported) << error.detail;
    EXPECT_EQ(error.detail, file.string() + test_support::newer_sentence(2));
  };
  const std::string marker = set.notes.string() + ".account";
  const std::string line = read_text_file(marker, 4096).value();
  ASSERT_TRUE(line.starts_with("hippocrypt account 1\n"));
  ASSERT_TRUE(write_file_atomically(marker, as_bytes("hippocrypt account 2" + line.substr(20))));
  expect_newer(marker);
  ASSERT_TRUE(write_file_atomically(marker, as_bytes(line)));
  const auto registry = home_ / "registry.sqlite";
  const auto set_version = [&](const char* pragma) {
    auto database = SqliteDatabase::open(registry, {}).value();
    ASSERT_TRUE(database.execute(pragma));
  };
  set_version("PRAGMA user_version = 2");
  expect_newer(registry);
  set_version("PRAGMA user_version = 0");
  EXPECT_EQ(refusal(set).code, Errc::malformed);
  set_version("PRAGMA user_version = 1");
  EXPECT_EQ(counted(set), 1U);
}

TEST_F(RegistryTamperTest, ARenamedHospitalIsNoNewAccount) {
  auto set = patients({"1", "2"}, 1);
  spend(set, "first");
  set.hospital = "renamed";
  const Error error = refusal(set);
  EXPECT_EQ(error.code, Errc::mismatch);
  EXPECT_NE(error.detail.find("'st-elsewhere'"), std::string::npos) << error.detail;
}

TEST_F(RegistryTamperTest, ADamagedMarkerIsRefusedAndALostOneIsMadeAgain) {
  const auto set = patients({"1"}, 1);
  spend(set, "first");
  const std::string marker = set.notes.string() + ".account";
  std::ofstream{marker} << "something else\n";
  EXPECT_EQ(refusal(set).code, Errc::malformed);
  std::filesystem::remove(marker);
  EXPECT_EQ(counted(set), 1U);
  EXPECT_TRUE(std::filesystem::exists(marker));
}

}  // namespace
}  // namespace hippocrypt::privacy
