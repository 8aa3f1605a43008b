#pragma once
// What gateways say over a link, and what a link says to a gateway's actor.

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <memory>

#include "actors/messages.hpp"
#include "net/link/link.hpp"

namespace hippocrypt::actors {

/// net::Message::type; the body is a frame of protocol/core or federation/common. Numbers are part
/// of the format.
enum class LinkMessageType : std::uint16_t {
  welcome = 1,       ///< aggregator → hospital, first of all
  join = 2,          ///< hospital → aggregator
  deliver = 3,       ///< either way between them
  request = 4,       ///< hospital → blind server; net::Message::id is the reply's
  reply = 5,         ///< and back
  budget_report = 6  ///< hospital → aggregator
};

inline net::Message link_message(LinkMessageType type, const Frame& frame, std::uint64_t id = 0) {
  return {static_cast<std::uint16_t>(type), id, frame.bytes};
}

/// The reason with which a hospital that has all it needs closes its session.
inline constexpr const char* hospital_is_done = "the hospital has the final adapter";

/// A message that has come, with its credit.
struct LinkInbound {
  net::LinkPointer link;
  std::shared_ptr<const net::Inbound> inbound;

  LinkMessageType type() const { return static_cast<LinkMessageType>(inbound->message.type); }
  Frame frame() const { return Frame{inbound->message.body}; }
};

/// A session is there, or is not any more.
struct LinkChange {
  net::LinkPointer link;
  bool is_done = false;  ///< the peer ended it because it has all that it needs
};

using up_atom = caf::atom_constant<caf::atom("up")>;
using down_atom = caf::atom_constant<caf::atom("down")>;
using inbound_atom = caf::atom_constant<caf::atom("inbound")>;
using close_atom = caf::atom_constant<caf::atom("close")>;
using budget_atom = caf::atom_constant<caf::atom("budget")>;

}  // namespace hippocrypt::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hippocrypt::actors::LinkInbound)
CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hippocrypt::actors::LinkChange)
