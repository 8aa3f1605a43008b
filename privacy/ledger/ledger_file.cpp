#include "privacy/ledger/ledger_file.hpp"

#include <cstdint>

#include <fmt/core.h>

#include "base/format_version.hpp"
#include "base/sqlite/sqlite_file.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr std::int64_t application_id = 0x48504c47;  // "HPLG"
constexpr std::int64_t schema_version = 2;

// One row of `head` names the last row of `entries`, so that rows cut from the end are missed. The
// triggers stop mistakes, not attackers.
constexpr const char* schema = R"sql(
BEGIN IMMEDIATE;
CREATE TABLE entries(
  id INTEGER PRIMARY KEY, run TEXT NOT NULL, hospital TEXT NOT NULL, round INTEGER NOT NULL,
  dataset BLOB NOT NULL, unit TEXT NOT NULL, relation TEXT NOT NULL, mechanism TEXT NOT NULL,
  sampler TEXT NOT NULL, sampling_rate REAL NOT NULL, noise_multiplier REAL NOT NULL,
  clip REAL NOT NULL, steps INTEGER NOT NULL, delta REAL NOT NULL,
  overflow_probability REAL NOT NULL, noise_source TEXT NOT NULL, unix_time_s INTEGER NOT NULL,
  software_version TEXT NOT NULL, previous BLOB NOT NULL, hash BLOB NOT NULL,
  version INTEGER NOT NULL DEFAULT 1, clipping TEXT NOT NULL DEFAULT 'flat',
  noise TEXT NOT NULL DEFAULT 'gaussian_doubles') STRICT;
CREATE TABLE head(only INTEGER PRIMARY KEY CHECK (only = 0), rows INTEGER NOT NULL,
  hash BLOB NOT NULL) STRICT;
INSERT INTO head VALUES (0, 0, zeroblob(32));
CREATE TRIGGER entries_never_change BEFORE UPDATE ON entries
  BEGIN SELECT RAISE(ABORT, 'the privacy ledger is append-only'); END;
CREATE TRIGGER entries_never_go BEFORE DELETE ON entries
  BEGIN SELECT RAISE(ABORT, 'the privacy ledger is append-only'); END;
PRAGMA application_id = 1213221959;
PRAGMA user_version = 2;
COMMIT;
)sql";
static_assert(application_id == 1213221959);

// Schema 1 had no columns for clipping and noise. Its rows keep their hashes: `version` says that
// these do not cover the new columns, which must then hold the defaults.
constexpr const char* from_schema_1 = R"sql(
ALTER TABLE entries ADD COLUMN version INTEGER NOT NULL DEFAULT 1;
ALTER TABLE entries ADD COLUMN clipping TEXT NOT NULL DEFAULT 'flat';
ALTER TABLE entries ADD COLUMN noise TEXT NOT NULL DEFAULT 'gaussian_doubles';
PRAGMA user_version = 2;
)sql";

}  // namespace

Status create_ledger_tables(SqliteDatabase& database) { return database.execute(schema); }

Status create_ledger_file(const std::filesystem::path& path) {
  return create_sqlite_file(path, create_ledger_tables);
}

Status check_ledger_kind(SqliteDatabase& database, const std::string& name) {
  HIPPOCRYPT_TRY(const std::int64_t kind, database.query_integer("PRAGMA application_id"));
  HIPPOCRYPT_TRY(const std::int64_t version, database.query_integer("PRAGMA user_version"));
  if (kind != application_id || version < 1) {
    return Error{Errc::malformed,
                 fmt::format("{} is not a privacy ledger, or was cut short; restore the ledger "
                             "from a backup",
                             name)};
  }
  return check_version(name, static_cast<std::uint64_t>(version), {1, schema_version});
}

Status upgrade_ledger(SqliteDatabase& database) {
  HIPPOCRYPT_TRY(const std::int64_t before, database.query_integer("PRAGMA user_version"));
  if (before == schema_version) return {};
  return database.in_transaction([&]() -> Status {
    // Another process may have been faster.
    HIPPOCRYPT_TRY(const std::int64_t now, database.query_integer("PRAGMA user_version"));
    return now == 1 ? database.execute(from_schema_1) : Status{};
  });
}

}  // namespace hippocrypt::privacy
