#pragma once
// One fixed message of every type with a body, and how to decode a frame of any type.

#include "protocol/core/messages.hpp"

namespace hippocrypt::protocol::test {

template <std::size_t Count>
std::array<std::uint8_t, Count> counting(std::uint8_t first) {
  std::array<std::uint8_t, Count> out{};
  for (std::size_t i = 0; i < Count; ++i) out[i] = static_cast<std::uint8_t>(first + i);
  return out;
}

inline Bytes counting_bytes(std::size_t count) {
  Bytes out(count);
  for (std::size_t i = 0; i < count; ++i) out[i] = static_cast<std::uint8_t>(i * 7 + 1);
  return out;
}

inline ProductIds sample_ids() {
  return {counting<32>(0),    counting<32>(64), counting<32>(128), 0x0102030405060708, 3, 2,
          Direction::backward};
}

inline ProductRequest sample_request() { return {sample_ids(), 5, 4}; }
inline ProductReply sample_reply() { return {sample_ids(), 7, 4}; }
inline ErrorReply sample_error() {
  return ErrorReply::from({Errc::mismatch, "other weights; fetch the setup again"});
}
inline SetupRequest sample_setup_request() {
  return {counting<32>(1), counting<32>(2), counting<32>(3), 7, false};
}

inline SetupContents sample_contents() {
  SiteEntry first;
  first.block = 0;
  first.group = 1;
  first.out = 3;
  first.in = 2;
  first.forward_bounds = {12.5, 20};
  first.backward_bounds = {13.25, 30};
  first.forward_sha256 = counting<32>(9);
  first.backward_sha256 = counting<32>(41);
  SiteEntry second = first;
  second.block = 1;
  return {"rlwe2048", counting<32>(0), counting<32>(64), counting<32>(128), {first, second}};
}
inline SetupReply sample_setup() { return {sample_contents()}; }
inline SetupTable sample_table() { return {sample_contents()}; }
inline HintRequest sample_hint_request() { return {{sample_ids(), 0x0102030405060710, 32}}; }
inline HintReply sample_hint_reply() { return {{sample_ids(), 0x0102030405060710, 32}}; }

/// A frame of every message type of protocol/.
inline std::vector<Bytes> sample_frames() {
  return {encode(sample_request(), counting_bytes(sample_request().body_bytes())),
          encode(sample_reply(), counting_bytes(sample_reply().body_bytes())),
          encode(sample_error()),
          encode(sample_setup_request()),
          encode(sample_setup(), counting_bytes(320)),
          encode(sample_table(), counting_bytes(128)),
          encode(sample_hint_request()),
          encode(sample_hint_reply(), counting_bytes(120))};
}

template <class E>
Status decode_as(const FrameView& frame) {
  HIPPOCRYPT_TRY_VOID(decode<E>(frame));
  return Ok{};
}

/// Opens and decodes a frame as what it says it is.
inline Status decode_any(ByteView bytes) {
  HIPPOCRYPT_TRY(const FrameView frame, open_frame(bytes));
  switch (frame.type) {
    case MessageType::product_request:
      return decode_as<ProductRequest>(frame);
    case MessageType::product_reply:
      return decode_as<ProductReply>(frame);
    case MessageType::error_reply:
      return decode_as<ErrorReply>(frame);
    case MessageType::setup_request:
      return decode_as<SetupRequest>(frame);
    case MessageType::setup_reply:
      return decode_as<SetupReply>(frame);
    case MessageType::setup_table:
      return decode_as<SetupTable>(frame);
    case MessageType::hint_request:
      return decode_as<HintRequest>(frame);
    case MessageType::hint_reply:
      return decode_as<HintReply>(frame);
    case MessageType::join:
    case MessageType::round_start:
    case MessageType::update:
    case MessageType::finish:
    case MessageType::report:
    case MessageType::progress:
    case MessageType::heartbeat:
    case MessageType::round_message:
    case MessageType::round_summary:
    case MessageType::run_ended:
    case MessageType::chunk:
    case MessageType::welcome:
    case MessageType::budget_statement:
      break;
  }
  return Error{Errc::unsupported, "not a message of protocol/"};
}

}  // namespace hippocrypt::protocol::test
