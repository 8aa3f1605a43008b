#include "actors/gateways/server_gateway.hpp"

#include <caf/all.hpp>
#include <utility>

namespace hippocrypt::actors {
namespace {

constexpr std::chrono::milliseconds look_every{500};

void hear(ServerRoutes& routes, const LinkEvent& event) {
  switch (event.kind) {
    case LinkEvent::Kind::up:
      return routes.up(event.line, event.link);
    case LinkEvent::Kind::message:
      return routes.hear(event.line, event.link, event.inbound.message);
    case LinkEvent::Kind::down:
      return routes.down(event.line, event.link, event.reason);
    case LinkEvent::Kind::cut:
      return routes.cut(event.line, event.reason);
    case LinkEvent::Kind::resumed:
      return routes.resumed(event.line);
    case LinkEvent::Kind::refused:
      return routes.refused(event.line, event.reason);
  }
}

}  // namespace

ServerGatewayActor::behavior_type server_gateway(
    ServerGatewayActor::stateful_pointer<ServerGatewayState> self,
    std::shared_ptr<ServerRoutes::Options> options) {
  self->state.routes = std::make_unique<ServerRoutes>(std::move(*options));
  self->delayed_send(self, look_every, flush_atom::value);
  return {
      [self](exchange_atom, const Frame& request) {
        auto reply = self->make_response_promise<Frame>();
        self->state.routes->ask(
            request.bytes,
            [reply](SharedBytes bytes) mutable { reply.deliver(Frame{std::move(bytes)}); },
            ServerRoutes::Clock::now());
        return reply;
      },
      [self](flush_atom) {
        self->state.routes->expire(ServerRoutes::Clock::now());
        self->delayed_send(self, look_every, flush_atom::value);
      },
      [self](const LinkEvent& event) { hear(*self->state.routes, event); },
  };
}

}  // namespace hippocrypt::actors
