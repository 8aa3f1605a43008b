#pragma once
// Actors of two processes with the product's own gateways and a link on loopback between them, for
// link_bench.cpp. Both processes are in this one, each with an actor system of its own.

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <memory>

#include "actors/actor_threads.hpp"
#include "actors/blind_server.hpp"
#include "actors/caf_transport.hpp"
#include "actors/gateways/aggregator_gateway.hpp"
#include "actors/gateways/hospital_ingress.hpp"
#include "actors/gateways/product_ingress.hpp"
#include "actors/gateways/server_connections.hpp"
#include "benchmarks/link_rig.hpp"

namespace hippocrypt::bench {

/// The actors of one process.
struct ActorMachine {
  ActorMachine() : system{actors::with_few_threads(config)} {}
  caf::actor_system_config config;
  caf::actor_system system;
};

/// Sends so many of this frame to the other end.
using go_atom = caf::atom_constant<caf::atom("go")>;
using HospitalEnd =
    actors::HospitalActor::extend<caf::reacts_to<go_atom, actors::Frame, std::uint64_t>>;
using AggregatorEnd =
    actors::AggregatorActor::extend<caf::reacts_to<go_atom, actors::Frame, std::uint64_t>>;

/// An actor in a hospital's place and one in the aggregator's.
class RoundActors {
 public:
  /// `message_bytes`: about the length of a long message.
  RoundActors(const LinkParties& parties, std::size_t message_bytes, std::size_t block_bytes);
  ~RoundActors();
  RoundActors(const RoundActors&) = delete;
  RoundActors& operator=(const RoundActors&) = delete;

  /// Returns when the other end has dealt with so many long messages.
  void to_aggregator(std::size_t count);
  void to_hospital(std::size_t count);
  /// A sign of life to the aggregator, and one back.
  void round_trip();
  std::size_t message_bytes() const { return from_hospital_.bytes->size(); }

 private:
  ActorMachine aggregator_machine_, hospital_machine_;
  std::shared_ptr<Arrivals> at_aggregator_ = std::make_shared<Arrivals>(),
                            at_hospital_ = std::make_shared<Arrivals>();
  caf::actor aggregator_observer_, hospital_observer_;
  AggregatorEnd aggregator_;
  actors::AggregatorGatewayActor gateway_;
  HospitalEnd hospital_;
  std::shared_ptr<actors::HospitalIngress> ingress_;
  std::unique_ptr<net::Listener> listener_;
  std::unique_ptr<net::Connector> connector_;
  actors::Frame from_hospital_, from_aggregator_, sign_of_life_;
};

/// A hospital's requests and a blind server's replies, which take no time to compute.
class ProductActors {
 public:
  /// `message_bytes`: about the length of a long request and of a long reply.
  ProductActors(const LinkParties& parties, std::size_t message_bytes, std::size_t block_bytes);
  ~ProductActors();
  ProductActors(const ProductActors&) = delete;
  ProductActors& operator=(const ProductActors&) = delete;

  /// So many long ones, all asked at once.
  void exchange(std::size_t count);
  /// A short one.
  void round_trip();
  /// Of a long request and its reply together.
  std::size_t exchange_bytes() const { return long_request_->size() + long_reply_->size(); }

 private:
  ActorMachine server_machine_, hospital_machine_;
  const SharedBytes long_request_, short_request_, long_reply_;
  actors::BlindServerActor server_;
  actors::ProductIngressActor ingress_;
  std::unique_ptr<net::Listener> listener_;
  std::unique_ptr<actors::ServerConnections> connections_;
  caf::scoped_actor asker_;
  std::unique_ptr<actors::CafTransport> transport_;
};

}  // namespace hippocrypt::bench
