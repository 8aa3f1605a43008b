#pragma once
// Frames: how every message lies on the wire. All numbers are little-endian.
//
//   0  magic "HPC1"      4 bytes
//   4  version           u16
//   6  message type      u16
//   8  envelope length   u32
//  12  body length       u64
//  20  envelope: Cereal's portable binary format
//      zero bytes up to the next multiple of 64
//      body: raw numbers, used where they lie; it never passes through Cereal
//
// An envelope type E is a plain struct with `static constexpr MessageType message_type` and a
// `serialize(Archive&)` member. Two members are optional: `Status validate() const`, which refuses
// values outside their range, and `std::size_t body_bytes() const`, the length that the body must
// have.

#include <algorithm>
#include <concepts>
#include <exception>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "protocol/core/guarded_archive.hpp"
#include "protocol/core/limits.hpp"
#include "protocol/core/message_type.hpp"

namespace hippocrypt::protocol {

inline constexpr std::uint16_t protocol_version = 4;
inline constexpr std::size_t frame_header_bytes = 20;

/// Where the parts of a frame lie, in bytes from its start.
struct FrameLayout {
  std::size_t envelope_bytes, body_offset, body_bytes;
  std::size_t total_bytes() const { return body_offset + body_bytes; }
};

/// The layout of a frame with an envelope and a body of these lengths.
FrameLayout frame_layout(std::size_t envelope_bytes, std::size_t body_bytes);

/// A whole frame of zero bytes behind a finished header, for messages whose body is too large to be
/// built elsewhere first. The lengths must be within the type's limits.
Bytes start_frame(MessageType type, FrameLayout layout);

/// A whole frame. The lengths must be within the type's limits.
Bytes encode_frame(MessageType type, ByteView envelope, ByteView body);

/// The parts of a frame, not copied: the frame must outlive them.
struct FrameView {
  MessageType type;
  std::uint16_t version;
  ByteView envelope;
  ByteView body;
};

/// Checks the header, the limits, the padding and that the frame is complete with nothing behind
/// it. Errors: malformed, unsupported (another version, an unknown type), limit_exceeded.
Result<FrameView> open_frame(ByteView frame);

namespace detail {
Error wrong_type(MessageType wanted, MessageType got);
Error undecodable(MessageType type, const std::string& cause);
Error wrong_body_length(MessageType type, std::size_t wanted, std::size_t got);

template <class E>
concept HasValidate = requires(const E& envelope) {
  { envelope.validate() } -> std::same_as<Status>;
};
template <class E>
concept HasBodyBytes = requires(const E& envelope) {
  { envelope.body_bytes() } -> std::same_as<std::size_t>;
};
}  // namespace detail

template <class E>
concept Envelope = requires {
  { E::message_type } -> std::convertible_to<MessageType>;
};

/// The envelope's bytes alone, as encode() puts them into the frame.
template <Envelope E>
Bytes envelope_bytes(const E& envelope) {
  EnvelopeOutput archive;
  archive(envelope);
  return archive.bytes();
}

/// The length of the frame that encode() makes with a body of `body_bytes`.
template <Envelope E>
std::size_t frame_bytes(const E& envelope, std::size_t body_bytes) {
  return frame_layout(envelope_bytes(envelope).size(), body_bytes).total_bytes();
}

/// A whole frame. The envelope must pass its own validate() and the body have its body_bytes().
template <Envelope E>
Bytes encode(const E& envelope, ByteView body = {}) {
  if constexpr (detail::HasValidate<E>) HIPPOCRYPT_CHECK(envelope.validate().has_value());
  if constexpr (detail::HasBodyBytes<E>) HIPPOCRYPT_CHECK(envelope.body_bytes() == body.size());
  return encode_frame(E::message_type, envelope_bytes(envelope), body);
}

/// A whole frame whose body, still zero, is to be written where it lies.
struct FrameInPlace {
  Bytes bytes;
  std::size_t body_offset = 0;
  std::span<std::uint8_t> body() { return std::span{bytes}.subspan(body_offset); }
};

/// The frame that encode() makes, for a body of `body_bytes` that does not exist yet. The envelope
/// must pass its own validate() and promise that length.
template <Envelope E>
FrameInPlace encode_in_place(const E& envelope, std::size_t body_bytes) {
  if constexpr (detail::HasValidate<E>) HIPPOCRYPT_CHECK(envelope.validate().has_value());
  if constexpr (detail::HasBodyBytes<E>) HIPPOCRYPT_CHECK(envelope.body_bytes() == body_bytes);
  const Bytes start = envelope_bytes(envelope);
  const FrameLayout layout = frame_layout(start.size(), body_bytes);
  FrameInPlace frame{start_frame(E::message_type, layout), layout.body_offset};
  std::copy(start.begin(), start.end(), frame.bytes.begin() + frame_header_bytes);
  return frame;
}

/// The envelope of an opened frame. Errors: malformed (another message type, truncated, a length
/// beyond the end, bytes left over, a body of another length than the envelope promises), and those
/// of E::validate().
template <Envelope E>
Result<E> decode(const FrameView& frame) {
  if (frame.type != E::message_type) return detail::wrong_type(E::message_type, frame.type);
  E envelope{};
  try {
    GuardedInput archive{frame.envelope};
    archive(envelope);
    if (archive.left() != 0) {
      return detail::undecodable(frame.type,
                                 std::to_string(archive.left()) + " bytes are left over");
    }
  } catch (const std::exception& error) {  // Cereal has three families of exceptions
    return detail::undecodable(frame.type, error.what());
  }
  if constexpr (detail::HasValidate<E>) HIPPOCRYPT_TRY_VOID(envelope.validate());
  if constexpr (detail::HasBodyBytes<E>) {
    if (frame.body.size() != envelope.body_bytes()) {
      return detail::wrong_body_length(frame.type, envelope.body_bytes(), frame.body.size());
    }
  }
  return envelope;
}

}  // namespace hippocrypt::protocol
