#include "base/sqlite/sqlite.hpp"

#include <sqlite3.h>

#include <algorithm>

#include <fmt/core.h>

#include "base/check.hpp"

namespace hippocrypt {
namespace {

Error error_of(sqlite3* database, int status, const std::string& name, const char* kind) {
  const char* reason = database != nullptr ? sqlite3_errmsg(database) : sqlite3_errstr(status);
  switch (status & 0xff) {
    case SQLITE_BUSY:
    case SQLITE_LOCKED:
      return {Errc::unavailable, fmt::format("{} is in use by another process ({}); try again when "
                                             "it is done",
                                             name, reason)};
    case SQLITE_ERROR:
    case SQLITE_CORRUPT:
    case SQLITE_NOTADB:
    case SQLITE_TOOBIG:
      return {Errc::malformed, fmt::format("{} is not a {} or is damaged ({}); restore it from a "
                                           "backup",
                                           name, kind, reason)};
    default:
      return {Errc::io, fmt::format("{} cannot be read or written ({}); check the disk and the "
                                    "file's permissions",
                                    name, reason)};
  }
}

}  // namespace

void SqliteStatement::Finalize::operator()(sqlite3_stmt* statement) const {
  sqlite3_finalize(statement);
}

SqliteStatement::SqliteStatement(sqlite3_stmt* statement, sqlite3* database, std::string name,
                                 const char* kind)
    : statement_{statement}, database_{database}, name_{std::move(name)}, kind_{kind} {}

void SqliteStatement::bind(std::uint64_t value) { bind(static_cast<std::int64_t>(value)); }

void SqliteStatement::bind(std::int64_t value) {
  bind_status_ |= sqlite3_bind_int64(statement_.get(), ++bound_, value);
}

void SqliteStatement::bind(double value) {
  bind_status_ |= sqlite3_bind_double(statement_.get(), ++bound_, value);
}

void SqliteStatement::bind(std::string_view text) {
  // A null pointer would bind NULL instead of an empty text.
  bind_status_ |= sqlite3_bind_text(statement_.get(), ++bound_, text.empty() ? "" : text.data(),
                                    static_cast<int>(text.size()), SQLITE_TRANSIENT);
}

void SqliteStatement::bind(ByteView blob) {
  bind_status_ |= sqlite3_bind_blob(statement_.get(), ++bound_, blob.data(),
                                    static_cast<int>(blob.size()), SQLITE_TRANSIENT);
}

Result<bool> SqliteStatement::step() {
  HIPPOCRYPT_CHECK(bind_status_ == SQLITE_OK, "a parameter of a statement was not bound");
  const int status = sqlite3_step(statement_.get());
  if (status == SQLITE_ROW) return true;
  if (status == SQLITE_DONE) return false;
  return error_of(database_, status, name_, kind_);
}

std::optional<std::int64_t> SqliteStatement::integer(int column) const {
  if (sqlite3_column_type(statement_.get(), column) != SQLITE_INTEGER) return std::nullopt;
  return sqlite3_column_int64(statement_.get(), column);
}

std::optional<double> SqliteStatement::real(int column) const {
  if (sqlite3_column_type(statement_.get(), column) != SQLITE_FLOAT) return std::nullopt;
  return sqlite3_column_double(statement_.get(), column);
}

std::optional<std::string> SqliteStatement::text(int column) const {
  if (sqlite3_column_type(statement_.get(), column) != SQLITE_TEXT) return std::nullopt;
  const unsigned char* data = sqlite3_column_text(statement_.get(), column);
  const int size = sqlite3_column_bytes(statement_.get(), column);
  if (data == nullptr) return std::nullopt;
  return std::string{reinterpret_cast<const char*>(data), static_cast<std::size_t>(size)};
}

std::optional<Bytes> SqliteStatement::blob(int column) const {
  if (sqlite3_column_type(statement_.get(), column) != SQLITE_BLOB) return std::nullopt;
  const auto* data =
      static_cast<const std::uint8_t*>(sqlite3_column_blob(statement_.get(), column));
  const int size = sqlite3_column_bytes(statement_.get(), column);
  if (data == nullptr) return Bytes{};
  return Bytes(data, data + size);
}

std::optional<Hash256> SqliteStatement::hash(int column) const {
  const auto bytes = blob(column);
  Hash256 hash{};
  if (!bytes || bytes->size() != hash.size()) return std::nullopt;
  std::copy(bytes->begin(), bytes->end(), hash.begin());
  return hash;
}

void SqliteDatabase::Close::operator()(sqlite3* database) const { sqlite3_close_v2(database); }

SqliteDatabase::SqliteDatabase(sqlite3* database, std::string name, const char* kind)
    : database_{database}, name_{std::move(name)}, kind_{kind} {}

Result<SqliteDatabase> SqliteDatabase::open(const std::filesystem::path& path,
                                            const Options& options) {
  constexpr int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_FULLMUTEX | SQLITE_OPEN_EXRESCODE;
  sqlite3* raw = nullptr;
  const int status = sqlite3_open_v2(path.c_str(), &raw, flags, nullptr);
  SqliteDatabase database{raw, path.filename().string(), options.kind};
  if (status != SQLITE_OK) return error_of(raw, status, database.name_, options.kind);
  sqlite3_busy_timeout(raw, static_cast<int>(options.patience.count()));
  sqlite3_limit(raw, SQLITE_LIMIT_LENGTH, static_cast<int>(options.largest_value_bytes));
  // A file from outside must not be able to run functions or virtual tables through its schema.
  sqlite3_db_config(raw, SQLITE_DBCONFIG_TRUSTED_SCHEMA, 0, nullptr);
  sqlite3_db_config(raw, SQLITE_DBCONFIG_DEFENSIVE, 1, nullptr);
  // Negative: KiB instead of pages. It reads nothing, so that a file that is no database is found
  // by whoever reads it.
  const std::string cache = fmt::format("PRAGMA cache_size = -{}", options.cache_kib);
  HIPPOCRYPT_TRY_VOID(database.execute(cache.c_str()));
  return database;
}

Status SqliteDatabase::execute(const char* sql) {
  const int status = sqlite3_exec(database_.get(), sql, nullptr, nullptr, nullptr);
  if (status != SQLITE_OK) return error_of(database_.get(), status, name_, kind_);
  return {};
}

Status SqliteDatabase::in_transaction(const std::function<Status()>& body) {
  HIPPOCRYPT_TRY_VOID(execute("BEGIN IMMEDIATE"));
  Status done = body();
  if (done.has_value()) done = execute("COMMIT");
  // Fails when the database has rolled back by itself, which is as good.
  if (!done.has_value()) static_cast<void>(execute("ROLLBACK"));
  return done;
}

Result<SqliteStatement> SqliteDatabase::prepare(const char* sql) {
  sqlite3_stmt* statement = nullptr;
  const int status = sqlite3_prepare_v2(database_.get(), sql, -1, &statement, nullptr);
  if (status != SQLITE_OK) return error_of(database_.get(), status, name_, kind_);
  return SqliteStatement{statement, database_.get(), name_, kind_};
}

Result<std::int64_t> SqliteDatabase::query_integer(const char* sql) {
  HIPPOCRYPT_TRY(auto statement, prepare(sql));
  HIPPOCRYPT_TRY(const bool has_row, statement.step());
  const std::optional<std::int64_t> value = has_row ? statement.integer(0) : std::nullopt;
  if (!value) return error_of(nullptr, SQLITE_CORRUPT, name_, kind_);
  return *value;
}

Result<std::string> SqliteDatabase::query_text(const char* sql) {
  HIPPOCRYPT_TRY(auto statement, prepare(sql));
  HIPPOCRYPT_TRY(const bool has_row, statement.step());
  const std::optional<std::string> value = has_row ? statement.text(0) : std::nullopt;
  if (!value) return error_of(nullptr, SQLITE_CORRUPT, name_, kind_);
  return *value;
}

Status SqliteDatabase::close() {
  sqlite3* raw = database_.release();
  const int status = sqlite3_close_v2(raw);
  if (status != SQLITE_OK) return error_of(nullptr, status, name_, kind_);
  return {};
}

}  // namespace hippocrypt
