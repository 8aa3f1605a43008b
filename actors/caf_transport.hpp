#pragma once
// Seam B over CAF: a blocking request to the blind server's actor.

#include <atomic>
#include <caf/actor_system.hpp>
#include <chrono>

#include "actors/interfaces.hpp"
#include "protocol/core/transport.hpp"

namespace hippocrypt::actors {

/// For any number of threads. `stop` must outlive it: once set, exchanges end with Errc::cancelled.
class CafTransport final : public protocol::ProductTransport {
 public:
  CafTransport(caf::actor_system& system, BlindServerActor server, std::chrono::seconds deadline,
               const std::atomic<bool>& stop);
  /// Errors: cancelled, deadline (no answer in time), unavailable (the server is gone).
  Result<SharedBytes> exchange(SharedBytes request) override;

 private:
  caf::actor_system& system_;
  BlindServerActor server_;
  std::chrono::seconds deadline_;
  const std::atomic<bool>& stop_;
};

}  // namespace hippocrypt::actors
