#include "federation/common/sender.hpp"

#include "federation/common/chunks.hpp"
#include "federation/common/messages.hpp"
#include "federation/common/round_messages.hpp"
#include "federation/common/site_messages.hpp"
#include "protocol/core/envelope.hpp"

namespace hippocrypt::federation {
namespace {

template <class Message>
Result<std::string> name_in(Result<Message> message, std::string Message::*name) {
  if (!message) return std::move(message).error();
  return std::move((*message).*name);
}

}  // namespace

Result<std::string> sender_of(ByteView frame) {
  HIPPOCRYPT_TRY(const auto view, protocol::open_frame(frame));
  using protocol::MessageType;
  if (view.type == MessageType::join) return name_in(decode_join(frame), &Join::hospital);
  if (view.type == MessageType::update) return update_sender(frame);
  if (view.type == MessageType::heartbeat) {
    return name_in(decode_heartbeat(frame), &Heartbeat::hospital);
  }
  if (view.type == MessageType::round_message) return round_message_sender(frame);
  if (view.type == MessageType::chunk) return name_in(decode_chunk(frame), &Chunk::sender);
  if (view.type == MessageType::budget_statement) {
    return name_in(decode_budget_statement(frame), &BudgetStatement::hospital);
  }
  return Error{Errc::malformed, std::string{to_string(view.type)} + " is no message of a hospital"};
}

}  // namespace hippocrypt::federation
