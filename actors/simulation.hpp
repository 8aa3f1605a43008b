#pragma once
// A whole federation in one process: the same actors, frames and files as a real one.

#include <atomic>
#include <filesystem>
#include <functional>
#include <optional>

#include "actors/run_folder.hpp"
#include "base/random.hpp"
#include "federation/common/federation_config.hpp"
#include "federation/common/messages.hpp"
#include "federation/report/metrics_event.hpp"

namespace hippocrypt::actors {

struct SimulationOptions {
  federation::FederationConfig config;
  std::filesystem::path runs = "runs";      ///< a new folder is made under it
  const std::atomic<bool>* stop = nullptr;  ///< set it to end cleanly; outlives the call
  std::function<void(const federation::Progress&)> on_progress;  ///< called on the caller's thread
  /// The folder of a run to go on with, of the same configuration; nothing: a new run.
  std::optional<std::filesystem::path> resume;
  /// Told of the run's folder before anything is drawn; an error ends the run.
  std::function<Status(const std::filesystem::path&)> on_run_folder;
  /// The lines of metrics.jsonl as they are written; on the caller's thread.
  std::function<void(const federation::metrics::Event&)> on_event;
  /// Keys, noise and everything else that is secret; empty: the operating system's.
  RandomFactory random;
  /// For tests of crashes: what the aggregator and each hospital reach, by name. A hospital whose
  /// hook throws is started again from its files if `restart_hospitals` is set.
  std::function<void(const std::string& who, std::string_view point, std::uint64_t round)> on_point;
  bool restart_hospitals = false;
};

using SimulationResult = RunResult;

/// Runs the federation to its end. The run folder holds run.json, metrics.jsonl, global/ (the
/// adapter of the last rounds and of every tenth), aggregator/, hospitals/NAME/ and, at the end,
/// adapter/ in PEFT's layout. Errors: those of loading the model, io, cancelled (everything
/// committed until then is in the run folder), unavailable (no hospital could take part),
/// budget_exhausted (nobody's budget allows a single round), mismatch (`resume`: the run has ended,
/// or began with other settings).
Result<SimulationResult> simulate(const SimulationOptions& options);

}  // namespace hippocrypt::actors
