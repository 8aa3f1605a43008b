#pragma once
// Messages that measure a line: a probe, and what answers it.

#include <chrono>
#include <cstdint>
#include <optional>

#include "base/shared_bytes.hpp"

namespace hippocrypt::net {

/// Message::type of the two; others are free for the application.
inline constexpr std::uint16_t probe_type = 7;
inline constexpr std::uint16_t probe_reply_type = 8;
inline constexpr std::uint8_t probe_version = 1;
/// Longest body of either.
inline constexpr std::size_t max_probe_bytes = std::size_t{4} << 20;

/// Asks for the peer's clock, or for a number of bytes.
struct Probe {
  std::uint32_t reply_bytes = 0;  ///< 0: the clock; else so many, min_probe_bytes or more
};
/// Bytes of a probe without filling, and the fewest of a reply.
inline constexpr std::size_t min_probe_bytes = 9;

/// `size` bytes, at least min_probe_bytes; what is beyond the probe is filling.
SharedBytes encode_probe(const Probe& probe, std::size_t size = min_probe_bytes);
/// Errors: malformed, limit_exceeded (asks for more than max_probe_bytes), unsupported (another
/// version; the sentence names both).
Result<Probe> decode_probe(ByteView body);

/// A clock's reply.
SharedBytes encode_clock(std::chrono::system_clock::time_point now);
/// A reply of so many bytes. All replies share the same, so that a queue of them costs nothing.
SharedBytes filling(std::size_t size);
/// What the peer's clock said; the reply that asked for bytes says nothing. Errors: malformed,
/// unsupported.
Result<std::optional<std::chrono::system_clock::time_point>> decode_reply(ByteView body);

}  // namespace hippocrypt::net
