#include "protocol/core/message_type.hpp"

#include <string_view>

namespace hippocrypt::protocol {

const char* to_string(MessageType type) {
  switch (type) {
    case MessageType::product_request:
      return "product_request";
    case MessageType::product_reply:
      return "product_reply";
    case MessageType::error_reply:
      return "error_reply";
    case MessageType::setup_request:
      return "setup_request";
    case MessageType::setup_reply:
      return "setup_reply";
    case MessageType::setup_table:
      return "setup_table";
    case MessageType::hint_request:
      return "hint_request";
    case MessageType::hint_reply:
      return "hint_reply";
    case MessageType::join:
      return "join";
    case MessageType::round_start:
      return "round_start";
    case MessageType::update:
      return "update";
    case MessageType::finish:
      return "finish";
    case MessageType::report:
      return "report";
    case MessageType::progress:
      return "progress";
    case MessageType::heartbeat:
      return "heartbeat";
    case MessageType::round_message:
      return "round_message";
    case MessageType::round_summary:
      return "round_summary";
    case MessageType::chunk:
      return "chunk";
    case MessageType::run_ended:
      return "run_ended";
    case MessageType::welcome:
      return "welcome";
    case MessageType::budget_statement:
      return "budget_statement";
  }
  return "unknown";
}

bool is_known(MessageType type) { return std::string_view{to_string(type)} != "unknown"; }

}  // namespace hippocrypt::protocol
