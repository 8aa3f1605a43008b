#pragma once
// The number of every message that crosses a process. Numbers are part of the wire format: they are
// added to, never changed or reused.

#include <cstdint>

namespace hippocrypt::protocol {

enum class MessageType : std::uint16_t {
  product_request = 1,
  product_reply = 2,
  error_reply = 3,
  setup_request = 4,
  setup_reply = 5,
  setup_table = 6,
  hint_request = 7,
  hint_reply = 8,
  // 16 and up belong to federation/, which defines what they carry.
  join = 16,
  round_start = 17,
  update = 18,
  finish = 19,
  report = 20,
  progress = 21,
  heartbeat = 22,
  round_message = 23,
  round_summary = 24,
  run_ended = 25,
  chunk = 26,
  welcome = 27,
  budget_statement = 28,
};

/// Whether a number read from the wire is one of the enumerators.
bool is_known(MessageType type);
/// The enumerator's name, or "unknown".
const char* to_string(MessageType type);

}  // namespace hippocrypt::protocol
