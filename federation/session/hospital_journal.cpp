#include "federation/session/hospital_journal.hpp"

#include "base/sqlite/sqlite_file.hpp"

namespace hippocrypt::federation {
namespace {

constexpr std::int64_t journal_version = 1;
const SqliteDatabase::Options options{.largest_value_bytes = std::size_t{64} << 20,
                                      .kind = "hospital's journal"};

constexpr const char* schema =
    "CREATE TABLE setting (position INTEGER PRIMARY KEY, key TEXT NOT NULL, value TEXT NOT NULL);"
    "CREATE TABLE attempt (round INTEGER NOT NULL, attempt INTEGER NOT NULL, over INTEGER NOT NULL,"
    " unmasked INTEGER NOT NULL, PRIMARY KEY (round, attempt));"
    "CREATE TABLE message (kind INTEGER PRIMARY KEY, body BLOB NOT NULL);";

/// A statement that returns nothing of interest.
Status run(SqliteStatement& statement) {
  const auto row = statement.step();
  if (!row) return row.error();
  return {};
}

Status fill(SqliteDatabase& database, const std::vector<Setting>& settings) {
  HIPPOCRYPT_TRY_VOID(database.execute(schema));
  HIPPOCRYPT_TRY_VOID(
      database.execute(("PRAGMA user_version = " + std::to_string(journal_version)).c_str()));
  for (std::size_t i = 0; i < settings.size(); ++i) {
    HIPPOCRYPT_TRY(auto insert, database.prepare("INSERT INTO setting VALUES (?, ?, ?)"));
    insert.bind(std::uint64_t{i});
    insert.bind(std::string_view{settings[i].key});
    insert.bind(std::string_view{settings[i].value});
    HIPPOCRYPT_TRY_VOID(run(insert));
  }
  return {};
}

std::string name_of(AttemptId id) {
  return "round " + std::to_string(id.round) + ", attempt " + std::to_string(id.attempt);
}

}  // namespace

Result<HospitalJournal> HospitalJournal::open(const std::filesystem::path& folder,
                                              const std::vector<Setting>& settings) {
  const auto path = folder / "journal.sqlite";
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    std::filesystem::create_directories(folder, ignored);
    HIPPOCRYPT_TRY_VOID(create_sqlite_file(
        path,
        [&](SqliteDatabase& database) {
          return database.in_transaction([&] { return fill(database, settings); });
        },
        options));
  }
  HIPPOCRYPT_TRY(auto database, SqliteDatabase::open(path, options));
  HIPPOCRYPT_TRY_VOID(database.execute("PRAGMA synchronous = FULL"));
  HospitalJournal journal{std::move(database)};
  HIPPOCRYPT_TRY(const auto version, journal.database_.query_integer("PRAGMA user_version"));
  if (version != journal_version) {
    return Error{Errc::unsupported, path.string() + ": version " + std::to_string(version) +
                                        "; this program reads " + std::to_string(journal_version)};
  }
  HIPPOCRYPT_TRY_VOID(journal.check_settings(settings));
  HIPPOCRYPT_TRY_VOID(journal.read_newest());
  return journal;
}

