#pragma once
// What the journals of hospitals and of the aggregator have in common: one SQLite file, a version,
// and the settings that the run began with.

#include <filesystem>
#include <vector>

#include "base/sqlite/sqlite.hpp"
#include "federation/common/run_settings.hpp"

namespace hippocrypt::federation {

struct JournalFormat {
  const char* kind;           ///< what the file is called in messages
  std::int64_t version;       ///< of the tables
  const char* schema;         ///< statements that make them; the table `setting` is made here
  std::size_t largest_bytes;  ///< of one value
};

/// The journal at `path`, whole and durable (WAL, synchronous=FULL); made there with its folder if
/// there is none. Errors: those of SqliteDatabase; unsupported (another version); mismatch, naming
/// the first of `settings` that is not as it was when the journal was made.
Result<SqliteDatabase> open_journal(const std::filesystem::path& path, const JournalFormat& format,
                                    const std::vector<Setting>& settings);

}  // namespace hippocrypt::federation
