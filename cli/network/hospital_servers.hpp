#pragma once
// A hospital's way to its blind servers, from its own file.

#include <vector>

#include "actors/gateways/server_connections.hpp"
#include "federation/common/site_config.hpp"

namespace hippocrypt::cli {

/// The blind servers of a hospital's file.
std::vector<actors::ServerConnections::Server> server_peers(const federation::SiteFile& site);

}  // namespace hippocrypt::cli
