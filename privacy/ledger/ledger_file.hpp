#pragma once
// The file under a ledger: its schema, how it comes to be, and how an older one is brought up to
// date.

#include <filesystem>
#include <string>

#include "base/result.hpp"
#include "base/sqlite/sqlite.hpp"

namespace hippocrypt::privacy {

/// Makes an empty ledger. Errors: those of create_sqlite_file.
Status create_ledger_file(const std::filesystem::path& path);

/// The tables of an empty ledger, in an empty database. Errors: those of SqliteDatabase::execute.
Status create_ledger_tables(SqliteDatabase& database);

/// Whether the file is a ledger that this version can read; `name` is for messages. Errors:
/// malformed, unsupported (a newer schema).
Status check_ledger_kind(SqliteDatabase& database, const std::string& name);

/// Brings an older schema up to date in one transaction; rows keep their hashes. Errors: those of
/// SqliteDatabase::execute.
Status upgrade_ledger(SqliteDatabase& database);

}  // namespace hippocrypt::privacy
