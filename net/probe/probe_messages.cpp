#include "net/probe/probe_messages.hpp"

#include "base/byte_reader.hpp"
#include "base/check.hpp"

namespace hippocrypt::net {
namespace {

// Body: version (1 byte), a number (8 bytes, the lowest first), filling. The number is what a probe
// asks for, or a clock in microseconds since 1970, or 0 in a reply of bytes.

Bytes header(std::uint64_t number, std::size_t size) {
  HIPPOCRYPT_CHECK(size >= min_probe_bytes && size <= max_probe_bytes);
  ByteWriter body{size};
  body.write(probe_version);
  body.write(number);
  Bytes bytes = std::move(body).take();
  bytes.resize(size);
  return bytes;
}

Result<std::uint64_t> number_of(ByteView body) {
  ByteReader reader{body};
  const auto version = reader.read<std::uint8_t>();
  if (version && *version != probe_version) {
    return Error{Errc::unsupported, "the peer measures lines with messages of version " +
                                        std::to_string(*version) + ", this program with version " +
                                        std::to_string(probe_version) +
                                        "; the older one is to be updated"};
  }
  if (body.size() < min_probe_bytes || body.size() > max_probe_bytes) {
    return Error{Errc::malformed, "a message that measures the line has a wrong length"};
  }
  return reader.read<std::uint64_t>();
}

}  // namespace

SharedBytes encode_probe(const Probe& probe, std::size_t size) {
  if (probe.reply_bytes == 0) return filling(size);  // the same bytes
  return SharedBytes{header(probe.reply_bytes, size)};
}

Result<Probe> decode_probe(ByteView body) {
  HIPPOCRYPT_TRY(const auto number, number_of(body));
  if (number > max_probe_bytes) {
    return Error{Errc::limit_exceeded, "a probe may ask for " + std::to_string(max_probe_bytes) +
                                           " bytes, this one for " + std::to_string(number)};
  }
  if (number != 0 && number < min_probe_bytes) {
    return Error{Errc::malformed, "a probe asks for fewer bytes than a reply has"};
  }
  return Probe{static_cast<std::uint32_t>(number)};
}

SharedBytes encode_clock(std::chrono::system_clock::time_point now) {
  const auto since = std::chrono::duration_cast<std::chrono::microseconds>(now.time_since_epoch());
  return SharedBytes{header(static_cast<std::uint64_t>(since.count()), min_probe_bytes)};
}

SharedBytes filling(std::size_t size) {
  static const SharedBytes all{header(0, max_probe_bytes)};
  return {std::make_shared<SharedBytes>(all), all->first(size)};
}

Result<std::optional<std::chrono::system_clock::time_point>> decode_reply(ByteView body) {
  HIPPOCRYPT_TRY(const auto number, number_of(body));
  if (number == 0) return std::optional<std::chrono::system_clock::time_point>{};
  constexpr std::uint64_t year_9999_us = 253'402'300'799'000'000;
  if (number > year_9999_us) return Error{Errc::malformed, "the peer's clock is out of range"};
  return std::optional{std::chrono::system_clock::time_point{
      std::chrono::microseconds{static_cast<std::int64_t>(number)}}};
}

}  // namespace hippocrypt::net
