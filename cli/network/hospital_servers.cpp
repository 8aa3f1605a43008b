#include "cli/network/hospital_servers.hpp"

#include "cli/network/site_endpoints.hpp"

namespace hippocrypt::cli {

std::vector<actors::ServerConnections::Server> server_peers(const federation::SiteFile& site) {
  std::vector<actors::ServerConnections::Server> servers;
  for (const auto& server : site.hospital.servers) {
    servers.push_back({connector_options(site.tls, server.peer, net::Role::server), server.blocks});
  }
  return servers;
}

}  // namespace hippocrypt::cli
