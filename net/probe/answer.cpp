#include "net/probe/answer.hpp"

#include "net/probe/probe_messages.hpp"

namespace hippocrypt::net {

bool answer_probe(const LinkPointer& link, const Inbound& inbound) {
  if (inbound.message.type != probe_type) return false;
  const auto probe = decode_probe(inbound.message.body ? *inbound.message.body : ByteView{});
  if (!probe) {
    link->close(probe.error().detail);
    return true;
  }
  Message reply{probe_reply_type, inbound.message.id, {}};
  reply.body = probe->reply_bytes == 0 ? encode_clock(std::chrono::system_clock::now())
                                       : filling(probe->reply_bytes);
  const Lane lane = probe->reply_bytes == 0 ? Lane::control : Lane::data;
  // A peer that does not read its replies, or is gone, gets none.
  static_cast<void>(link->send(lane, std::move(reply)).has_value());
  return true;
}

}  // namespace hippocrypt::net
