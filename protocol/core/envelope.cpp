#include "protocol/core/envelope.hpp"

#include <algorithm>
#include <array>

#include "base/byte_reader.hpp"

namespace hippocrypt::protocol {
namespace {

constexpr std::array<std::uint8_t, 4> magic{'H', 'P', 'C', '1'};

struct Header {
  MessageType type;
  std::uint16_t version;
  std::uint32_t envelope_bytes;
  std::uint64_t body_bytes;
};

Error too_large(const char* part, MessageType type, std::uint64_t got, std::size_t limit) {
  return {Errc::limit_exceeded, std::string{"the "} + part + " of a message of type " +
                                    to_string(type) + " claims " + std::to_string(got) +
                                    " bytes; the limit is " + std::to_string(limit)};
}

Result<Header> read_header(ByteReader& reader) {
  HIPPOCRYPT_TRY(const ByteView start, reader.take(magic.size()));
  if (!std::equal(start.begin(), start.end(), magic.begin())) {
    return Error{Errc::malformed, "this is not a Hippocrypt message: it does not start with HPC1"};
  }
  HIPPOCRYPT_TRY(const auto version, reader.read<std::uint16_t>());
  if (version != protocol_version) {
    return Error{Errc::unsupported, "the peer speaks protocol version " + std::to_string(version) +
                                        " and this program version " +
                                        std::to_string(protocol_version) +
                                        "; run the same release on both sides"};
  }
  HIPPOCRYPT_TRY(const auto type_number, reader.read<std::uint16_t>());
  const MessageType type{type_number};
  if (!is_known(type)) {
    return Error{Errc::unsupported, "message type " + std::to_string(type_number) +
                                        " is unknown to protocol version " +
                                        std::to_string(protocol_version)};
  }
  HIPPOCRYPT_TRY(const auto envelope_length, reader.read<std::uint32_t>());
  HIPPOCRYPT_TRY(const auto body_length, reader.read<std::uint64_t>());
  if (envelope_length > envelope_limit(type)) {
    return too_large("envelope", type, envelope_length, envelope_limit(type));
  }
  if (body_length > body_limit(type)) {
    return too_large("body", type, body_length, body_limit(type));
  }
  return Header{type, version, envelope_length, body_length};
}

Bytes header_of(MessageType type, FrameLayout layout) {
  HIPPOCRYPT_CHECK(layout.envelope_bytes <= envelope_limit(type));
  HIPPOCRYPT_CHECK(layout.body_bytes <= body_limit(type));
  ByteWriter header;
  header.append(magic);
  header.write(protocol_version);
  header.write(static_cast<std::uint16_t>(type));
  header.write(static_cast<std::uint32_t>(layout.envelope_bytes));
  header.write(static_cast<std::uint64_t>(layout.body_bytes));
  Bytes bytes = std::move(header).take();
  HIPPOCRYPT_CHECK(bytes.size() == frame_header_bytes);
  return bytes;
}

}  // namespace

FrameLayout frame_layout(std::size_t envelope_bytes, std::size_t body_bytes) {
  const std::size_t end = frame_header_bytes + envelope_bytes;
  return {envelope_bytes, (end + body_alignment - 1) / body_alignment * body_alignment, body_bytes};
}

Bytes start_frame(MessageType type, FrameLayout layout) {
  const Bytes header = header_of(type, layout);
  Bytes frame(layout.total_bytes());
  std::copy(header.begin(), header.end(), frame.begin());
  return frame;
}

Bytes encode_frame(MessageType type, ByteView envelope, ByteView body) {
  const FrameLayout layout = frame_layout(envelope.size(), body.size());
  const Bytes header = header_of(type, layout);
  Bytes frame;  // not of zero bytes first: bodies have megabytes
  frame.reserve(layout.total_bytes());
  frame.insert(frame.end(), header.begin(), header.end());
  frame.insert(frame.end(), envelope.begin(), envelope.end());
  frame.resize(layout.body_offset);
  frame.insert(frame.end(), body.begin(), body.end());
  return frame;
}

Result<FrameView> open_frame(ByteView frame) {
  ByteReader reader{frame};
  HIPPOCRYPT_TRY(const Header header, read_header(reader));
  const FrameLayout layout =
      frame_layout(header.envelope_bytes, static_cast<std::size_t>(header.body_bytes));
  HIPPOCRYPT_TRY(const ByteView envelope, reader.take(layout.envelope_bytes));
  HIPPOCRYPT_TRY(const ByteView padding,
                 reader.take(layout.body_offset - frame_header_bytes - layout.envelope_bytes));
  HIPPOCRYPT_TRY(const ByteView body, reader.take(layout.body_bytes));
  if (std::any_of(padding.begin(), padding.end(), [](std::uint8_t byte) { return byte != 0; })) {
    return Error{Errc::malformed, "the padding before the body is not zero"};
  }
  if (reader.left() != 0) {
    return Error{Errc::malformed, std::to_string(reader.left()) + " bytes follow the message"};
  }
  return FrameView{header.type, header.version, envelope, body};
}

namespace detail {

Error wrong_type(MessageType wanted, MessageType got) {
  return {Errc::malformed, std::string{"a message of type "} + to_string(wanted) +
                               " was expected, " + to_string(got) + " came"};
}

Error undecodable(MessageType type, const std::string& cause) {
  return {Errc::malformed, std::string{"the envelope of a message of type "} + to_string(type) +
                               " is broken: " + cause};
}

Error wrong_body_length(MessageType type, std::size_t wanted, std::size_t got) {
  return {Errc::malformed, std::string{"the body of a message of type "} + to_string(type) +
                               " has " + std::to_string(got) +
                               " bytes where its envelope promises " + std::to_string(wanted)};
}

}  // namespace detail
}  // namespace hippocrypt::protocol
