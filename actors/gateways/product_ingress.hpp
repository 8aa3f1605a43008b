#pragma once
// At a blind server: the requests of all hospitals, on their way to the actor that computes.

#include <caf/typed_response_promise.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "actors/gateways/fair_queue.hpp"
#include "actors/gateways/ingress_counters.hpp"
#include "actors/gateways/link_relay.hpp"
#include "actors/gateways/sparse_log.hpp"
#include "actors/interfaces.hpp"

namespace hippocrypt::actors {

using stop_atom = caf::atom_constant<caf::atom("stop")>;

using ProductIngressActor =
    caf::typed_actor<caf::reacts_to<LinkEvent>,
                     // Ends well: what the blind server has begun is finished and sent, what waits
                     // is left to be asked again, and all sessions are closed. The reply comes when
                     // they are.
                     caf::replies_to<stop_atom>::with<stop_atom>>;

struct IngressOptions {
  BlindServerActor server;
  /// With the blind server at once: what it works on and what gathers meanwhile. The others wait
  /// here, where every peer has its turn.
  std::size_t at_once = 32;
  std::shared_ptr<IngressCounters> counters;
  std::function<void(const std::string&)> log;  ///< a line for every peer that comes or goes
};

struct IngressState {
  static constexpr const char* name = "product_ingress";
  /// The credit of a request is kept until the peer has its reply: so many of a peer as its link
  /// allows are here, the next ones wait on its own machine.
  using Request = net::Inbound;

  IngressOptions options;
  FairQueue<net::LinkPointer, Request> queue;
  std::vector<net::LinkPointer> links;
  std::size_t working = 0;
  bool is_stopping = false;
  SparseLog turned_away{std::chrono::seconds{5}};
  std::vector<caf::typed_response_promise<stop_atom>> stopped;
};

/// Replies go to the link that the request came by, whatever the request says of its sender. A
/// message that is no request, or whose frame is damaged, gets an error_reply; so does a request
/// for a setup with all its hints, which is for hospitals in the server's process.
ProductIngressActor::behavior_type product_ingress(
    ProductIngressActor::stateful_pointer<IngressState> self,
    std::shared_ptr<IngressOptions> options);

}  // namespace hippocrypt::actors
