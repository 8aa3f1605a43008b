#include "actors/gateways/server_connections.hpp"

#include <caf/all.hpp>
#include <string>
#include <utility>

#include "actors/gateways/server_gateway.hpp"

namespace hippocrypt::actors {

Result<std::unique_ptr<ServerConnections>> ServerConnections::start(
    caf::actor_system& system, const std::vector<Server>& servers, ServerRoutes::Options routes) {
  routes.servers.clear();
  for (const Server& server : servers) {
    const auto& at = server.connector;
    routes.servers.push_back({at.host + ":" + std::to_string(at.port), server.blocks});
  }
  std::unique_ptr<ServerConnections> all{new ServerConnections};
  const ServerGatewayActor gateway =
      system.spawn(server_gateway, std::make_shared<ServerRoutes::Options>(std::move(routes)));
  all->actor_ = gateway;
  for (std::size_t i = 0; i < servers.size(); ++i) {
    HIPPOCRYPT_TRY(auto connector, net::Connector::start(servers[i].connector,
                                                         std::make_shared<LinkRelay>(gateway, i)));
    all->connectors_.push_back(std::move(connector));
  }
  return all;
}

ServerConnections::~ServerConnections() {
  connectors_.clear();
  if (actor_) caf::anon_send_exit(actor_, caf::exit_reason::user_shutdown);
}

Status ServerConnections::reload() {
  Status first;
  for (const auto& connector : connectors_) {
    Status status = connector->reload();
    if (!status && first) first = std::move(status);
  }
  return first;
}

}  // namespace hippocrypt::actors
