#include "privacy/registry/registry.hpp"

#include <sys/stat.h>

#include <gtest/gtest.h>

#include "base/file.hpp"
#include "privacy/registry/patient_key.hpp"
#include "tests/privacy/registry/registry_fixture.hpp"

namespace hippocrypt::privacy {
namespace {

TEST_F(RegistryTest, RecognisesACopiedFolder) {
  spend(patients({"1", "2", "3"}, 1, "data"), "first");
  EXPECT_EQ(counted(patients({"1", "2", "3"}, 1, "copy")), 1U);
}

TEST_F(RegistryTest, RecognisesPatientsWhoseNotesChanged) {
  spend(patients({"1", "2", "3"}, 1), "first");
  EXPECT_EQ(counted(patients({"1", "2", "3"}, 2)), 1U) << "notes added or removed";
  EXPECT_EQ(counted(patients({"1", "2", "3", "4"}, 3)), 1U) << "a patient added";
  EXPECT_EQ(counted(patients({"2"}, 4)), 1U) << "patients removed";
  EXPECT_EQ(counted(patients({"5", "6"}, 5)), 0U) << "other patients";
}

TEST_F(RegistryTest, CountsEveryDataSetThatSharesAPatientAndNoOther) {
  const auto a = patients({"1", "2"}, 1), b = patients({"3", "4"}, 2), c = patients({"5"}, 3);
  spend(a, "a");
  spend(b, "b");
  spend(c, "c");
  EXPECT_EQ(counted(a), 1U);
  const auto both = patients({"2", "3"}, 4);
  EXPECT_EQ(counted(both), 2U) << "a and b meet in it";
  spend(both, "both");
  EXPECT_EQ(counted(both), 3U);
  EXPECT_EQ(counted(a), 2U) << "its own and that of both";
  EXPECT_EQ(counted(b), 2U);
  EXPECT_EQ(counted(c), 1U);
}

TEST_F(RegistryTest, KeepsHospitalsApartThoughTheirIdsAreNumbers) {
  spend(patients({"17"}, 1, "one"), "first");
  auto other = patients({"17"}, 2, "two");
  other.hospital = "other";
  EXPECT_EQ(counted(other), 0U);
  EXPECT_NE(Registry::ledger_file(home_, "other"), ledger_file());
}

TEST_F(RegistryTest, SaysWhichRunsCount) {
  const auto first = patients({"1", "2"}, 1);
  {
    const auto account = enroll(first);
    auto ledger = account->open_ledger().value();
    EXPECT_EQ(account->explanation(ledger), "no earlier run has used any of these patients");
    charge(*account, ledger, entry_of(first, "spring"));
    charge(*account, ledger, entry_of(first, "summer"));
  }
  const auto account = enroll(patients({"2", "3"}, 2));
  const auto ledger = account->open_ledger().value();
  const std::string line = account->explanation(ledger);
  EXPECT_NE(line.find("spring (10 steps), summer (10 steps)"), std::string::npos) << line;
  EXPECT_NE(line.find("upper bound"), std::string::npos) << line;
  EXPECT_EQ(line.find('\n'), std::string::npos);
}

TEST_F(RegistryTest, PreviewCountsWhatEnrollingWould) {
  spend(patients({"1", "2"}, 1), "a");
  spend(patients({"3"}, 2), "b");
  const auto next = patients({"2", "9"}, 3, "elsewhere");
  const auto rows = Registry::preview(home_, next);
  ASSERT_TRUE(rows) << to_string(rows.error());
  ASSERT_EQ(rows->size(), 1U);
  EXPECT_EQ(rows->front().entry.run, "a");
  EXPECT_EQ(rows->front().entry.dataset, next.fingerprint);
  EXPECT_EQ(Registry::find(home_, next.hospital, next.fingerprint).error().code, Errc::not_found)
      << "nothing is enrolled";
  EXPECT_FALSE(std::filesystem::exists(next.notes.string() + ".account"));
  EXPECT_EQ(counted(next), rows->size());
}

TEST_F(RegistryTest, PreviewCountsALedgerBesideTheNotes) {
  const auto set = patients({"1"}, 1);
  {
    auto old = Ledger::open(set.notes.string() + ".ledger.sqlite").value();
    ASSERT_TRUE(old.charge(entry_of(set, "old")));
  }
  EXPECT_EQ(Registry::preview(home_, set).value().size(), 1U);
  EXPECT_FALSE(std::filesystem::exists(home_ / "registry.sqlite")) << "nothing is made";
  EXPECT_EQ(counted(set), 1U);
  EXPECT_EQ(Registry::preview(home_, set).value().size(), 1U) << "not twice";
}

TEST_F(RegistryTest, PreviewRefusesNotesOfAnotherHome) {
  const auto set = patients({"1"}, 1);
  spend(set, "a");
  const auto rows = Registry::preview(home_ / "another", set);
  ASSERT_FALSE(rows);
  EXPECT_EQ(rows.error().code, Errc::tampered);
  EXPECT_FALSE(std::filesystem::exists(home_ / "another"));
}

TEST_F(RegistryTest, HoldsNoIdsAndIsForItsOwnerOnly) {
  spend(patients({"patient-4711", "2"}, 1), "first");
  for (const auto& entry : std::filesystem::recursive_directory_iterator{home_}) {
    if (!entry.is_regular_file()) continue;
    const Bytes bytes = read_file(entry.path(), 1 << 24).value();
    const std::string text{bytes.begin(), bytes.end()};
    EXPECT_EQ(text.find("patient-4711"), std::string::npos) << entry.path();
  }
  struct stat status {};
  ASSERT_EQ(::stat(home_.c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0700U);
  ASSERT_EQ(::stat((home_ / "key").c_str(), &status), 0);
  EXPECT_EQ(status.st_mode & 0777U, 0600U);
}

TEST_F(RegistryTest, TagsDependOnTheKey) {
  const auto one = PatientKey::load_or_create(folder_ / "one").value();
  const auto same = PatientKey::load_or_create(folder_ / "one").value();
  const auto two = PatientKey::load_or_create(folder_ / "two").value();
  EXPECT_EQ(one.tag("h", "1"), same.tag("h", "1"));
  EXPECT_NE(one.tag("h", "1"), two.tag("h", "1"));
  EXPECT_NE(one.tag("h", "1"), one.tag("h1", ""));
  EXPECT_NE(one.tag("h", "1"), one.tag("h", "2"));
}

TEST_F(RegistryTest, TakesOverALedgerBesideTheNotesOnce) {
  const auto set = patients({"1", "2"}, 1);
  path_ = set.notes.string() + ".ledger.sqlite";
  make_ledger(3);  // of another fingerprint: the notes were changed since
  EXPECT_EQ(counted(set), 3U);
  EXPECT_EQ(counted(set), 3U) << "not again";
  const auto copy = patients({"1", "2"}, 1, "copy");
  std::filesystem::copy_file(path_, copy.notes.string() + ".ledger.sqlite");
  EXPECT_EQ(counted(copy), 3U) << "the copy's rows are the same";
  EXPECT_EQ(counted(patients({"2"}, 8, "third")), 3U) << "and they follow the patients";
}

TEST_F(RegistryTest, FindsAnAccountForReports) {
  const auto set = patients({"1"}, 1);
  EXPECT_EQ(Registry::find(home_, set.hospital, set.fingerprint).error().code, Errc::not_found);
  EXPECT_FALSE(std::filesystem::exists(home_)) << "a look makes nothing";
  spend(set, "first");
  EXPECT_TRUE(Registry::find(home_, set.hospital, set.fingerprint).has_value());
  EXPECT_EQ(Registry::find(home_, "other", set.fingerprint).error().code, Errc::not_found);
}

}  // namespace
}  // namespace hippocrypt::privacy
