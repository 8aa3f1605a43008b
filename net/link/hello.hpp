#pragma once
// The first block of either side on every connection: who goes on with which session, from where.

#include <array>
#include <string>

#include "net/link/block.hpp"

namespace hippocrypt::net {

/// Random; chosen by the side that connects. It is no secret: a session belongs to the identity of
/// its certificate.
using SessionId = std::array<std::uint8_t, 16>;

/// Last blocks that have come, by lane.
struct Received {
  std::uint64_t control = 0, data = 0;
  friend bool operator==(const Received&, const Received&) = default;
};

/// What a side takes. The other keeps to it.
struct Capacity {
  std::uint32_t block_bytes = 0, window_blocks = 0;
  std::uint64_t control_bytes = 0, message_bytes = 0;
  friend bool operator==(const Capacity&, const Capacity&) = default;
};
Capacity capacity_of(const LinkLimits& limits);

struct Hello {
  SessionId session{};
  /// Of who connects: it has this session already. Of who answers: it has, too; if it has not, a
  /// new one begins under this id.
  bool resumes = false;
  Received received;
  Capacity capacity;
  std::string software;  ///< printable, at most max_software_bytes

  friend bool operator==(const Hello&, const Hello&) = default;
};

inline constexpr std::size_t max_software_bytes = 64;
/// A peer that takes only smaller blocks would cost more work than it is worth.
inline constexpr std::uint32_t least_block_bytes = 256;
/// Block header and payload, at most.
inline constexpr std::size_t max_hello_bytes = block_header_bytes + 57 + max_software_bytes;

/// What this program calls itself.
std::string own_software();

/// The whole block. The software must fit.
Bytes encode(const Hello& hello);
/// Of a whole block. Errors: malformed (also: capacities that let nothing through), unsupported
/// (another version).
Result<Hello> decode_hello(ByteView block);

}  // namespace hippocrypt::net
