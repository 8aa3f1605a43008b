#include "base/sqlite/sqlite_file.hpp"

#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <cstring>

#include <fmt/core.h>

#include "base/descriptor.hpp"

namespace hippocrypt {

Status create_sqlite_file(const std::filesystem::path& path,
                          const std::function<Status(SqliteDatabase&)>& fill,
                          const SqliteDatabase::Options& options) {
  std::error_code ignored;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), ignored);
  std::string temporary = path.string() + ".new-XXXXXX";
  const int file = ::mkstemp(temporary.data());
  const auto failed = [&] {
    return Error{Errc::io, fmt::format("{} cannot be created ({}); check that its folder exists "
                                       "and can be written",
                                       path.filename().string(), std::strerror(errno))};
  };
  if (file < 0) return failed();
  ::close(file);
  const auto make = [&]() -> Status {
    HIPPOCRYPT_TRY(auto database, SqliteDatabase::open(temporary, options));
    // The mode is kept in the file; set here, two processes cannot race for it later.
    HIPPOCRYPT_TRY_VOID(database.execute("PRAGMA journal_mode = WAL"));
    HIPPOCRYPT_TRY_VOID(database.execute("PRAGMA synchronous = FULL"));
    HIPPOCRYPT_TRY_VOID(fill(database));
    return database.close();
  };
  Status filled = make();
  // link() instead of rename(): if another process was faster, its file stays.
  const bool is_linked = filled.has_value() && ::link(temporary.c_str(), path.c_str()) == 0;
  const int link_error = errno;
  ::unlink(temporary.c_str());
  HIPPOCRYPT_TRY_VOID(std::move(filled));
  errno = link_error;
  if (!is_linked && link_error != EEXIST) return failed();
  if (!sync_folder(path.has_parent_path() ? path.parent_path() : ".")) return failed();
  return {};
}

}  // namespace hippocrypt
