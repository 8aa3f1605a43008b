#include "federation/aggregator/run_journal.hpp"

#include "federation/journal/journal_file.hpp"

namespace hippocrypt::federation {
namespace {

constexpr std::uint32_t kept_every = 10;

constexpr const char* schema =
    "CREATE TABLE state (only INTEGER PRIMARY KEY CHECK (only = 0), round INTEGER NOT NULL,"
    " strategy BLOB);"  // NULL: empty
    "CREATE TABLE closed (only INTEGER PRIMARY KEY CHECK (only = 0), summary BLOB NOT NULL);"
    "CREATE TABLE attempt (only INTEGER PRIMARY KEY CHECK (only = 0), round INTEGER NOT NULL,"
    " attempt INTEGER NOT NULL);"
    "CREATE TABLE participant (position INTEGER PRIMARY KEY, name TEXT NOT NULL);"
    "CREATE TABLE entry (position INTEGER PRIMARY KEY, kind INTEGER NOT NULL, body BLOB);";

constexpr JournalFormat format{"run's journal", 1, schema, std::size_t{1} << 30};

Status keep_summary(SqliteDatabase& database, const std::optional<RoundSummary>& summary) {
  if (!summary) return {};
  const Bytes bytes = encode(*summary);
  return database.run("INSERT OR REPLACE INTO closed VALUES (0, ?)", ByteView{bytes});
}

Status forget_attempt(SqliteDatabase& database) {
  return database.execute("DELETE FROM attempt; DELETE FROM participant; DELETE FROM entry");
}

std::uint32_t number(const SqliteStatement& row, int column) {
  return static_cast<std::uint32_t>(row.integer(column).value_or(0));
}

Status load_attempt(SqliteDatabase& database, SavedRun& saved) {
  HIPPOCRYPT_TRY(auto attempt, database.prepare("SELECT round, attempt FROM attempt"));
  HIPPOCRYPT_TRY(const bool is_open, attempt.step());
  if (!is_open) return {};
  saved.attempt = PersistAttempt{number(attempt, 0), number(attempt, 1), {}, {}};
  HIPPOCRYPT_TRY(auto names, database.prepare("SELECT name FROM participant ORDER BY position"));
  while (true) {
    HIPPOCRYPT_TRY(const bool row, names.step());
    if (!row) break;
    saved.attempt->participants.push_back(names.text(0).value_or(""));
  }
  HIPPOCRYPT_TRY(auto entries, database.prepare("SELECT kind, body FROM entry ORDER BY position"));
  while (true) {
    HIPPOCRYPT_TRY(const bool row, entries.step());
    if (!row) return {};
    saved.entries.push_back({saved.attempt->round, saved.attempt->attempt, number(entries, 0),
                             entries.blob(1).value_or(Bytes{})});
  }
}

}  // namespace

Result<RunJournal> RunJournal::open(const std::filesystem::path& run_folder,
                                    const std::vector<Setting>& settings) {
  HIPPOCRYPT_TRY(auto database,
                 open_journal(run_folder / "aggregator" / "journal.sqlite", format, settings));
  return RunJournal{std::move(database), RunStore{run_folder}};
}

Result<std::optional<SavedRun>> RunJournal::load() {
  HIPPOCRYPT_TRY(auto state, database_.prepare("SELECT round, strategy FROM state"));
  HIPPOCRYPT_TRY(const bool is_begun, state.step());
  if (!is_begun) return std::optional<SavedRun>{};
  SavedRun saved;
  saved.round = number(state, 0);
  saved.strategy_state = state.blob(1).value_or(Bytes{});
  HIPPOCRYPT_TRY(saved.global, store_.load_global(saved.round));
  HIPPOCRYPT_TRY_VOID(load_attempt(database_, saved));
  HIPPOCRYPT_TRY(auto closed, database_.prepare("SELECT summary FROM closed"));
  HIPPOCRYPT_TRY(const bool has_closed, closed.step());
  if (has_closed) {
    HIPPOCRYPT_TRY(saved.last_closed, decode_round_summary(closed.blob(0).value_or(Bytes{})));
  }
  return std::optional<SavedRun>{std::move(saved)};
}

Status RunJournal::keep(const PersistGlobal& effect) {
  HIPPOCRYPT_TRY_VOID(store_.save_global(effect.round, effect.values));
  const auto write = [&]() -> Status {
    HIPPOCRYPT_TRY_VOID(database_.run("INSERT OR REPLACE INTO state VALUES (0, ?, ?)",
                                      std::uint64_t{effect.round},
                                      ByteView{effect.strategy_state}));
    HIPPOCRYPT_TRY_VOID(keep_summary(database_, effect.summary));
    return forget_attempt(database_);
  };
  HIPPOCRYPT_TRY_VOID(database_.in_transaction(write));
  if (effect.round >= 2 && (effect.round - 2) % kept_every != 0) {
    store_.forget_global(effect.round - 2);
  }
  return {};
}

Status RunJournal::keep(const PersistAttempt& effect) {
  return database_.in_transaction([&]() -> Status {
    HIPPOCRYPT_TRY_VOID(forget_attempt(database_));
    HIPPOCRYPT_TRY_VOID(database_.run("INSERT INTO attempt VALUES (0, ?, ?)",
                                      std::uint64_t{effect.round}, std::uint64_t{effect.attempt}));
    for (std::size_t i = 0; i < effect.participants.size(); ++i) {
      HIPPOCRYPT_TRY_VOID(database_.run("INSERT INTO participant VALUES (?, ?)", std::uint64_t{i},
                                        std::string_view{effect.participants[i]}));
    }
    return keep_summary(database_, effect.voided);
  });
}

Status RunJournal::keep(const PersistEntry& effect) {
  return database_.run("INSERT INTO entry (kind, body) VALUES (?, ?)",
                       std::uint64_t{effect.entry.kind}, ByteView{effect.entry.body});
}

}  // namespace hippocrypt::federation
