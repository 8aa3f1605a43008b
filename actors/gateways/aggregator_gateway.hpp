#pragma once
// The aggregator of another process as an actor of a hospital's: to the hospital's actor it is the
// aggregator.

#include <atomic>
#include <caf/actor_system.hpp>
#include <optional>

#include "actors/gateways/link_messages.hpp"
#include "actors/interfaces.hpp"

namespace hippocrypt::actors {

using AggregatorGatewayActor = AggregatorActor::extend<
    // A session is there.
    caf::reacts_to<up_atom, LinkChange>,
    // A message from the aggregator.
    caf::reacts_to<inbound_atom, LinkInbound>,
    // The session is over.
    caf::reacts_to<down_atom, LinkChange>,
    // A BudgetStatement for the aggregator.
    caf::reacts_to<budget_atom, Frame>,
    // End the session, for this reason.
    caf::reacts_to<close_atom, std::string>>;

struct AggregatorGatewaySpec {
  /// Hears every Welcome, whether to go on after it is the observer's to decide; and the run's end
  /// where the hospital has not joined yet.
  caf::actor observer;
};

struct AggregatorGatewayState {
  static constexpr const char* name = "aggregator_gateway";
  AggregatorGatewaySpec spec;
  net::LinkPointer link;  ///< null while there is no session
  bool is_welcome = false;
  HospitalActor hospital;     ///< that has joined
  std::optional<Frame> join;  ///< said again in every session
};

/// Outlives sessions: when there is a new one the hospital joins again by itself, and goes on with
/// the next round. What it says while there is none is lost, as the round is.
AggregatorGatewayActor::behavior_type aggregator_gateway(
    AggregatorGatewayActor::stateful_pointer<AggregatorGatewayState> self,
    AggregatorGatewaySpec spec);

/// What a Connector tells, passed on to the gateway; the observer hears notes.
class AggregatorEvents final : public net::LinkEvents {
 public:
  AggregatorEvents(AggregatorGatewayActor gateway, caf::actor observer, std::string hospital)
      : gateway_{std::move(gateway)},
        observer_{std::move(observer)},
        hospital_{std::move(hospital)} {}
  void on_up(const net::LinkPointer& link) override;
  void on_message(const net::LinkPointer& link, net::Inbound message) override;
  void on_down(const net::LinkPointer& link, const Error& reason) override;
  void on_cut(const net::LinkPointer& link, const Error& reason) override;
  void on_resumed(const net::LinkPointer& link) override;
  void on_refused(const std::string& address, const Error& reason) override;
  /// Whether there is a session.
  bool is_up() const { return is_up_; }

 private:
  std::atomic<bool> is_up_{false};
  AggregatorGatewayActor gateway_;
  caf::actor observer_;
  std::string hospital_;
  std::string last_refusal_;  ///< told already; of the link's thread
};

}  // namespace hippocrypt::actors
