#pragma once
// A hospital of a real federation: reaches out to the aggregator, takes part in its run, and goes
// on after its own process, the connection or the aggregator was gone.

#include <atomic>
#include <functional>

#include "actors/gateways/server_connections.hpp"
#include "actors/run_folder.hpp"
#include "base/random.hpp"
#include "federation/client/local_site.hpp"
#include "federation/common/crash_point.hpp"
#include "federation/common/messages.hpp"
#include "federation/report/metrics_event.hpp"
#include "net/link/endpoints.hpp"
#include "protocol/client/server_setup.hpp"

namespace hippocrypt::actors {

struct HospitalProcessOptions {
  federation::FederationConfig config;  ///< with this hospital's notes and budget
  std::size_t index = 0;                ///< which of config.hospitals
  net::ConnectorOptions aggregator;
  std::vector<ServerConnections::Server> servers;  ///< needed with an encrypted oracle only
  /// Where hints come from and go to; needed with an encrypted oracle.
  std::shared_ptr<protocol::HintKeeper> hints;
  std::filesystem::path folder;       ///< of the hospital's state; each run has a folder in it
  std::filesystem::path signing_key;  ///< the one whose public part is in its certificate
  bool report_budget = false;         ///< to the aggregator, signed, at the end
  const std::atomic<bool>* stop = nullptr;  ///< set it to end cleanly; outlives the call
  std::atomic<bool>* reload = nullptr;      ///< set it to read certificate and key again
  /// Lots must be drawn so that nobody can predict them; only tests say otherwise.
  federation::LotSource lots = federation::LotSource::secret;
  RandomFactory random;  ///< keys, noise and lots; empty: the operating system's
  /// All of these are called on the caller's thread.
  std::function<void(const federation::Progress&)> on_progress;
  std::function<void(const federation::metrics::Event&)> on_event;  ///< lines of metrics.jsonl
  std::function<Status(const std::filesystem::path&)> on_run_folder;
  federation::CrashHook on_point;
};

/// Takes part until the run is over. The folder of the run, folder/RUN, is laid out as a
/// simulation's with this hospital alone, and goes on where an earlier process was killed. Errors:
/// those of net::Connector and check_members; invalid_config (an encrypted oracle without servers);
/// mismatch (the aggregator's settings differ, naming the first and both values; the signing key is
/// not the certificate's); cancelled (stopped by the user; the same call goes on), unavailable (the
/// run ended before its last round, or this hospital could not take part).
Result<RunResult> join_federation(const HospitalProcessOptions& options);

}  // namespace hippocrypt::actors
