#pragma once
// The aggregator of a real federation: one run, from its first hospital to the last.

#include <atomic>
#include <chrono>
#include <functional>
#include <optional>

#include "actors/run_folder.hpp"
#include "federation/common/crash_point.hpp"
#include "federation/common/messages.hpp"
#include "federation/report/metrics_event.hpp"
#include "net/link/endpoints.hpp"

namespace hippocrypt::actors {

struct AggregatorProcessOptions {
  federation::FederationConfig config;
  net::ListenerOptions listen;          ///< who may come in is decided here
  std::filesystem::path certificates;   ///< folder of the hospitals'
  std::filesystem::path runs = "runs";  ///< a new folder is made under it
  /// The folder of a run to go on with, of the same configuration; nothing: a new run.
  std::optional<std::filesystem::path> resume;
  const std::atomic<bool>* stop = nullptr;  ///< set it to end cleanly; outlives the call
  std::atomic<bool>* reload = nullptr;      ///< set it to read certificates and lists again
  /// How long hospitals that are away may take, after the last round, to fetch the final adapter.
  std::chrono::seconds farewell{300};
  /// All of these are called on the caller's thread.
  std::function<void(const federation::Progress&)> on_progress;
  std::function<void(const federation::metrics::Event&)> on_event;  ///< lines of metrics.jsonl
  std::function<Status(const std::filesystem::path&)> on_run_folder;
  std::function<void(std::uint16_t port)> on_listening;
  federation::CrashHook on_point;
};

/// Holds the run to its end. The run folder is as a simulation's, but for the hospitals' losses and
/// ledgers, which stay with them. Errors: those of load_members, of the model's shape, of
/// net::Listener and of open_run; cancelled (stopped: every hospital was told, everything committed
/// is in the run folder), unavailable (the run cannot go on).
Result<RunResult> run_aggregator(const AggregatorProcessOptions& options);

}  // namespace hippocrypt::actors
