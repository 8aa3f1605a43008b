#pragma once
// A hospital's way to its blind servers: the gateway's actor, and a connector to each.

#include <caf/actor_system.hpp>
#include <memory>
#include <vector>

#include "actors/gateways/server_routes.hpp"
#include "actors/interfaces.hpp"
#include "net/link/endpoints.hpp"

namespace hippocrypt::actors {

class ServerConnections {
 public:
  struct Server {
    net::ConnectorOptions connector;
    protocol::BlockRange blocks;
  };
  /// `routes.servers` is filled in. Errors: those of Connector::start.
  static Result<std::unique_ptr<ServerConnections>> start(caf::actor_system& system,
                                                          const std::vector<Server>& servers,
                                                          ServerRoutes::Options routes);
  /// Ends the sessions, then the actor.
  ~ServerConnections();
  ServerConnections(const ServerConnections&) = delete;
  ServerConnections& operator=(const ServerConnections&) = delete;

  const BlindServerActor& actor() const { return actor_; }
  /// Of all connectors. Errors: the first one's.
  Status reload();

 private:
  ServerConnections() = default;
  BlindServerActor actor_;
  std::vector<std::unique_ptr<net::Connector>> connectors_;
};

}  // namespace hippocrypt::actors
