#pragma once
// The few operations of SQLite that ledgers and journals need, with errors as values.

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "base/sha256.hpp"

struct sqlite3;
struct sqlite3_stmt;

namespace hippocrypt {

/// A prepared statement. Lives shorter than its Database.
class SqliteStatement {
 public:
  /// Binds the next parameter, from the first one on.
  void bind(std::uint64_t value);
  void bind(std::int64_t value);
  void bind(double value);
  void bind(std::string_view text);
  void bind(ByteView blob);

  /// True while there is a row. Errors: see SqliteDatabase.
  Result<bool> step();

  /// Columns of the present row from 0; none where the stored type is another one.
  std::optional<std::int64_t> integer(int column) const;
  std::optional<double> real(int column) const;
  std::optional<std::string> text(int column) const;
  std::optional<Bytes> blob(int column) const;
  std::optional<Hash256> hash(int column) const;  ///< a blob of its size

 private:
  friend class SqliteDatabase;
  struct Finalize {
    void operator()(sqlite3_stmt* statement) const;
  };
  SqliteStatement(sqlite3_stmt* statement, sqlite3* database, std::string name, const char* kind);

  std::unique_ptr<sqlite3_stmt, Finalize> statement_;
  sqlite3* database_;
  std::string name_;
  const char* kind_;
  int bound_ = 0;
  int bind_status_ = 0;
};

/// A connection to a file that exists. Errors of all its operations: unavailable (locked for longer
/// than the timeout), malformed (not a database, damaged, or without the tables asked for), io (all
/// else).
class SqliteDatabase {
 public:
  struct Options {
    /// How long an operation waits for other processes before it is unavailable.
    std::chrono::milliseconds patience{10'000};
    /// No value is larger, so a damaged length cannot make SQLite hand out (or us copy) more.
    std::size_t largest_value_bytes = std::size_t{1} << 16;
    /// KiB of pages kept in memory: a simulation has hundreds of databases open, and SQLite would
    /// take 2 MiB for each.
    int cache_kib = 256;
    const char* kind = "ledger";  ///< what the file is called in messages
  };
  static Result<SqliteDatabase> open(const std::filesystem::path& path, const Options& options);

  /// Runs statements that return nothing of interest.
  Status execute(const char* sql);
  /// Runs `body` in one write transaction, which is rolled back if it or the commit fails. Errors:
  /// those of `body` too.
  Status in_transaction(const std::function<Status()>& body);
  Result<SqliteStatement> prepare(const char* sql);
  /// One statement that returns nothing of interest, with its parameters.
  template <class... Parameters>
  Status run(const char* sql, const Parameters&... parameters) {
    HIPPOCRYPT_TRY(auto statement, prepare(sql));
    (statement.bind(parameters), ...);
    HIPPOCRYPT_TRY_VOID(statement.step());
    return {};
  }
  /// The first column of the first row. Errors: malformed too where there is none of this type.
  Result<std::int64_t> query_integer(const char* sql);
  Result<std::string> query_text(const char* sql);
  /// Closes now, and says whether that went well. Errors: io.
  Status close();

 private:
  struct Close {
    void operator()(sqlite3* database) const;
  };
  SqliteDatabase(sqlite3* database, std::string name, const char* kind);

  std::unique_ptr<sqlite3, Close> database_;
  std::string name_;
  const char* kind_;
};

}  // namespace hippocrypt
