#include "actors/gateways/hospital_ingress.hpp"

#include <caf/all.hpp>
#include <utility>

#include "actors/gateways/notes.hpp"
#include "federation/common/round_messages.hpp"
#include "net/probe/answer.hpp"

namespace hippocrypt::actors {
namespace {

const std::string& name_of(const net::LinkPointer& link) {
  return link->peer().certificate.identity.name;
}

}  // namespace

void HospitalIngress::tell(const net::LinkPointer& link, const std::string& text) const {
  tell_note(parts_.observer, name_of(link), text);
}

HospitalGatewayActor HospitalIngress::gateway_of(const net::LinkPointer& link) const {
  const std::lock_guard lock{mutex_};
  const auto found = gateways_.find(link);
  return found != gateways_.end() ? found->second : HospitalGatewayActor{};
}

void HospitalIngress::on_up(const net::LinkPointer& link) {
  HospitalGatewaySpec spec{link, parts_.aggregator, parts_.welcome, parts_.observer, done_};
  {
    const std::lock_guard lock{mutex_};
    gateways_[link] = parts_.system.spawn(hospital_gateway, std::move(spec));
    done_->erase(name_of(link));
  }
  tell(link, "connected from " + link->peer().address);
}

void HospitalIngress::on_message(const net::LinkPointer& link, net::Inbound message) {
  if (net::answer_probe(link, message)) return;
  const auto gateway = gateway_of(link);
  if (!gateway) return;
  caf::anon_send(gateway, inbound_atom::value,
                 LinkInbound{link, std::make_shared<const net::Inbound>(std::move(message))});
}

void HospitalIngress::on_down(const net::LinkPointer& link, const Error& reason) {
  const auto gateway = gateway_of(link);
  const bool is_done =
      reason.code == Errc::cancelled && reason.detail.find(hospital_is_done) != std::string::npos;
  {
    const std::lock_guard lock{mutex_};
    gateways_.erase(link);
  }
  tell(link, "disconnected: " + reason.detail);
  if (gateway) caf::anon_send(gateway, down_atom::value, LinkChange{link, is_done});
}

void HospitalIngress::on_cut(const net::LinkPointer& link, const Error& reason) {
  tell(link, "connection lost, its session waits: " + reason.detail);
}

void HospitalIngress::on_resumed(const net::LinkPointer& link) {
  tell(link, "connection is back from " + link->peer().address);
}

void HospitalIngress::on_refused(const std::string& address, const Error& reason) {
  std::string text = "refused a connection from " + address + ": " + to_string(reason);
  std::optional<std::size_t> untold;
  {
    const std::lock_guard lock{mutex_};
    untold = refusals_.next();
  }
  if (!untold) return;
  if (*untold > 0) text += " (and " + std::to_string(*untold) + " before it)";
  tell_note(parts_.observer, "aggregator", std::move(text));
}

void HospitalIngress::stop(const std::string& reason) {
  const Frame frame = frame_of(federation::RunEnded{reason});
  const std::lock_guard lock{mutex_};
  for (const auto& [link, gateway] : gateways_) {
    // Who does not hear it sees the session end.
    static_cast<void>(link->send(net::Lane::data, link_message(LinkMessageType::deliver, frame)));
    link->close(reason);
  }
}

void HospitalIngress::end(const std::string& reason) {
  const std::lock_guard lock{mutex_};
  for (const auto& [link, gateway] : gateways_) {
    link->close(reason);
    caf::anon_send_exit(gateway, caf::exit_reason::user_shutdown);
  }
  gateways_.clear();
}

std::set<std::string> HospitalIngress::present() const {
  const std::lock_guard lock{mutex_};
  std::set<std::string> names;
  for (const auto& [link, gateway] : gateways_) names.insert(name_of(link));
  return names;
}

}  // namespace hippocrypt::actors
