#include "benchmarks/link_actors.hpp"

#include <caf/all.hpp>
#include <utility>
#include <vector>

#include "base/check.hpp"
#include "federation/common/chunks.hpp"
#include "federation/common/messages.hpp"
#include "federation/common/round_messages.hpp"
#include "federation/common/site_messages.hpp"
#include "protocol/core/messages.hpp"

namespace hippocrypt::bench {
namespace {

using actors::deliver_atom;
using actors::exchange_atom;
using actors::Frame;
using actors::frame_of;
using actors::join_atom;
using actors::tick_atom;

constexpr std::size_t most_short_bytes = 1024;
constexpr std::chrono::seconds patience{60};
const std::atomic<bool> never{false};

struct AggregatorEndState {
  static constexpr const char* name = "aggregator_end";
  AggregatorEndState() = default;  // CAF would make an aggregate of its actor
  actors::HospitalActor hospital;
};

/// Answers what is short, counts what is long; who joins counts too.
AggregatorEnd::behavior_type aggregator_end(
    AggregatorEnd::stateful_pointer<AggregatorEndState> self, std::shared_ptr<Arrivals> arrivals) {
  return {
      [self, arrivals](join_atom, const actors::HospitalActor& hospital, const Frame&) {
        self->state.hospital = hospital;
        arrivals->add();
      },
      [self, arrivals](deliver_atom, const Frame& frame) {
        if (frame.bytes->size() > most_short_bytes) return arrivals->add();
        self->send(self->state.hospital, deliver_atom::value, frame);
      },
      [](tick_atom) {},
      [self](go_atom, const Frame& frame, std::uint64_t count) {
        for (std::uint64_t i = 0; i < count; ++i) {
          self->send(self->state.hospital, deliver_atom::value, frame);
        }
      },
  };
}

HospitalEnd::behavior_type hospital_end(HospitalEnd::pointer self, actors::AggregatorActor gateway,
                                        std::shared_ptr<Arrivals> arrivals, const Frame& join) {
  self->send(gateway, join_atom::value, caf::actor_cast<actors::HospitalActor>(self), join);
  return {
      [arrivals](deliver_atom, const Frame&) { arrivals->add(); },
      [](join_atom) {},
      [self, gateway](go_atom, const Frame& frame, std::uint64_t count) {
        for (std::uint64_t i = 0; i < count; ++i) self->send(gateway, deliver_atom::value, frame);
      },
  };
}

caf::behavior deaf() {
  return {[](deliver_atom, const Frame&) {}};
}

/// One piece of a long message, within `bytes`.
Frame piece_of(const std::string& sender, std::size_t bytes) {
  constexpr std::size_t most_head_bytes = 256;
  return frame_of(federation::Chunk{sender, 1, 0, 2 * bytes, Bytes(bytes - most_head_bytes, 7)});
}

/// A request or a reply within `bytes`, or the shortest there is.
template <class Message>
SharedBytes product_frame(std::uint32_t Message::*rows, std::size_t bytes) {
  constexpr std::size_t most_head_bytes = 1024, tokens = 256;
  Message message;
  message.*rows = 1;
  message.tokens = bytes > most_head_bytes ? tokens : 1;
  if (bytes > most_head_bytes) {
    const std::size_t count = (bytes - most_head_bytes) / message.body_bytes();
    message.*rows = static_cast<std::uint32_t>(count);
  }
  return SharedBytes{encode(message, Bytes(message.body_bytes(), 7))};
}

SharedBytes request_of(std::size_t bytes) {
  return product_frame(&protocol::ProductRequest::features, bytes);
}
SharedBytes reply_of(std::size_t bytes) {
  return product_frame(&protocol::ProductReply::out, bytes);
}

/// A long reply to a long request, a short one to a short one.
class ReadyReplies final : public protocol::FrameService {
 public:
  explicit ReadyReplies(SharedBytes long_reply) : long_{std::move(long_reply)} {}
  void answer_all(std::span<const ByteView> requests,
                  const Deliver& deliver) const noexcept override {
    for (std::size_t i = 0; i < requests.size(); ++i) {
      deliver(i, requests[i].size() > most_short_bytes ? long_ : short_);
    }
  }

