#pragma once
// The database of a ledger home and the marker beside the notes.

#include <filesystem>
#include <optional>
#include <string>

#include "base/result.hpp"
#include "base/sha256.hpp"
#include "base/sqlite/sqlite.hpp"
#include "privacy/registry/patient_key.hpp"

namespace hippocrypt::privacy {

/// The home, open: made if neither it nor any ledger in it is there.
struct RegistryFile {
  SqliteDatabase database;
  PatientKey key;
  std::string id;  ///< hex; of this registry and no other

  /// Errors: io, malformed, unsupported (another version), unavailable, tampered (ledgers without
  /// their registry, a registry without its key).
  static Result<RegistryFile> open(const std::filesystem::path& home);
};

/// Says beside the notes on whose account they are.
struct NotesMarker {
  std::string registry;  ///< RegistryFile::id
  std::string hospital;

  /// Nothing where there is none. Errors: io, malformed, unsupported (another version).
  static Result<std::optional<NotesMarker>> read(const std::filesystem::path& notes);
  /// Errors: io, as in a folder that is read-only.
  Status write(const std::filesystem::path& notes) const;
  static std::filesystem::path file_of(const std::filesystem::path& notes);
};

}  // namespace hippocrypt::privacy
