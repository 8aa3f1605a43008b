#pragma once
// At a hospital: the blind servers beyond the network, as the actor that one in the same process
// would be.

#include <memory>

#include "actors/gateways/link_relay.hpp"
#include "actors/gateways/server_routes.hpp"
#include "actors/interfaces.hpp"

namespace hippocrypt::actors {

/// Its flush looks for requests that have waited too long.
using ServerGatewayActor = BlindServerActor::extend<caf::reacts_to<LinkEvent>>;

struct ServerGatewayState {
  static constexpr const char* name = "server_gateway";
  std::unique_ptr<ServerRoutes> routes;
};

/// Takes the events of the link to server i from a LinkRelay of line i. An exchange is answered
/// with the server's frame, or with an error_reply when ServerRoutes gives it up: the deadline in
/// the options should be a little less than the transport's, which knows less of the cause.
ServerGatewayActor::behavior_type server_gateway(
    ServerGatewayActor::stateful_pointer<ServerGatewayState> self,
    std::shared_ptr<ServerRoutes::Options> options);

}  // namespace hippocrypt::actors
