#include "privacy/registry/registry.hpp"

#include <map>
#include <optional>
#include <set>

#include <fmt/core.h>

#include "privacy/registry/registry_file.hpp"

namespace hippocrypt::privacy {
namespace {

Error damaged_registry() {
  return {Errc::malformed,
          "the registry of the ledger home holds an impossible value; restore it from a backup"};
}

/// The first column of all rows.
Status add_fingerprints(SqliteStatement& select, std::set<Hash256>& found) {
  while (true) {
    HIPPOCRYPT_TRY(const bool has_row, select.step());
    if (!has_row) return {};
    const auto hash = select.hash(0);
    if (!hash) return damaged_registry();
    found.insert(*hash);
  }
}

bool is_there(const std::filesystem::path& path) {
  std::error_code ignored;
  return std::filesystem::exists(path, ignored);
}

/// The ledger that earlier versions kept beside the notes.
std::filesystem::path ledger_beside(const std::filesystem::path& notes) {
  return notes.string() + ".ledger.sqlite";
}

Result<bool> is_imported(SqliteDatabase& registry, const LedgerRow& row) {
  HIPPOCRYPT_TRY(auto select, registry.prepare("SELECT 1 FROM imported WHERE hash = ?"));
  select.bind(ByteView{row.hash});
  return select.step();
}

/// Rows of the ledger beside the notes that the hospital's ledger does not hold yet, of this data
/// set. `registry` may be null.
Result<std::vector<LedgerRow>> rows_to_take_over(const EnrolledPatients& patients,
                                                 SqliteDatabase* registry) {
  std::vector<LedgerRow> rows;
  const auto path = ledger_beside(patients.notes);
  if (!is_there(path)) return rows;
  HIPPOCRYPT_TRY(const auto old, Ledger::open(path, LedgerMode::must_exist));
  for (const LedgerRow& row : old.rows()) {
    if (registry != nullptr) {
      HIPPOCRYPT_TRY(const bool is_known, is_imported(*registry, row));
      if (is_known) continue;
    }
    rows.push_back(row);
    rows.back().entry.dataset = patients.fingerprint;
  }
  return rows;
}

/// Errors: tampered, mismatch (see Registry::enroll).
Status check_marker(const std::optional<NotesMarker>& marker, const std::string& registry,
                    const std::filesystem::path& home, const EnrolledPatients& patients) {
  if (marker && marker->registry != registry) {
    return Error{
        Errc::tampered,
        fmt::format("{} says that these notes are on an account of another ledger home than {}: "
                    "what was spent on them is not known here; set privacy.ledger_home to that "
                    "home, or restore it from a backup",
                    NotesMarker::file_of(patients.notes).string(), home.string())};
  }
  if (marker && marker->hospital != patients.hospital) {
    return Error{Errc::mismatch,
                 fmt::format("{} says that these notes are on the account of hospital '{}', and "
                             "this configuration calls it '{}': the name is part of the account, "
                             "so keep to the first",
                             NotesMarker::file_of(patients.notes).string(), marker->hospital,
                             patients.hospital)};
  }
  return {};
}

constexpr const char* overlapping =
    "SELECT DISTINCT d.fingerprint FROM members mine "
    "JOIN members other ON other.tag = mine.tag JOIN datasets d ON d.id = other.dataset "
    "WHERE mine.dataset = ?";

}  // namespace

struct DatasetAccount::State {
  RegistryFile file;
  std::filesystem::path home, notes;
  std::string hospital;
  Hash256 fingerprint{};
  std::int64_t dataset = 0;
  std::int64_t data_version = -1;  // SQLite's; moves when another connection writes
  std::set<Hash256> linked;

  Result<std::optional<std::int64_t>> id_of(const Hash256& which) {
    HIPPOCRYPT_TRY(
        auto select,
        file.database.prepare("SELECT id FROM datasets WHERE hospital = ? AND fingerprint = ?"));
    select.bind(std::string_view{hospital});
    select.bind(ByteView{which});
    HIPPOCRYPT_TRY(const bool has_row, select.step());
    return has_row ? select.integer(0) : std::nullopt;
  }

