#include "federation/aggregator/run_journal.hpp"

#include "base/sqlite/sqlite_file.hpp"

namespace hippocrypt::federation {
namespace {

constexpr std::int64_t journal_version = 1;
constexpr std::uint32_t kept_every = 10;
const SqliteDatabase::Options options{.largest_value_bytes = std::size_t{1} << 30,
                                      .kind = "run's journal"};

constexpr const char* schema =
    "CREATE TABLE setting (position INTEGER PRIMARY KEY, key TEXT NOT NULL, value TEXT NOT NULL);"
    "CREATE TABLE state (only INTEGER PRIMARY KEY CHECK (only = 0), round INTEGER NOT NULL,"
    " strategy BLOB);"  // NULL: empty
    "CREATE TABLE closed (only INTEGER PRIMARY KEY CHECK (only = 0), summary BLOB NOT NULL);"
    "CREATE TABLE attempt (only INTEGER PRIMARY KEY CHECK (only = 0), round INTEGER NOT NULL,"
    " attempt INTEGER NOT NULL);"
    "CREATE TABLE participant (position INTEGER PRIMARY KEY, name TEXT NOT NULL);"
    "CREATE TABLE entry (position INTEGER PRIMARY KEY, kind INTEGER NOT NULL, body BLOB);";

/// A statement that returns nothing of interest, with its parameters.
template <class... Parameters>
Status run(SqliteDatabase& database, const char* sql, const Parameters&... parameters) {
  HIPPOCRYPT_TRY(auto statement, database.prepare(sql));
  (statement.bind(parameters), ...);
  const auto row = statement.step();
  if (!row) return row.error();
  return {};
}

Status fill(SqliteDatabase& database, const std::vector<Setting>& settings) {
  HIPPOCRYPT_TRY_VOID(database.execute(schema));
  HIPPOCRYPT_TRY_VOID(
      database.execute(("PRAGMA user_version = " + std::to_string(journal_version)).c_str()));
  for (std::size_t i = 0; i < settings.size(); ++i) {
    HIPPOCRYPT_TRY_VOID(run(database, "INSERT INTO setting VALUES (?, ?, ?)", std::uint64_t{i},
                            std::string_view{settings[i].key},
                            std::string_view{settings[i].value}));
  }
  return {};
}

Status keep_summary(SqliteDatabase& database, const std::optional<RoundSummary>& summary) {
  if (!summary) return {};
  const Bytes bytes = encode(*summary);
  return run(database, "INSERT OR REPLACE INTO closed VALUES (0, ?)", ByteView{bytes});
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
  const auto path = run_folder / "aggregator" / "journal.sqlite";
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    const auto fill_all = [&](SqliteDatabase& database) {
      return database.in_transaction([&] { return fill(database, settings); });
    };
    HIPPOCRYPT_TRY_VOID(create_sqlite_file(path, fill_all, options));
  }
  HIPPOCRYPT_TRY(auto database, SqliteDatabase::open(path, options));
  HIPPOCRYPT_TRY_VOID(database.execute("PRAGMA synchronous = FULL"));
  RunJournal journal{std::move(database), RunStore{run_folder}};
  HIPPOCRYPT_TRY(const auto version, journal.database_.query_integer("PRAGMA user_version"));
  if (version != journal_version) {
    return Error{Errc::unsupported, path.string() + ": version " + std::to_string(version) +
                                        "; this program reads " + std::to_string(journal_version)};
  }
  HIPPOCRYPT_TRY_VOID(journal.check_settings(settings));
  return journal;
}

Status RunJournal::check_settings(const std::vector<Setting>& settings) {
  HIPPOCRYPT_TRY(auto select,
                 database_.prepare("SELECT key, value FROM setting ORDER BY position"));
  std::vector<Setting> began;
  while (true) {
    HIPPOCRYPT_TRY(const bool row, select.step());
    if (!row) break;
    began.push_back({select.text(0).value_or(""), select.text(1).value_or("")});
  }
  return check_same_settings(began, settings);
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
    HIPPOCRYPT_TRY_VOID(run(database_, "INSERT OR REPLACE INTO state VALUES (0, ?, ?)",
                            std::uint64_t{effect.round}, ByteView{effect.strategy_state}));
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
    HIPPOCRYPT_TRY_VOID(run(database_, "INSERT INTO attempt VALUES (0, ?, ?)",
                            std::uint64_t{effect.round}, std::uint64_t{effect.attempt}));
    for (std::size_t i = 0; i < effect.participants.size(); ++i) {
      HIPPOCRYPT_TRY_VOID(run(database_, "INSERT INTO participant VALUES (?, ?)", std::uint64_t{i},
                              std::string_view{effect.participants[i]}));
    }
    return keep_summary(database_, effect.voided);
  });
}

Status RunJournal::keep(const PersistEntry& effect) {
  return run(database_, "INSERT INTO entry (kind, body) VALUES (?, ?)",
             std::uint64_t{effect.entry.kind}, ByteView{effect.entry.body});
}

}  // namespace hippocrypt::federation
