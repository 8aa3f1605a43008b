#pragma once
// What travels in one WebSocket message: a header of fixed length and a piece of a Message.

#include <array>
#include <cstdint>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/link/link.hpp"

namespace hippocrypt::net {

/// Of everything in this folder that is written on the wire: header, hello, closing codes.
inline constexpr std::uint8_t link_version = 1;

enum class BlockKind : std::uint8_t { control = 0, data = 1, acknowledgement = 2, hello = 3 };

/// An acknowledgement has no payload: `sequence` is the last block of the data lane that may be
/// forgotten, `id` that of the control lane. A hello's payload is in hello.hpp.
struct BlockHeader {
  BlockKind kind = BlockKind::control;
  bool is_first = false, is_last = false;  ///< of its message
  std::uint16_t type = 0;                  ///< Message::type
  std::uint32_t length = 0;                ///< of this block's payload, bytes
  std::uint64_t sequence = 0;              ///< of the block in its lane, from 1
  std::uint64_t id = 0;                    ///< Message::id
  std::uint64_t message_length = 0;        ///< of the whole body, bytes

  friend bool operator==(const BlockHeader&, const BlockHeader&) = default;
};

inline constexpr std::size_t block_header_bytes = 40;
using BlockHeaderBytes = std::array<std::uint8_t, block_header_bytes>;

/// Little-endian: "HCLK", version, kind, flags (1 first, 2 last), 0, type (2 bytes), 0 (2), length
/// (4), sequence (8), id (8), message length (8).
BlockHeaderBytes encode(const BlockHeader& header);
/// Errors: malformed (also: other than block_header_bytes), unsupported (another version: names
/// both).
Result<BlockHeader> decode_block_header(ByteView bytes);

}  // namespace hippocrypt::net