  /// The id of a data set that is there from now on.
  Result<std::int64_t> enter(const Hash256& which) {
    {
      HIPPOCRYPT_TRY(auto insert,
                     file.database.prepare(
                         "INSERT OR IGNORE INTO datasets(hospital, fingerprint) VALUES (?, ?)"));
      insert.bind(std::string_view{hospital});
      insert.bind(ByteView{which});
      HIPPOCRYPT_TRY_VOID(insert.step());
    }
    HIPPOCRYPT_TRY(const auto id, id_of(which));
    if (!id) return damaged_registry();
    return *id;
  }

  Status add_members(std::int64_t id, const std::vector<std::string>& patients) {
    for (const std::string& patient : patients) {
      HIPPOCRYPT_TRY(auto insert,
                     file.database.prepare("INSERT OR IGNORE INTO members VALUES (?, ?)"));
      insert.bind(ByteView{file.key.tag(hospital, patient)});
      insert.bind(id);
      HIPPOCRYPT_TRY_VOID(insert.step());
    }
    return {};
  }

  Status enrol(const std::vector<std::string>& patients) {
    return file.database.in_transaction([&]() -> Status {
      HIPPOCRYPT_TRY(dataset, enter(fingerprint));
      return add_members(dataset, patients);
    });
  }

  Status read_linked() {
    HIPPOCRYPT_TRY(auto select, file.database.prepare(overlapping));
    select.bind(dataset);
    std::set<Hash256> found{fingerprint};
    HIPPOCRYPT_TRY_VOID(add_fingerprints(select, found));
    linked = std::move(found);
    return {};
  }

  /// What read_linked() would find if these were enrolled.
  Status link(const std::vector<std::string>& patients) {
    linked = {fingerprint};
    for (const std::string& patient : patients) {
      HIPPOCRYPT_TRY(auto select,
                     file.database.prepare("SELECT d.fingerprint FROM members m JOIN datasets d "
                                           "ON d.id = m.dataset WHERE m.tag = ?"));
      select.bind(ByteView{file.key.tag(hospital, patient)});
      HIPPOCRYPT_TRY_VOID(add_fingerprints(select, linked));
    }
    return {};
  }

