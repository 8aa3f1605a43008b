#pragma once
// What a link's threads tell, as messages to an actor.

#include <caf/actor.hpp>
#include <caf/actor_cast.hpp>
#include <caf/allowed_unsafe_message_type.hpp>
#include <caf/send.hpp>
#include <cstddef>
#include <string>
#include <utility>

#include "net/link/link.hpp"
#include "net/probe/answer.hpp"

namespace hippocrypt::actors {

/// One call of net::LinkEvents.
struct LinkEvent {
  enum class Kind : std::uint8_t { up, message, down, cut, resumed, refused };
  Kind kind = Kind::up;
  std::size_t line = 0;                 ///< the relay's
  net::LinkPointer link = {};           ///< null: refused
  net::Inbound inbound = {};            ///< of a message
  Error reason{Errc::unavailable, {}};  ///< of down, cut and refused
  std::string address = {};             ///< of refused
};

/// Passes all calls on to `actor`, which must take a LinkEvent, and marks them with `line`. Probes
/// of the line are answered at once.
class LinkRelay final : public net::LinkEvents {
 public:
  template <class Handle>
  explicit LinkRelay(const Handle& actor, std::size_t line = 0)
      : actor_{caf::actor_cast<caf::actor>(actor)}, line_{line} {}

  void on_up(const net::LinkPointer& link) override { tell({LinkEvent::Kind::up, line_, link}); }
  void on_message(const net::LinkPointer& link, net::Inbound message) override {
    if (net::answer_probe(link, message)) return;
    tell({LinkEvent::Kind::message, line_, link, std::move(message)});
  }
  void on_down(const net::LinkPointer& link, const Error& reason) override {
    tell({LinkEvent::Kind::down, line_, link, {}, reason});
  }
  void on_cut(const net::LinkPointer& link, const Error& reason) override {
    tell({LinkEvent::Kind::cut, line_, link, {}, reason});
  }
  void on_resumed(const net::LinkPointer& link) override {
    tell({LinkEvent::Kind::resumed, line_, link});
  }
  void on_refused(const std::string& address, const Error& reason) override {
    tell({LinkEvent::Kind::refused, line_, nullptr, {}, reason, address});
  }

 private:
  void tell(LinkEvent event) { caf::anon_send(actor_, std::move(event)); }

  const caf::actor actor_;
  const std::size_t line_;
};

}  // namespace hippocrypt::actors

CAF_ALLOW_UNSAFE_MESSAGE_TYPE(hippocrypt::actors::LinkEvent)
