#pragma once
// The folder that a run leaves, whoever keeps it: a simulation, an aggregator, or a hospital of a
// real federation for itself.

#include <filesystem>
#include <memory>
#include <optional>
#include <vector>

#include "base/file_lock.hpp"
#include "federation/aggregator/run_journal.hpp"
#include "federation/common/run_record.hpp"
#include "model/lora_adapter.hpp"

namespace hippocrypt::actors {

struct RunResult {
  std::filesystem::path run_folder;
  federation::RunRecord record;
};

/// A run under way: nobody else holds it meanwhile.
struct OpenRun {
  FileLock claim;
  RunResult result;
  std::shared_ptr<federation::RunJournal> journal;
};

/// A new run under `runs`, or the one to go on with, which must have begun with these settings;
/// where it is refused nothing of it has changed. Errors: those of create_run_folder,
/// load_run_record, claim_run and RunJournal::open; mismatch (it has ended).
Result<OpenRun> open_run(const federation::FederationConfig& config,
                         const std::vector<federation::Setting>& settings,
                         const std::filesystem::path& runs,
                         const std::optional<std::filesystem::path>& resume);

/// The last values of a run that started from `start`, in PEFT's layout. Errors: those of
/// save_lora_adapter.
Status write_adapter(const federation::FederationConfig& config, model::LoraAdapter start,
                     const std::vector<float>& values, const std::filesystem::path& folder);

}  // namespace hippocrypt::actors