 private:
  const SharedBytes long_, short_ = reply_of(0);
};

}  // namespace

RoundActors::RoundActors(const LinkParties& parties, std::size_t message_bytes,
                         std::size_t block_bytes)
    : from_hospital_{piece_of("hospital", message_bytes)},
      from_aggregator_{piece_of("aggregator", message_bytes)},
      sign_of_life_{frame_of(federation::Heartbeat{"hospital", 1, 1})} {
  auto& centre = aggregator_machine_.system;
  auto& site = hospital_machine_.system;
  aggregator_observer_ = centre.spawn(deaf);
  hospital_observer_ = site.spawn(deaf);
  aggregator_ = centre.spawn(aggregator_end, at_aggregator_);
  ingress_ = std::make_shared<actors::HospitalIngress>(actors::HospitalIngress::Parts{
      centre, aggregator_, frame_of(federation::Welcome{}), aggregator_observer_});
  listener_ = net::Listener::start(serving(parties.aggregator(), block_bytes), ingress_).value();
  gateway_ =
      site.spawn(actors::aggregator_gateway, actors::AggregatorGatewaySpec{hospital_observer_});
  hospital_ = site.spawn(hospital_end, gateway_, at_hospital_,
                         frame_of(federation::Join{"hospital", {}, {}}));
  connector_ = net::Connector::start(reaching(parties.hospital(), listener_->port(), block_bytes),
                                     std::make_shared<actors::AggregatorEvents>(
                                         gateway_, hospital_observer_, "hospital"))
                   .value();
  at_aggregator_->wait(1);  // it has joined
}

RoundActors::~RoundActors() {
  connector_.reset();
  listener_.reset();
  ingress_.reset();
  for (const auto& each :
       {caf::actor_cast<caf::actor>(hospital_), caf::actor_cast<caf::actor>(gateway_),
        caf::actor_cast<caf::actor>(aggregator_), aggregator_observer_, hospital_observer_}) {
    caf::anon_send_exit(each, caf::exit_reason::user_shutdown);
  }
}

void RoundActors::to_aggregator(std::size_t count) {
  caf::anon_send(hospital_, go_atom::value, from_hospital_, std::uint64_t{count});
  at_aggregator_->wait(count);
}

void RoundActors::to_hospital(std::size_t count) {
  caf::anon_send(aggregator_, go_atom::value, from_aggregator_, std::uint64_t{count});
  at_hospital_->wait(count);
}

void RoundActors::round_trip() {
  caf::anon_send(hospital_, go_atom::value, sign_of_life_, std::uint64_t{1});
  at_hospital_->wait(1);
}

ProductActors::ProductActors(const LinkParties& parties, std::size_t message_bytes,
                             std::size_t block_bytes)
    : long_request_{request_of(message_bytes)},
      short_request_{request_of(0)},
      long_reply_{reply_of(message_bytes)},
      asker_{hospital_machine_.system} {
  auto& centre = server_machine_.system;
  server_ = centre.spawn<caf::detached>(
      actors::blind_server,
      std::shared_ptr<const protocol::FrameService>{std::make_shared<ReadyReplies>(long_reply_)});
  ingress_ = centre.spawn(
      actors::product_ingress,
      std::make_shared<actors::IngressOptions>(actors::IngressOptions{server_, 32, {}, {}}));
  listener_ = net::Listener::start(serving(parties.server(), block_bytes),
                                   std::make_shared<actors::LinkRelay>(ingress_))
                  .value();
  auto server = reaching(parties.hospital(), listener_->port(), block_bytes);
  server.role = net::Role::server;
  connections_ =
      actors::ServerConnections::start(hospital_machine_.system, {{std::move(server), {}}}, {})
          .value();
  transport_ = std::make_unique<actors::CafTransport>(hospital_machine_.system,
                                                      connections_->actor(), patience, never);
  round_trip();  // it is there
}

ProductActors::~ProductActors() {
  connections_.reset();
  listener_.reset();
  caf::anon_send_exit(ingress_, caf::exit_reason::user_shutdown);
  caf::anon_send_exit(server_, caf::exit_reason::user_shutdown);
}

void ProductActors::exchange(std::size_t count) {
  const auto ask = [this] {
    return asker_->request(connections_->actor(), patience, exchange_atom::value,
                           Frame{long_request_});
  };
  std::vector<decltype(ask())> asked;
  for (std::size_t i = 0; i < count; ++i) asked.push_back(ask());
  for (auto& each : asked) {
    each.receive(
        [](const Frame& reply) { HIPPOCRYPT_CHECK(reply.bytes->size() > most_short_bytes); },
        [](const caf::error&) { HIPPOCRYPT_CHECK(false); });
  }
}

void ProductActors::round_trip() {
  const auto reply = transport_->exchange(short_request_);
  HIPPOCRYPT_CHECK(reply.has_value());
}

}  // namespace hippocrypt::bench
