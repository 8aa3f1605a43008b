#include "privacy/registry/registry_file.hpp"

#include <sys/stat.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <sstream>

#include <fmt/core.h>

#include "base/file.hpp"
#include "base/format_version.hpp"
#include "base/random.hpp"
#include "base/sqlite/sqlite_file.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr std::chrono::seconds patience{10};
constexpr std::int64_t application_id = 0x48505247;  // "HPRG"
constexpr std::int64_t schema_version = 1;
constexpr std::size_t max_marker_bytes = 4096;
constexpr std::string_view marker_start = "hippocrypt account ";
constexpr std::uint64_t marker_version = 1;

constexpr const char* schema = R"sql(
BEGIN IMMEDIATE;
CREATE TABLE meta(only INTEGER PRIMARY KEY CHECK (only = 0), id TEXT NOT NULL,
  key_check BLOB NOT NULL) STRICT;
CREATE TABLE datasets(id INTEGER PRIMARY KEY, hospital TEXT NOT NULL, fingerprint BLOB NOT NULL,
  UNIQUE(hospital, fingerprint)) STRICT;
CREATE TABLE members(tag BLOB NOT NULL, dataset INTEGER NOT NULL, PRIMARY KEY(tag, dataset))
  STRICT, WITHOUT ROWID;
CREATE INDEX members_of ON members(dataset);
CREATE TABLE heads(hospital TEXT PRIMARY KEY, rows INTEGER NOT NULL, hash BLOB NOT NULL) STRICT;
CREATE TABLE imported(hash BLOB PRIMARY KEY) STRICT, WITHOUT ROWID;
PRAGMA application_id = 1213223495;
PRAGMA user_version = 1;
COMMIT;
)sql";
static_assert(application_id == 1213223495);

Error io_error(const std::filesystem::path& path) {
  return {Errc::io, fmt::format("{} cannot be made ({}); check the folder's permissions, or set "
                                "privacy.ledger_home",
                                path.string(), std::strerror(errno))};
}

bool has_ledgers(const std::filesystem::path& home) {
  std::error_code failure;
  std::filesystem::directory_iterator entry{home / "hospitals", failure}, end;
  return !failure && entry != end;
}

Status create(const std::filesystem::path& path, const PatientKey& key) {
  return create_sqlite_file(path, [&](SqliteDatabase& database) -> Status {
    HIPPOCRYPT_TRY_VOID(database.execute(schema));
    HIPPOCRYPT_TRY(auto insert, database.prepare("INSERT INTO meta VALUES (0, ?, ?)"));
    Bytes id(16);
    SystemRandom{}.fill(id);
    insert.bind(std::string_view{to_hex(id)});
    insert.bind(ByteView{key.check_value()});
    HIPPOCRYPT_TRY_VOID(insert.step());
    return {};
  });
}

Status check_kind(SqliteDatabase& database, const std::filesystem::path& path) {
  HIPPOCRYPT_TRY(const std::int64_t kind, database.query_integer("PRAGMA application_id"));
  HIPPOCRYPT_TRY(const std::int64_t version, database.query_integer("PRAGMA user_version"));
  if (kind != application_id || version < 1) {
    return Error{Errc::malformed, fmt::format("{} is not a registry of patients, or was cut short; "
                                              "restore it from a backup",
                                              path.string())};
  }
  return check_version(path.string(), static_cast<std::uint64_t>(version), schema_version);
}

}  // namespace

Result<RegistryFile> RegistryFile::open(const std::filesystem::path& home) {
  const auto path = home / "registry.sqlite";
  std::error_code failure;
  const bool is_there = std::filesystem::exists(path, failure);
  // Looked at again: another process may just have made both, the registry first.
  if (!is_there && has_ledgers(home) && !std::filesystem::exists(path, failure)) {
    return Error{Errc::tampered,
                 fmt::format("{} is missing although there are ledgers beside it: nobody knows "
                             "whose accounts they are; restore it from a backup",
                             path.string())};
  }
  const auto key_path = home / "key";
  if (is_there && !std::filesystem::exists(key_path, failure)) {
    return Error{Errc::tampered, fmt::format("{} is missing: without it no patient is recognised; "
                                             "restore it from a backup",
                                             key_path.string())};
  }
  std::filesystem::create_directories(home, failure);
  if (failure) {
    errno = failure.value();
    return io_error(home);
  }
  if (!is_there && ::chmod(home.c_str(), 0700) != 0) return io_error(home);
  HIPPOCRYPT_TRY(auto key, PatientKey::load_or_create(key_path));
  if (!is_there) HIPPOCRYPT_TRY_VOID(create(path, key));
  HIPPOCRYPT_TRY(auto database, SqliteDatabase::open(path, {.patience = patience}));
  HIPPOCRYPT_TRY_VOID(check_kind(database, path));
  HIPPOCRYPT_TRY_VOID(database.execute("PRAGMA synchronous = FULL"));
  std::string id;
  {
    HIPPOCRYPT_TRY(auto select, database.prepare("SELECT id, key_check FROM meta"));
    HIPPOCRYPT_TRY(const bool has_row, select.step());
    if (!has_row || select.hash(1) != key.check_value()) {
      return Error{Errc::tampered,
                   fmt::format("{} is not the key of the registry beside it; restore both from a "
                               "backup",
                               key_path.string())};
    }
    id = select.text(0).value_or("");
  }
  return RegistryFile{std::move(database), std::move(key), std::move(id)};
}

std::filesystem::path NotesMarker::file_of(const std::filesystem::path& notes) {
  return notes.string() + ".account";
}

Result<std::optional<NotesMarker>> NotesMarker::read(const std::filesystem::path& notes) {
  const auto path = file_of(notes);
  std::error_code ignored;
  if (!std::filesystem::exists(path, ignored)) return std::optional<NotesMarker>{};
  HIPPOCRYPT_TRY(const std::string text, read_text_file(path, max_marker_bytes));
  std::istringstream lines{text};
  std::string head, registry, hospital;
  std::getline(lines, head);
  std::getline(lines, registry);
  std::getline(lines, hospital);
  constexpr std::string_view registry_word = "registry ", hospital_word = "hospital ";
  const auto version = version_in_line(head, marker_start);
  if (!version || !registry.starts_with(registry_word) || !hospital.starts_with(hospital_word)) {
    return Error{Errc::malformed,
                 fmt::format("{} does not say on which account these notes are; restore it from a "
                             "backup",
                             path.string())};
  }
  HIPPOCRYPT_TRY_VOID(check_version(path.string(), *version, marker_version));
  return std::optional{
      NotesMarker{registry.substr(registry_word.size()), hospital.substr(hospital_word.size())}};
}

Status NotesMarker::write(const std::filesystem::path& notes) const {
  const std::string text = fmt::format("{}{}\nregistry {}\nhospital {}\n", marker_start,
                                       marker_version, registry, hospital);
  return write_file_atomically(file_of(notes), as_bytes(text));
}

}  // namespace hippocrypt::privacy