Status HospitalJournal::check_settings(const std::vector<Setting>& settings) {
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

Status HospitalJournal::read_newest() {
  HIPPOCRYPT_TRY(auto select, database_.prepare("SELECT round, attempt, over FROM attempt "
                                                "ORDER BY round DESC, attempt DESC LIMIT 1"));
  HIPPOCRYPT_TRY(const bool row, select.step());
  if (!row) return {};
  newest_ = AttemptId{static_cast<std::uint32_t>(select.integer(0).value_or(0)),
                      static_cast<std::uint32_t>(select.integer(1).value_or(0))};
  newest_over_ = select.integer(2).value_or(1) != 0;
  return {};
}

Status HospitalJournal::begin(AttemptId id) {
  if (newest_ && id <= *newest_) {
    return Error{Errc::stale, name_of(id) + " comes after " + name_of(*newest_)};
  }
  const auto write = [&]() -> Status {
    HIPPOCRYPT_TRY_VOID(database_.execute("DELETE FROM message"));
    // Of earlier rounds nothing can be unmasked any more.
    HIPPOCRYPT_TRY(auto forget, database_.prepare("DELETE FROM attempt WHERE round < ?"));
    forget.bind(std::uint64_t{id.round});
    HIPPOCRYPT_TRY_VOID(run(forget));
    HIPPOCRYPT_TRY(auto insert, database_.prepare("INSERT INTO attempt VALUES (?, ?, 0, 0)"));
    insert.bind(std::uint64_t{id.round});
    insert.bind(std::uint64_t{id.attempt});
    return run(insert);
  };
  HIPPOCRYPT_TRY_VOID(database_.in_transaction(write));
  newest_ = id;
  newest_over_ = false;
  return {};
}

Status HospitalJournal::end(AttemptId id) {
  if (!newest_ || id != *newest_ || newest_over_) return {};
  HIPPOCRYPT_TRY(auto update,
                 database_.prepare("UPDATE attempt SET over = 1 WHERE round = ? AND attempt = ?"));
  update.bind(std::uint64_t{id.round});
  update.bind(std::uint64_t{id.attempt});
  HIPPOCRYPT_TRY_VOID(run(update));
  newest_over_ = true;
  return {};
}

Status HospitalJournal::insert(const RoundMessage& message) {
  const AttemptId id{message.round, message.attempt};
  if (!newest_ || id != *newest_ || newest_over_) {
    return Error{Errc::stale, name_of(id) + " is not under way"};
  }
  HIPPOCRYPT_TRY(auto insert, database_.prepare("INSERT OR REPLACE INTO message VALUES (?, ?)"));
  insert.bind(static_cast<std::uint64_t>(message.kind));
  insert.bind(ByteView{message.body});
  return run(insert);
}

Status HospitalJournal::keep(const RoundMessage& message) { return insert(message); }

Status HospitalJournal::keep_unmasking(const RoundMessage& message) {
  return database_.in_transaction([&]() -> Status {
    HIPPOCRYPT_TRY(auto others,
                   database_.prepare("SELECT attempt FROM attempt "
                                     "WHERE round = ? AND attempt <> ? AND unmasked = 1"));
    others.bind(std::uint64_t{message.round});
    others.bind(std::uint64_t{message.attempt});
    HIPPOCRYPT_TRY(const bool is_second, others.step());
    if (is_second) {
      return Error{Errc::mismatch,
                   "attempt " + std::to_string(others.integer(0).value_or(0)) + " of round " +
                       std::to_string(message.round) +
                       " was unmasked; a second unmasking would show the difference"};
    }
    HIPPOCRYPT_TRY_VOID(insert(message));
    HIPPOCRYPT_TRY(auto update, database_.prepare("UPDATE attempt SET unmasked = 1 "
                                                  "WHERE round = ? AND attempt = ?"));
    update.bind(std::uint64_t{message.round});
    update.bind(std::uint64_t{message.attempt});
    return run(update);
  });
}

Result<std::vector<RoundMessage>> HospitalJournal::messages() {
  std::vector<RoundMessage> out;
  if (!newest_) return out;
  HIPPOCRYPT_TRY(auto select, database_.prepare("SELECT kind, body FROM message ORDER BY kind"));
  while (true) {
    HIPPOCRYPT_TRY(const bool row, select.step());
    if (!row) return out;
    RoundMessage message;
    message.round = newest_->round;
    message.attempt = newest_->attempt;
    message.kind = static_cast<RoundMessageKind>(select.integer(0).value_or(0));
    message.body = select.blob(1).value_or(Bytes{});
    out.push_back(std::move(message));
  }
}

}  // namespace hippocrypt::federation
