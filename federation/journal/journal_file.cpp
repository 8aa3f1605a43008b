#include "federation/journal/journal_file.hpp"

#include "base/format_version.hpp"
#include "base/sqlite/sqlite_file.hpp"

namespace hippocrypt::federation {
namespace {

Status fill(SqliteDatabase& database, const JournalFormat& format,
            const std::vector<Setting>& settings) {
  HIPPOCRYPT_TRY_VOID(
      database.execute("CREATE TABLE setting (position INTEGER PRIMARY KEY, key TEXT NOT NULL, "
                       "value TEXT NOT NULL)"));
  HIPPOCRYPT_TRY_VOID(database.execute(format.schema));
  HIPPOCRYPT_TRY_VOID(
      database.execute(("PRAGMA user_version = " + std::to_string(format.version)).c_str()));
  for (std::size_t i = 0; i < settings.size(); ++i) {
    HIPPOCRYPT_TRY_VOID(database.run("INSERT INTO setting VALUES (?, ?, ?)", std::uint64_t{i},
                                     std::string_view{settings[i].key},
                                     std::string_view{settings[i].value}));
  }
  return {};
}

Status check_settings(SqliteDatabase& database, const std::vector<Setting>& settings) {
  HIPPOCRYPT_TRY(auto select, database.prepare("SELECT key, value FROM setting ORDER BY position"));
  std::vector<Setting> began;
  while (true) {
    HIPPOCRYPT_TRY(const bool row, select.step());
    if (!row) break;
    began.push_back({select.text(0).value_or(""), select.text(1).value_or("")});
  }
  return check_same_settings(began, settings);
}

}  // namespace

Result<SqliteDatabase> open_journal(const std::filesystem::path& path, const JournalFormat& format,
                                    const std::vector<Setting>& settings) {
  const SqliteDatabase::Options options{.largest_value_bytes = format.largest_bytes,
                                        .kind = format.kind};
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) {
    const auto fill_all = [&](SqliteDatabase& database) {
      return database.in_transaction([&] { return fill(database, format, settings); });
    };
    HIPPOCRYPT_TRY_VOID(create_sqlite_file(path, fill_all, options));
  }
  HIPPOCRYPT_TRY(auto database, SqliteDatabase::open(path, options));
  HIPPOCRYPT_TRY_VOID(database.execute("PRAGMA synchronous = FULL"));
  HIPPOCRYPT_TRY(const auto version, database.query_integer("PRAGMA user_version"));
  HIPPOCRYPT_TRY_VOID(check_version(path.string(), static_cast<std::uint64_t>(version),
                                    static_cast<std::uint64_t>(format.version)));
  HIPPOCRYPT_TRY_VOID(check_settings(database, settings));
  return database;
}

}  // namespace hippocrypt::federation
