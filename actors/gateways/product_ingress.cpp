#include "actors/gateways/product_ingress.hpp"

#include <algorithm>
#include <caf/all.hpp>
#include <utility>

#include "actors/gateways/link_messages.hpp"
#include "protocol/core/error_frame.hpp"
#include "protocol/core/messages.hpp"

namespace hippocrypt::actors {
namespace {

using protocol::error_frame;
using Self = ProductIngressActor::stateful_pointer<IngressState>;
using Request = IngressState::Request;

constexpr const char* stop_reason = "the blind server is stopping";

bool wants_all_hints(ByteView request) {
  const auto frame = protocol::open_frame(request);
  if (!frame || frame->type != protocol::MessageType::setup_request) return false;
  const auto setup = protocol::decode<protocol::SetupRequest>(*frame);
  return setup && setup->with_hints;
}

/// What the blind server is not asked at all. A setup with all hints is for hospitals in its own
/// process, which read it where it lies: as a message it has gigabytes.
Status check_message(const net::Message& message) {
  if (static_cast<LinkMessageType>(message.type) != LinkMessageType::request) {
    return Error{Errc::unsupported, "a blind server takes requests only, not messages of kind " +
                                        std::to_string(message.type)};
  }
  if (!message.body) return Error{Errc::malformed, "the request is empty"};
  if (!wants_all_hints(*message.body)) return Ok{};
  return Error{Errc::unsupported,
               "hints do not come in one message over a network: ask for the setup without them, "
               "and for each product's hints by hint requests"};
}

/// The reply's bytes, which hold the credit: a link keeps them until the peer has acknowledged
/// them, so that a peer that does not read its replies cannot ask for more.
SharedBytes with_credit(SharedBytes reply, std::shared_ptr<void> credit) {
  const ByteView view = *reply;
  return {std::make_shared<std::pair<SharedBytes, std::shared_ptr<void>>>(std::move(reply),
                                                                          std::move(credit)),
          view};
}

std::string name_of(const net::LinkPointer& link) {
  return link->peer().certificate.identity.name + " (" + link->peer().address + ")";
}

void count_reply(IngressCounters& counters, ByteView reply) {
  const auto frame = protocol::open_frame(reply);
  if (frame && frame->type == protocol::MessageType::product_reply) ++counters.products;
  if (frame && frame->type == protocol::MessageType::error_reply) ++counters.refusals;
}

void send_reply(Self self, const net::LinkPointer& link, std::uint64_t id, SharedBytes reply,
                std::shared_ptr<void> credit) {
  IngressCounters& counters = *self->state.options.counters;
  count_reply(counters, *reply);
  const std::size_t size = reply->size();
  const Status sent = link->send(
      net::Lane::data, link_message(LinkMessageType::reply,
                                    Frame{with_credit(std::move(reply), std::move(credit))}, id));
  if (sent) {
    counters.bytes_out += size;
  } else if (sent.error().code == Errc::limit_exceeded) {
    link->close(sent.error().detail);
  } else {
    ++counters.dropped;
  }
}

void conclude_stop(Self self) {
  auto& state = self->state;
  if (!state.is_stopping || state.working > 0 || !state.links.empty()) return;
  for (auto& promise : state.stopped) promise.deliver(stop_atom::value);
  state.stopped.clear();
}

/// Once nothing is being computed.
void close_all(Self self) {
  if (!self->state.is_stopping || self->state.working > 0) return;
  for (const auto& link : self->state.links) link->close(stop_reason);
  conclude_stop(self);
}

void pump(Self self);

void finish(Self self, const net::LinkPointer& link, const Request& request, SharedBytes reply) {
  --self->state.working;
  send_reply(self, link, request.message.id, std::move(reply), request.credit);
  pump(self);
  close_all(self);
}

/// Hands requests over, one of each peer in turn, as long as the blind server takes them.
void pump(Self self) {
  auto& state = self->state;
  while (!state.is_stopping && state.working < state.options.at_once) {
    auto next = state.queue.pop();
    if (!next) break;
    ++state.working;
    const auto& [link, request] = *next;
    self->request(state.options.server, caf::infinite, exchange_atom::value,
                  Frame{request.message.body})
        .then([self, link = link,
               request = request](const Frame& reply) { finish(self, link, request, reply.bytes); },
              [self, link = link, request = request](const caf::error&) {
                finish(self, link, request,
                       error_frame({Errc::unavailable, "the blind server is ending; try later"}));
              });
  }
  state.options.counters->queued = state.queue.size();
  state.options.counters->working = state.working;
}

void take(Self self, const LinkEvent& event) {
  auto& state = self->state;
  const net::Message& message = event.inbound.message;
  ++state.options.counters->requests;
  if (message.body) state.options.counters->bytes_in += message.body->size();
  if (const Status allowed = check_message(message); !allowed) {
    return send_reply(self, event.link, message.id, error_frame(allowed.error()),
                      event.inbound.credit);
  }
  state.queue.push(event.link, event.inbound);
  pump(self);
}

void lose(Self self, const net::LinkPointer& link, const Error& reason) {
  auto& state = self->state;
  const auto found = std::find(state.links.begin(), state.links.end(), link);
  if (found == state.links.end()) return;
  state.links.erase(found);
  state.options.counters->peers = state.links.size();
  state.options.counters->dropped += state.queue.drop(link);
  state.options.counters->queued = state.queue.size();
  if (state.options.log) state.options.log(name_of(link) + " is gone: " + reason.detail);
  conclude_stop(self);
}

void welcome(Self self, const net::LinkPointer& link) {
  auto& state = self->state;
  state.links.push_back(link);
  state.options.counters->peers = state.links.size();
  if (state.options.log) {
    state.options.log(name_of(link) + " is here, with " + link->peer().software);
  }
  if (state.is_stopping) link->close(stop_reason);
}

void log_refusal(Self self, const LinkEvent& event) {
  auto& state = self->state;
  const auto others = state.turned_away.next();
  if (!others || !state.options.log) return;
  state.options.log(event.address + " was turned away: " + event.reason.detail +
                    (*others == 0 ? "" : " (and " + std::to_string(*others) + " others before)"));
}

void hear(Self self, const LinkEvent& event) {
  const auto& log = self->state.options.log;
  switch (event.kind) {
    case LinkEvent::Kind::up:
      return welcome(self, event.link);
    case LinkEvent::Kind::message:
      return take(self, event);
    case LinkEvent::Kind::down:
      return lose(self, event.link, event.reason);
    case LinkEvent::Kind::cut:
      if (log) log(name_of(event.link) + " has lost its connection: " + event.reason.detail);
      return;
    case LinkEvent::Kind::resumed:
      if (log) log(name_of(event.link) + " is connected again");
      return;
    case LinkEvent::Kind::refused:
      return log_refusal(self, event);
  }
}

}  // namespace

ProductIngressActor::behavior_type product_ingress(
    ProductIngressActor::stateful_pointer<IngressState> self,
    std::shared_ptr<IngressOptions> options) {
  self->state.options = std::move(*options);
  if (self->state.options.counters == nullptr) {
    self->state.options.counters = std::make_shared<IngressCounters>();
  }
  return {
      [self](const LinkEvent& event) { hear(self, event); },
      [self](stop_atom) {
        auto promise = self->make_response_promise<stop_atom>();
        self->state.stopped.push_back(promise);
        self->state.is_stopping = true;
        close_all(self);
        return promise;
      },
  };
}

}  // namespace hippocrypt::actors
