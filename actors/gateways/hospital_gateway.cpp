#include "actors/gateways/hospital_gateway.hpp"

#include <caf/all.hpp>
#include <utility>

#include "actors/gateways/notes.hpp"
#include "federation/common/sender.hpp"
#include "federation/common/site_messages.hpp"
#include "federation/secagg/common/signatures.hpp"

namespace hippocrypt::actors {
namespace {

using Self = HospitalGatewayActor::stateful_pointer<HospitalGatewayState>;

const net::CertificateFacts& certificate(Self self) {
  return self->state.spec.link->peer().certificate;
}

/// The hospital breaks the rules: its session ends.
void refuse(Self self, const std::string& what) {
  tell_note(self->state.spec.observer, "aggregator",
            "refused " + certificate(self).identity.name + ": " + what);
  self->state.spec.link->close(what);
}

/// Nobody but the holder of its certificate speaks for a hospital. Errors: those of sender_of,
/// mismatch.
Status check_sender(Self self, ByteView frame) {
  HIPPOCRYPT_TRY(const auto sender, federation::sender_of(frame));
  if (sender == certificate(self).identity.name) return {};
  return Error{Errc::mismatch, "it sent a message of " + sender};
}

/// Errors: mismatch (no key, another one's signature).
Status check_signature(Self self, ByteView frame) {
  HIPPOCRYPT_TRY(const auto statement, federation::decode_budget_statement(frame));
  const auto& key = certificate(self).signing_key;
  const bool is_its_own =
      key && federation::secagg::is_signed_by(*key, federation::statement_bytes(statement),
                                              statement.signature);
  if (is_its_own) return {};
  return Error{Errc::mismatch, "its statement on its budget is not signed by its key"};
}

/// A message that has come; its credit goes with the copy that waits for the answer.
void on_inbound(Self self, const LinkInbound& message) {
  const auto& spec = self->state.spec;
  const Frame frame = message.frame();
  const bool is_budget = message.type() == LinkMessageType::budget_report;
  auto status = check_sender(self, *frame.bytes);
  if (status && is_budget) status = check_signature(self, *frame.bytes);
  if (!status) return refuse(self, status.error().detail);
  const auto let_go = [message] {};
  const auto aggregator_gone = [message](const caf::error&) {};
  if (message.type() == LinkMessageType::join) {
    self->request(spec.aggregator, caf::infinite, join_atom::value,
                  caf::actor_cast<HospitalActor>(self), frame)
        .then(let_go, aggregator_gone);
  } else if (message.type() == LinkMessageType::deliver) {
    self->request(spec.aggregator, caf::infinite, deliver_atom::value, frame)
        .then(let_go, aggregator_gone);
  } else if (is_budget) {
    caf::anon_send(spec.observer, deliver_atom::value, frame);
  } else {
    refuse(self, "it sent a message of type " + std::to_string(message.inbound->message.type) +
                     ", which no hospital sends");
  }
}

}  // namespace

HospitalGatewayActor::behavior_type hospital_gateway(Self self, HospitalGatewaySpec spec) {
  self->state.spec = std::move(spec);
  const auto send = [self](LinkMessageType type, const Frame& frame) {
    const auto& link = self->state.spec.link;
    const auto sent = link->send(net::Lane::data, link_message(type, frame));
    // One that is over tells so itself.
    if (!sent && sent.error().code != Errc::unavailable) link->close(sent.error().detail);
  };
  send(LinkMessageType::welcome, self->state.spec.welcome);
  return {
      [send](deliver_atom, const Frame& frame) { send(LinkMessageType::deliver, frame); },
      [](join_atom) {},
      [self](inbound_atom, const LinkInbound& message) { on_inbound(self, message); },
      [self](down_atom, const LinkChange& change) {
        if (change.is_done) self->state.spec.done->insert(certificate(self).identity.name);
        self->quit(change.is_done ? caf::exit_reason::normal
                                  : caf::exit_reason::remote_link_unreachable);
      },
  };
}

}  // namespace hippocrypt::actors
