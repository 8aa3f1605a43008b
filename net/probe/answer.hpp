#pragma once
// The side of a line that is measured.

#include "net/link/link.hpp"

namespace hippocrypt::net {

/// Answers a probe, for LinkEvents::on_message to call first; false if the message is none (a reply
/// to one included). A probe that breaks the rules ends the session, and the peer hears why. Sends
/// and never blocks.
bool answer_probe(const LinkPointer& link, const Inbound& inbound);

}  // namespace hippocrypt::net
