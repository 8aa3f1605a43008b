#include "actors/blind_server.hpp"

#include <caf/all.hpp>

namespace hippocrypt::actors {

BlindServerActor::behavior_type blind_server(
    BlindServerActor::stateful_pointer<BlindServerState> self,
    std::shared_ptr<std::unique_ptr<const protocol::ProductService>> service) {
  self->state.service = std::move(*service);
  return {
      [self](exchange_atom, const Frame& request) -> caf::result<Frame> {
        return Frame{self->state.service->answer(*request.bytes)};
      },
  };
}

}  // namespace hippocrypt::actors
