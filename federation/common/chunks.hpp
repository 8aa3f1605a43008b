#pragma once
// A long message as pieces, so that each is a sign of life and none holds up what is short. Pieces
// of one message come in order; a sender has one message under way at a time.

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/bytes.hpp"
#include "base/result.hpp"

namespace hippocrypt::federation {

/// A piece of a frame. What it is a piece of, or came in, must outlive it.
struct Chunk {
  std::string sender;         ///< a hospital, or "aggregator"
  std::uint64_t message = 0;  ///< number that the sender gave the frame
  std::uint64_t offset = 0;   ///< of the piece, bytes
  std::uint64_t total = 0;    ///< length of the frame, bytes
  ByteView bytes;             ///< at least one
};

Bytes encode(const Chunk& message);
/// Errors: malformed (not this message, truncated, a text too long, an empty piece, one that
/// reaches beyond the total), unsupported (another version), limit_exceeded.
Result<Chunk> decode_chunk(ByteView frame);

/// `frame` as encoded chunks of at most `chunk_bytes` (at least 1) each.
std::vector<Bytes> split_frame(const std::string& sender, std::uint64_t message, ByteView frame,
                               std::size_t chunk_bytes);

/// Puts the frames of one sender together. Memory grows with what has come, not with what is
/// announced.
class ChunkAssembler {
 public:
  /// `limit_bytes`: longest frame that is accepted.
  ChunkAssembler(std::string sender, std::size_t limit_bytes)
      : sender_{std::move(sender)}, limit_bytes_{limit_bytes} {}

  /// The frame, when this was its last piece. The first piece of another message takes the place of
  /// one that was under way, as after a restart of the sender. After an error nothing is under way.
  /// Errors: limit_exceeded, mismatch (another sender, another length than before), malformed (not
  /// the piece that is due: a gap, an overlap, a foreign message).
  Result<std::optional<Bytes>> add(const Chunk& chunk);

  /// Bytes of the frame under way.
  std::size_t held_bytes() const { return held_.size(); }

 private:
  Status check(const Chunk& chunk) const;

  std::string sender_;
  std::size_t limit_bytes_;
  std::uint64_t message_ = 0, total_ = 0;
  Bytes held_;
};

}  // namespace hippocrypt::federation
