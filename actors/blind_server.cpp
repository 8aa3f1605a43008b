#include "actors/blind_server.hpp"

#include <algorithm>
#include <caf/all.hpp>
#include <utility>

namespace hippocrypt::actors {
namespace {

/// Answers the oldest requests. A flush is on its way as long as some are waiting.
void answer_waiting(BlindServerActor::stateful_pointer<BlindServerState> self) {
  auto& state = self->state;
  const std::size_t count = std::min(state.waiting.size(), BlindServerState::max_batch);
  const auto end = state.waiting.begin() + static_cast<std::ptrdiff_t>(count);
  std::vector<BlindServerState::Waiting> batch(std::make_move_iterator(state.waiting.begin()),
                                               std::make_move_iterator(end));
  state.waiting.erase(state.waiting.begin(), end);
  std::vector<ByteView> requests;
  requests.reserve(batch.size());
  for (const auto& waiting : batch) requests.push_back(*waiting.request.bytes);
  state.service->answer_all(requests, [&batch](std::size_t index, SharedBytes reply) {
    batch[index].reply.deliver(Frame{std::move(reply)});
  });
  if (!state.waiting.empty()) self->send(self, flush_atom::value);
}

}  // namespace

BlindServerState::~BlindServerState() {
  for (Waiting& each : waiting) {
    each.reply.deliver(caf::make_error(caf::sec::request_receiver_down));
  }
}

BlindServerActor::behavior_type blind_server(
    BlindServerActor::stateful_pointer<BlindServerState> self,
    std::shared_ptr<const protocol::FrameService> service) {
  self->state.service = std::move(service);
  return {
      [self](exchange_atom, const Frame& request) {
        auto reply = self->make_response_promise<Frame>();
        // The flush queues up behind the requests that are in the mailbox already.
        if (self->state.waiting.empty()) self->send(self, flush_atom::value);
        self->state.waiting.push_back({request, reply});
        return reply;
      },
      [self](flush_atom) { answer_waiting(self); },
  };
}

}  // namespace hippocrypt::actors
