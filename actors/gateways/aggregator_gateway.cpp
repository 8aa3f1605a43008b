#include "actors/gateways/aggregator_gateway.hpp"

#include <caf/all.hpp>
#include <utility>

#include "actors/gateways/notes.hpp"
#include "federation/common/round_messages.hpp"

namespace hippocrypt::actors {
namespace {

using Self = AggregatorGatewayActor::stateful_pointer<AggregatorGatewayState>;

void send(Self self, net::Lane lane, LinkMessageType type, const Frame& frame) {
  const auto& state = self->state;
  if (!state.link || !state.is_welcome) return;
  const auto sent = state.link->send(lane, link_message(type, frame));
  // One that is over tells so itself.
  if (!sent && sent.error().code != Errc::unavailable) state.link->close(sent.error().detail);
}

/// In the lane of the signs of life, so that none of them overtakes it.
void send_join(Self self) {
  const auto& state = self->state;
  if (state.join) send(self, net::Lane::control, LinkMessageType::join, *state.join);
}

void on_inbound(Self self, const LinkInbound& message) {
  auto& state = self->state;
  if (message.link != state.link) return;
  const Frame frame = message.frame();
  if (message.type() == LinkMessageType::welcome) {
    state.is_welcome = true;
    caf::anon_send(state.spec.observer, deliver_atom::value, frame);
    send_join(self);
  } else if (message.type() == LinkMessageType::deliver) {
    if (!state.hospital) {
      // It is not ready yet, but may be told to leave.
      const bool is_end = federation::decode_run_ended(*frame.bytes).has_value();
      if (is_end) caf::anon_send(state.spec.observer, deliver_atom::value, frame);
      return;
    }
    // The credit goes with the copy that waits for the answer.
    self->request(state.hospital, caf::infinite, deliver_atom::value, frame)
        .then([message] {}, [message](const caf::error&) {});
  } else {
    state.link->close("a message of type " + std::to_string(message.inbound->message.type) +
                      ", which no aggregator sends");
  }
}

/// Signs of life overtake what is long.
net::Lane lane_of(const Frame& frame) {
  const bool is_short = frame.bytes->size() <= net::LinkLimits{}.control_bytes;
  return is_short && federation::decode_heartbeat(*frame.bytes) ? net::Lane::control
                                                                : net::Lane::data;
}

}  // namespace

AggregatorGatewayActor::behavior_type aggregator_gateway(Self self, AggregatorGatewaySpec spec) {
  self->state.spec = std::move(spec);
  return {
      [self](join_atom, const HospitalActor& hospital, const Frame& frame) {
        self->state.hospital = hospital;
        self->state.join = frame;
        send_join(self);
      },
      [self](deliver_atom, const Frame& frame) {
        send(self, lane_of(frame), LinkMessageType::deliver, frame);
      },
      [](tick_atom) {},
      [self](up_atom, const LinkChange& change) {
        self->state.link = change.link;
        self->state.is_welcome = false;
      },
      [self](inbound_atom, const LinkInbound& message) { on_inbound(self, message); },
      [self](down_atom, const LinkChange& change) {
        if (self->state.link == change.link) self->state.link = nullptr;
      },
      [self](budget_atom, const Frame& frame) {
        send(self, net::Lane::data, LinkMessageType::budget_report, frame);
      },
      [self](close_atom, const std::string& reason) {
        if (self->state.link) self->state.link->close(reason);
      },
  };
}

void AggregatorEvents::on_up(const net::LinkPointer& link) {
  tell_note(observer_, hospital_, "connected to the aggregator at " + link->peer().address);
  is_up_ = true;
  last_refusal_.clear();
  caf::anon_send(gateway_, up_atom::value, LinkChange{link});
}

void AggregatorEvents::on_message(const net::LinkPointer& link, net::Inbound message) {
  caf::anon_send(gateway_, inbound_atom::value,
                 LinkInbound{link, std::make_shared<const net::Inbound>(std::move(message))});
}

void AggregatorEvents::on_down(const net::LinkPointer& link, const Error& reason) {
  tell_note(observer_, hospital_, "disconnected from the aggregator: " + reason.detail);
  is_up_ = false;
  caf::anon_send(gateway_, down_atom::value, LinkChange{link});
}

void AggregatorEvents::on_cut(const net::LinkPointer&, const Error& reason) {
  tell_note(observer_, hospital_, "connection to the aggregator lost: " + reason.detail);
}

void AggregatorEvents::on_resumed(const net::LinkPointer&) {
  tell_note(observer_, hospital_, "connection to the aggregator is back");
}

void AggregatorEvents::on_refused(const std::string& address, const Error& reason) {
  std::string text = "the aggregator at " + address + " cannot be reached: " + to_string(reason);
  if (text == last_refusal_) return;  // it may take hours
  last_refusal_ = text;
  tell_note(observer_, hospital_, std::move(text));
}

}  // namespace hippocrypt::actors
