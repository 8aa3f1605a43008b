#pragma once
// What the aggregator must not forget of a run, beside the global vectors in their files: SQLite
// (WAL, synchronous=FULL).

#include <filesystem>
#include <optional>

#include "base/sqlite/sqlite.hpp"
#include "federation/aggregator/round_coordinator.hpp"
#include "federation/aggregator/run_store.hpp"
#include "federation/common/run_settings.hpp"

namespace hippocrypt::federation {

/// Every keep() is durable when it returns. Errors of all operations: those of base/sqlite and of
/// RunStore.
class RunJournal {
 public:
  /// The one in `run_folder`, made there if there is none. Errors also: mismatch, naming the first
  /// of `settings` that is not as it was when the run began; unsupported (a newer version).
  static Result<RunJournal> open(const std::filesystem::path& run_folder,
                                 const std::vector<Setting>& settings);

  /// Where the run stands; nothing before its start was kept. Errors also: malformed.
  Result<std::optional<SavedRun>> load();

  /// The vector first, in its file. Of old rounds' vectors every tenth is kept.
  Status keep(const PersistGlobal& effect);
  Status keep(const PersistAttempt& effect);
  Status keep(const PersistEntry& effect);

 private:
  RunJournal(SqliteDatabase database, RunStore store)
      : database_{std::move(database)}, store_{std::move(store)} {}

  SqliteDatabase database_;
  RunStore store_;
};

}  // namespace hippocrypt::federation
