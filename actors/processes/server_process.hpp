#pragma once
// A blind server of a real federation: listens, multiplies, knows nobody's keys.

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/gateways/ingress_counters.hpp"
#include "net/link/endpoints.hpp"
#include "protocol/core/frame_service.hpp"

namespace hippocrypt::actors {

struct ServerProcessOptions {
  std::shared_ptr<const protocol::FrameService> service;
  net::ListenerOptions listen;  ///< `admit` is set here
  /// The federation's hospitals: others, and other roles, are not let in.
  std::vector<std::string> hospitals;
  /// Folder of certificates (*.crt); of the hospitals only who holds one of these comes in. Empty:
  /// whomever the authority has signed.
  std::filesystem::path certificates;
  std::shared_ptr<IngressCounters> counters;  ///< or null
  const std::atomic<bool>* stop = nullptr;    ///< set it to end cleanly; outlives the call
  std::atomic<bool>* reload = nullptr;        ///< set it to read certificates and lists again
  /// How long what is being computed, and its way to the hospitals, may take at the end.
  std::chrono::seconds patience{30};
  std::function<void(const std::string&)> log;  ///< lines for people; called on several threads
  std::function<void(std::uint16_t port)> on_listening;
};

/// Serves until it is stopped. Then what is being computed is finished and sent, every hospital
/// hears why its session ends, and what waited is left to be asked again. Errors: those of
/// net::Listener; not_found, malformed and io of the certificates' folder.
Status run_server(const ServerProcessOptions& options);

}  // namespace hippocrypt::actors
