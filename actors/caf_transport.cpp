#include "actors/caf_transport.hpp"

#include <caf/all.hpp>

namespace hippocrypt::actors {

CafTransport::CafTransport(caf::actor_system& system, BlindServerActor server,
                           std::chrono::seconds deadline, const std::atomic<bool>& stop)
    : system_{system}, server_{std::move(server)}, deadline_{deadline}, stop_{stop} {}

Result<SharedBytes> CafTransport::exchange(SharedBytes request) {
  if (stop_) return Error{Errc::cancelled, "stopped by the user"};
  Result<SharedBytes> answer{Error{Errc::unavailable, "no answer"}};
  caf::scoped_actor self{system_};  // one a call: an actor belongs to one thread
  self->request(server_, deadline_, exchange_atom::value, Frame{std::move(request)})
      .receive([&answer](const Frame& reply) { answer = reply.bytes; },
               [&answer, this](const caf::error& error) {
                 const bool late = error == caf::sec::request_timeout;
                 answer = Error{late ? Errc::deadline : Errc::unavailable,
                                late ? "the blind server gave no answer in " +
                                           std::to_string(deadline_.count()) + " s"
                                     : "the blind server is gone: " + system_.render(error)};
               });
  return answer;
}

}  // namespace hippocrypt::actors
