// `hippocrypt ledger` and accounts of patients as their users meet them.

#include <sqlite3.h>

#include "privacy/ledger/ledger.hpp"
#include "tests/cli/simulate_fixture.hpp"

namespace hippocrypt::cli {
namespace {

using nlohmann::json;

class LedgerProgramTest : public SimulateProgramTest {
 protected:
  /// train federation.toml at the first hospital, on the account of its patients.
  Outcome train(const std::vector<std::string>& more = {}) const {
    std::vector<std::string> arguments{
        "train",      "federation.toml", "--runs",     "out",   "--oracle",
        "plain-fp32", "--hospital",      "cardiology", "--set", "privacy.ledger=dataset",
        "--json"};
    arguments.insert(arguments.end(), more.begin(), more.end());
    return run(arguments);
  }
  std::filesystem::path ledger() const {
    return run_folder() / "hospitals" / "cardiology" / "ledger.sqlite";
  }
  static void change(const std::filesystem::path& path, const std::string& sql) {
    sqlite3* database = nullptr;
    ASSERT_EQ(sqlite3_open(path.c_str(), &database), SQLITE_OK);
    EXPECT_EQ(
        sqlite3_exec(
            database,
            ("DROP TRIGGER entries_never_change; DROP TRIGGER entries_never_go; " + sql).c_str(),
            nullptr, nullptr, nullptr),
        SQLITE_OK);
    sqlite3_close(database);
  }
  static double epsilon_of(const Outcome& outcome) {
    EXPECT_EQ(outcome.exit_code, 0) << outcome.err;
    return outcome.exit_code == 0 ? json::parse(outcome.out).at("epsilon").get<double>() : 0;
  }
  /// federation.toml with the first hospital's notes in another file.
  void point_at(const std::filesystem::path& notes) {
    tiny_.config.hospitals[0].notes = notes;
    write_config();
  }
};

TEST_F(LedgerProgramTest, VerifiesShowsAndExportsARun) {
  ASSERT_EQ(simulate_plain().exit_code, 0);
  const Outcome verified = run({"ledger", "verify", "out/tiny"});
  ASSERT_EQ(verified.exit_code, 0) << verified.err;
  EXPECT_EQ(lines_with(verified.out, {"ledger.sqlite: 4 rows"}), 3U) << verified.out;
  const std::string head =
      to_hex(privacy::Ledger::open(ledger(), privacy::LedgerMode::must_exist)->head_hash());
  EXPECT_TRUE(contains(verified.out, head)) << verified.out;
  const Outcome shown = run({"ledger", "show", ledger().string()});
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_EQ(lines_with(shown.out, {"cardiology", " tiny ", "patient"}), 2U) << "one line a round";
  EXPECT_EQ(lines_with(shown.out, {"1-2 ", "20"}), 1U) << shown.out;
  EXPECT_EQ(lines_with(shown.out, {"head " + head}), 1U) << shown.out;
  EXPECT_EQ(lines_with(run({"ledger", "show", "--all", ledger().string()}).out, {" tiny "}), 4U);
}

TEST_F(LedgerProgramTest, ExportsEveryRowAsCsvAndJson) {
  ASSERT_EQ(simulate_plain().exit_code, 0);
  const auto opened = privacy::Ledger::open(ledger(), privacy::LedgerMode::must_exist);
  ASSERT_TRUE(opened);
  const auto& last = opened->rows().back();
  const Outcome csv = run({"ledger", "export", "out/tiny"});
  ASSERT_EQ(csv.exit_code, 0) << csv.err;
  EXPECT_EQ(lines_with(csv.out, {","}), 1U + 12U);
  EXPECT_TRUE(csv.out.starts_with("ledger,id,run,hospital,round,dataset,unit,"));
  EXPECT_EQ(lines_with(csv.out, {",4,tiny,cardiology,2,", to_hex(last.hash)}), 1U) << csv.out;
  const Outcome document = run({"ledger", "export", ledger().string(), "--format", "json"});
  ASSERT_EQ(document.exit_code, 0) << document.err;
  const json rows = json::parse(document.out);
  ASSERT_EQ(rows.size(), 4U);
  EXPECT_EQ(rows.back().at("hash"), to_hex(last.hash));
  EXPECT_EQ(rows.back().at("previous"), rows.at(2).at("hash"));
  EXPECT_EQ(rows.back().at("noise"), "discrete_gaussian");
  EXPECT_EQ(rows.back().at("steps"), 1);
  ASSERT_EQ(run({"ledger", "export", "out/tiny", "--out", "rows.csv"}).exit_code, 0);
  EXPECT_EQ(read_bytes(folder() / "rows.csv"), csv.out);
}

TEST_F(LedgerProgramTest, NamesTheDamagedRowAndLooksAtTheOtherLedgers) {
  ASSERT_EQ(simulate_plain().exit_code, 0);
  change(ledger(), "UPDATE entries SET noise_multiplier = 9 WHERE id = 3");
  const Outcome changed = run({"ledger", "verify", "out/tiny"});
  EXPECT_EQ(changed.exit_code, 4);
  EXPECT_TRUE(contains(changed.err, "row 3 of ledger.sqlite")) << changed.err;
  EXPECT_EQ(lines_with(changed.out, {"4 rows, each follows"}), 2U) << changed.out;
  const json document = json::parse(run({"ledger", "verify", "out/tiny", "--json"}).out);
  EXPECT_EQ(document.at("ledgers").at(0).at("is_sound"), false);
  EXPECT_EQ(document.at("ledgers").at(1).at("is_sound"), true);
  for (const char* action : {"show", "export"}) {
    EXPECT_EQ(run({"ledger", action, ledger().string()}).exit_code, 4);
  }
}

TEST_F(LedgerProgramTest, NamesTheDeletedRow) {
  ASSERT_EQ(simulate_plain().exit_code, 0);
  change(ledger(), "DELETE FROM entries WHERE id = 2");
  const Outcome outcome = run({"ledger", "verify", ledger().string()});
  EXPECT_EQ(outcome.exit_code, 4);
  EXPECT_TRUE(contains(outcome.err, "row 2 of ledger.sqlite is missing")) << outcome.err;
}

TEST_F(LedgerProgramTest, SaysWhatItLookedFor) {
  expect_refused(run({"ledger", "verify", "nowhere"}), 1, {"no ledger for 'nowhere'"});
  expect_refused(run({"ledger", "show", notes_of(0).string()}), 1, {"notes that were trained on"});
}

TEST_F(LedgerProgramTest, ACopyOfTheNotesGoesOnWithTheAccount) {
  const Outcome first = train();
  const double once = epsilon_of(first);
  EXPECT_EQ(lines_with(first.err, {"no earlier run has used any of these patients"}), 1U);
  const auto copy = folder() / "copied" / "notes.jsonl";
  std::filesystem::create_directories(copy.parent_path());
  std::filesystem::copy_file(notes_of(0), copy);
  const Outcome second = train({"--set", "hospital.cardiology.notes='copied/notes.jsonl'"});
  const double twice = epsilon_of(second);
  EXPECT_GT(twice, once);
  EXPECT_EQ(lines_with(second.err, {"used before", "tiny (4 steps)"}), 1U) << second.err;
  const Outcome shown = run({"ledger", "show", copy.string()});
  ASSERT_EQ(shown.exit_code, 0) << shown.err;
  EXPECT_EQ(lines_with(shown.out, {"cardiology", "patient"}), 4U) << shown.out;
}

TEST_F(LedgerProgramTest, AddedAndRemovedNotesGoOnWithTheAccountAndTheBudgetShowsIt) {
  const double once = epsilon_of(train());
  auto notes = notes::read_notes(notes_of(0)).value().notes;
  const std::string gone = notes.front().patient_id;
  std::erase_if(notes, [&](const auto& note) { return note.patient_id == gone; });
  notes.back().text += " Seen again in May.";
  const auto edited = folder() / "edited.jsonl";
  ASSERT_TRUE(notes::write_notes(edited, notes));
  point_at(edited);
  const double twice = epsilon_of(train());
  EXPECT_GT(twice, once);
  const Outcome budget = run({"budget", "out/tiny-2", "--json"});
  ASSERT_EQ(budget.exit_code, 0) << budget.err;
  const json hospital = json::parse(budget.out).at("hospitals").at(0);
  EXPECT_EQ(hospital.at("epsilon"), twice);
  EXPECT_EQ(hospital.at("rounds").size(), 4U);
}

TEST_F(LedgerProgramTest, ALedgerPutBackFromABackupIsRefused) {
  epsilon_of(train());
  const auto ledger_now = home() / "hospitals" / "cardiology" / "ledger.sqlite";
  std::filesystem::copy_file(ledger_now, folder() / "backup");
  epsilon_of(train());
  std::filesystem::copy_file(folder() / "backup", ledger_now,
                             std::filesystem::copy_options::overwrite_existing);
  expect_refused(train(), 4, {"older copy", "ends at row 4 and held row 8"});
}

TEST_F(LedgerProgramTest, ALostHomeIsRefused) {
  epsilon_of(train());
  std::filesystem::remove_all(home());
  expect_refused(train(), 4, {"cardiology.jsonl.account", "privacy.ledger_home"});
}

}  // namespace
}  // namespace hippocrypt::cli