  Result<std::optional<std::pair<std::uint64_t, Hash256>>> noted_head() {
    HIPPOCRYPT_TRY(auto select,
                   file.database.prepare("SELECT rows, hash FROM heads WHERE hospital = ?"));
    select.bind(std::string_view{hospital});
    HIPPOCRYPT_TRY(const bool has_row, select.step());
    if (!has_row) return std::optional<std::pair<std::uint64_t, Hash256>>{};
    const auto rows = select.integer(0);
    const auto hash = select.hash(1);
    if (!rows || !hash) return damaged_registry();
    return std::optional{std::pair{static_cast<std::uint64_t>(*rows), *hash}};
  }
};

DatasetAccount::DatasetAccount(std::unique_ptr<State> state) : state_{std::move(state)} {}
DatasetAccount::~DatasetAccount() = default;

Result<bool> DatasetAccount::refresh() {
  State& state = *state_;
  HIPPOCRYPT_TRY(const std::int64_t version,
                 state.file.database.query_integer("PRAGMA data_version"));
  if (version == state.data_version) return false;
  const std::set<Hash256> before = state.linked;
  HIPPOCRYPT_TRY_VOID(state.read_linked());
  state.data_version = version;
  return state.linked != before;
}

bool DatasetAccount::counts(const Hash256& dataset) const {
  return state_->linked.contains(dataset);
}

Status DatasetAccount::note_head(std::uint64_t rows, const Hash256& hash) {
  // Not flushed: it survives a killed process, and after a power cut it may name an earlier head,
  // which the ledger still holds.
  HIPPOCRYPT_TRY_VOID(state_->file.database.execute("PRAGMA synchronous = NORMAL"));
  const auto note = [&]() -> Status {
    HIPPOCRYPT_TRY(auto insert,
                   state_->file.database.prepare(
                       "INSERT INTO heads VALUES (?, ?, ?) ON CONFLICT(hospital) DO UPDATE SET "
                       "rows = excluded.rows, hash = excluded.hash WHERE excluded.rows > rows"));
    insert.bind(std::string_view{state_->hospital});
    insert.bind(rows);
    insert.bind(ByteView{hash});
    HIPPOCRYPT_TRY_VOID(insert.step());
    return {};
  };
  Status noted = note();
  HIPPOCRYPT_TRY_VOID(state_->file.database.execute("PRAGMA synchronous = FULL"));
  return noted;
}

Result<Ledger> DatasetAccount::open_ledger(LedgerMode mode) {
  HIPPOCRYPT_TRY(const auto noted, state_->noted_head());
  if (noted) mode = LedgerMode::must_exist;
  HIPPOCRYPT_TRY(auto ledger,
                 Ledger::open(Registry::ledger_file(state_->home, state_->hospital), mode));
  HIPPOCRYPT_TRY_VOID(check(ledger));
  if (!state_->notes.empty()) {
    HIPPOCRYPT_TRY_VOID(take_over(ledger_beside(state_->notes), ledger));
  }
  return ledger;
}

std::vector<LedgerRow> DatasetAccount::rows_of(std::span<const LedgerRow> rows) const {
  std::vector<LedgerRow> counted;
  for (const LedgerRow& row : rows) {
    if (!counts(row.entry.dataset)) continue;
    counted.push_back(row);
    counted.back().entry.dataset = state_->fingerprint;
  }
  return counted;
}

Status DatasetAccount::check(Ledger& ledger) {
  HIPPOCRYPT_TRY(const auto noted, state_->noted_head());  // before the ledger is read again
  HIPPOCRYPT_TRY_VOID(ledger.refresh());
  const auto rows = ledger.rows();
  if (noted) {
    const auto& [count, hash] = *noted;
    if (rows.size() < count || (count > 0 && rows[count - 1].hash != hash)) {
      return Error{Errc::tampered,
                   fmt::format("the ledger of {} ends at row {} and held row {} before: it is an "
                               "older copy or another ledger; restore the newest backup and do not "
                               "train on its data until then",
                               state_->hospital, rows.size(), count)};
    }
  }
  std::set<Hash256> known;
  for (const LedgerRow& row : rows) {
    if (row.entry.mechanism != Mechanism::poisson_sampled_gaussian) continue;
    if (!known.insert(row.entry.dataset).second) continue;
    HIPPOCRYPT_TRY(const auto id, state_->id_of(row.entry.dataset));
    if (!id) {
      return Error{Errc::tampered,
                   fmt::format("row {} of the ledger of {} is of a data set that the registry does "
                               "not know: the registry is an older copy; restore the newest backup",
                               row.id, state_->hospital)};
    }
  }
  return {};
}

Status DatasetAccount::take_over(const std::filesystem::path& beside_notes, Ledger& ledger) {
  if (!is_there(beside_notes)) return {};
  HIPPOCRYPT_TRY(const auto old, Ledger::open(beside_notes, LedgerMode::must_exist));
  for (const LedgerRow& row : old.rows()) {
    auto& database = state_->file.database;
    HIPPOCRYPT_TRY(const bool is_known, is_imported(database, row));
    if (is_known) continue;
    // The file lies beside these patients' notes, so its rows are theirs.
    Status linked = database.in_transaction([&]() -> Status {
      HIPPOCRYPT_TRY(const std::int64_t id, state_->enter(row.entry.dataset));
      HIPPOCRYPT_TRY(auto copy, database.prepare("INSERT OR IGNORE INTO members SELECT tag, ? FROM "
                                                 "members WHERE dataset = ?"));
      copy.bind(id);
      copy.bind(state_->dataset);
      HIPPOCRYPT_TRY_VOID(copy.step());
      return {};
    });
    HIPPOCRYPT_TRY_VOID(std::move(linked));
    // Charged first: a crash in between counts it twice rather than never.
    HIPPOCRYPT_TRY(const LedgerRow charged, ledger.charge(row.entry));
    HIPPOCRYPT_TRY_VOID(note_head(charged.id, charged.hash));
    HIPPOCRYPT_TRY(auto insert, database.prepare("INSERT OR IGNORE INTO imported VALUES (?)"));
    insert.bind(ByteView{row.hash});
    HIPPOCRYPT_TRY_VOID(insert.step());
  }
  return state_->read_linked();
}

std::string DatasetAccount::explanation(const Ledger& ledger) const {
  std::map<std::string, std::uint64_t> steps;
  for (const LedgerRow& row : ledger.rows()) {
    if (counts(row.entry.dataset)) steps[row.entry.run] += row.entry.steps;
  }
  if (steps.empty()) return "no earlier run has used any of these patients";
  std::string runs;
  std::size_t shown = 0;
  for (const auto& [run, count] : steps) {
    if (++shown > 5) break;
    runs += fmt::format("{}{} ({} step{})", runs.empty() ? "" : ", ", run, count,
                        count == 1 ? "" : "s");
  }
  if (steps.size() > 5) runs += fmt::format(" and {} more", steps.size() - 5);
  return fmt::format(
      "these patients, or some of them, were used before: the budget goes on from "
      "{}; for a patient who was in only some of these it is an upper bound",
      runs);
}

std::filesystem::path Registry::ledger_file(const std::filesystem::path& home,
                                            const std::string& hospital) {
  return home / "hospitals" / hospital / "ledger.sqlite";
}

Result<std::shared_ptr<DatasetAccount>> Registry::enroll(const std::filesystem::path& home,
                                                         const EnrolledPatients& patients) {
  HIPPOCRYPT_TRY(const auto marker, NotesMarker::read(patients.notes));
  HIPPOCRYPT_TRY(auto file, RegistryFile::open(home));
  HIPPOCRYPT_TRY_VOID(check_marker(marker, file.id, home, patients));
  auto state = std::make_unique<DatasetAccount::State>(DatasetAccount::State{
      std::move(file), home, patients.notes, patients.hospital, patients.fingerprint, 0, -1, {}});
  HIPPOCRYPT_TRY_VOID(state->enrol(patients.patients));
  HIPPOCRYPT_TRY_VOID(state->read_linked());
  // A folder may be read-only; the patients are recognised without a marker, too.
  if (!marker) {
    static_cast<void>(NotesMarker{state->file.id, patients.hospital}.write(patients.notes));
  }
  return std::shared_ptr<DatasetAccount>{new DatasetAccount{std::move(state)}};
}

Result<std::shared_ptr<DatasetAccount>> Registry::find(const std::filesystem::path& home,
                                                       const std::string& hospital,
                                                       const Hash256& fingerprint) {
  std::error_code ignored;
  const Error unknown{Errc::not_found, fmt::format("{} knows no such data set of hospital '{}'",
                                                   home.string(), hospital)};
  if (!std::filesystem::exists(home / "registry.sqlite", ignored)) return unknown;
  HIPPOCRYPT_TRY(auto file, RegistryFile::open(home));
  auto state = std::make_unique<DatasetAccount::State>(
      DatasetAccount::State{std::move(file), home, {}, hospital, fingerprint, 0, -1, {}});
  HIPPOCRYPT_TRY(const auto id, state->id_of(fingerprint));
  if (!id) return unknown;
  state->dataset = *id;
  HIPPOCRYPT_TRY_VOID(state->read_linked());
  return std::shared_ptr<DatasetAccount>{new DatasetAccount{std::move(state)}};
}

Result<std::vector<LedgerRow>> Registry::preview(const std::filesystem::path& home,
                                                 const EnrolledPatients& patients) {
  HIPPOCRYPT_TRY(const auto marker, NotesMarker::read(patients.notes));
  if (!is_there(home / "registry.sqlite") && !is_there(home / "hospitals")) {
    HIPPOCRYPT_TRY_VOID(check_marker(marker, {}, home, patients));
    return rows_to_take_over(patients, nullptr);
  }
  HIPPOCRYPT_TRY(auto file, RegistryFile::open(home));
  HIPPOCRYPT_TRY_VOID(check_marker(marker, file.id, home, patients));
  DatasetAccount account{std::make_unique<DatasetAccount::State>(DatasetAccount::State{
      std::move(file), home, {}, patients.hospital, patients.fingerprint, 0, -1, {}})};
  HIPPOCRYPT_TRY_VOID(account.state_->link(patients.patients));
  HIPPOCRYPT_TRY(auto rows, rows_to_take_over(patients, &account.state_->file.database));
  HIPPOCRYPT_TRY(const auto noted, account.state_->noted_head());
  if (!noted && !is_there(ledger_file(home, patients.hospital))) return rows;
  HIPPOCRYPT_TRY(const auto ledger, account.open_ledger(LedgerMode::must_exist));
  const auto counted = account.rows_of(ledger.rows());
  rows.insert(rows.begin(), counted.begin(), counted.end());
  return rows;
}

}  // namespace hippocrypt::privacy
