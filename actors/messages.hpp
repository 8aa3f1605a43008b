#pragma once
// What travels between actors, even inside one process: immutable frames of bytes (protocol/core
// and federation/common say what is in them), never pointers to each other's state. CAF itself
// cannot serialise a Frame, by intent: whatever crosses a process goes over net/.

#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/atom.hpp>
#include <caf/typed_actor.hpp>

#include "base/shared_bytes.hpp"

namespace hippocrypt::actors {

/// Shared, immutable bytes of one message.
struct Frame {
  SharedBytes bytes;
};

/// A message as a frame, by the encode() of its own namespace.
template <class Message>
Frame frame_of(const Message& message) {
  return Frame{SharedBytes{encode(message)}};
}

using exchange_atom = caf::atom_constant<caf::atom("exchange")>;
using deliver_atom = caf::atom_constant<caf::atom("deliver")>;
using flush_atom = caf::atom_constant<caf::atom("flush")>;
using join_atom = caf::atom_constant<caf::atom("join")>;
using tick_atom = caf::atom_constant<caf::atom("tick")>;

}  // namespace hippocrypt::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hippocrypt::actors::Frame)
