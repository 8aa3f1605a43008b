#pragma once
// How a database file comes to be.

#include <filesystem>
#include <functional>

#include "base/result.hpp"
#include "base/sqlite/sqlite.hpp"

namespace hippocrypt {

/// Makes a database (WAL, synchronous=FULL) under another name, lets `fill` write into it, and
/// moves it into place, so that a crash leaves none or a whole one; a half-made file could not be
/// told from a truncated one. One that another process made meanwhile stays. Errors: io, those of
/// `fill`.
Status create_sqlite_file(const std::filesystem::path& path,
                          const std::function<Status(SqliteDatabase&)>& fill,
                          const SqliteDatabase::Options& options = {});

}  // namespace hippocrypt
