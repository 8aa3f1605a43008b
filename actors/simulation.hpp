#pragma once
// A whole federation in one process: the same actors, frames and files as a real one.

#include <atomic>
#include <filesystem>
#include <functional>

#include "base/random.hpp"
#include "federation/common/federation_config.hpp"
#include "federation/common/messages.hpp"
#include "federation/common/run_record.hpp"

namespace hippocrypt::actors {

struct SimulationOptions {
  federation::FederationConfig config;
  std::filesystem::path runs = "runs";      ///< a new folder is made under it
  const std::atomic<bool>* stop = nullptr;  ///< set it to end cleanly; outlives the call
  std::function<void(const federation::Progress&)> on_progress;  ///< called on the caller's thread
  /// Keys, noise and everything else that is secret; empty: the operating system's.
  RandomFactory random;
};

struct SimulationResult {
  std::filesystem::path run_folder;
  federation::RunRecord record;
};

/// Runs the federation to its end. The run folder holds run.json, metrics.jsonl, global/ (the
/// adapter of every round), hospitals/NAME/ and, at the end, adapter/ in PEFT's layout. Errors:
/// those of loading the model, io, cancelled (everything committed until then is in the run
/// folder), unavailable (no hospital could take part),
/// budget_exhausted (nobody's budget allows a single round).
Result<SimulationResult> simulate(const SimulationOptions& options);

}  // namespace hippocrypt::actors
