#include "actors/caf_transport.hpp"

#include <caf/all.hpp>

namespace hippocrypt::actors {

CafTransport::CafTransport(caf::actor_system& system, BlindServerActor server,
                           std::chrono::seconds deadline, const std::atomic<bool>& stop)
    : self_{system}, server_{std::move(server)}, deadline_{deadline}, stop_{stop} {}

Result<protocol::SharedBytes> CafTransport::exchange(protocol::SharedBytes request) {
  if (stop_) return Error{Errc::cancelled, "stopped by the user"};
  Result<protocol::SharedBytes> answer{Error{Errc::unavailable, "no answer"}};
  self_->request(server_, deadline_, exchange_atom::value, Frame{std::move(request)})
      .receive([&answer](const Frame& reply) { answer = reply.bytes; },
               [&answer, this](const caf::error& error) {
                 const bool late = error == caf::sec::request_timeout;
                 answer =
                     Error{late ? Errc::deadline : Errc::unavailable,
                           late ? "the blind server gave no answer in " +
                                      std::to_string(deadline_.count()) + " s"
                                : "the blind server is gone: " + self_->system().render(error)};
               });
  return answer;
}

}  // namespace hippocrypt::actors
