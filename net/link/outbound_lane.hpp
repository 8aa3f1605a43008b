#pragma once
// One lane's messages on their way out: cut into blocks, kept until they are acknowledged, sent
// again from any block. No sockets, no threads.

#include <deque>
#include <optional>
#include <utility>
#include <vector>

#include "net/link/block.hpp"

namespace hippocrypt::net {

/// A header and the bytes that follow it, not copied.
struct OutboundBlock {
  BlockHeader header;
  SharedBytes body;  ///< of the whole message
  std::size_t offset = 0;

  ByteView payload() const {
    return header.length == 0 ? ByteView{} : body->subspan(offset, header.length);
  }
};

struct OutboundLimits {
  std::size_t block_bytes = 0;
  std::uint32_t window_blocks = 0;
  std::size_t message_bytes = 0;  ///< of one message
  std::size_t waiting_bytes = 0;  ///< of all that are not acknowledged whole
};

class OutboundLane {
 public:
  OutboundLane(Lane lane, const OutboundLimits& limits) : lane_{lane}, limits_{limits} {}

  /// Whether a message may be so long.
  bool takes(std::size_t bytes) const { return bytes <= limits_.message_bytes; }
  /// Errors: limit_exceeded (longer than the lane takes, or too much is waiting).
  Status push(Message message);
  /// The next block, if there is one and the window has room.
  std::optional<OutboundBlock> next();
  /// The peer has all blocks up to this one and will take more. Errors: malformed (it has not been
  /// sent, or more had been acknowledged already).
  Status acknowledge(std::uint64_t sequence);
  /// The bodies that have become needless since the last call.
  std::vector<SharedBytes> take_needless() { return std::exchange(needless_, {}); }
  /// On a new connection: goes on with the block after the last that has come. Errors: malformed
  /// (it was never sent, or is forgotten already).
  Status resume(std::uint64_t received);

  /// Whether every block has been sent, if not acknowledged.
  bool all_sent() const { return cursor_ == messages_.size(); }
  std::uint64_t sent() const { return blocks_sent_; }
  std::uint64_t resent() const { return blocks_resent_; }

 private:
  struct Waiting {
    Message message;
    std::uint64_t first = 0;  ///< sequence of its first block
    std::uint64_t blocks = 1;
  };
  std::size_t cost(const Message& message) const;

  const Lane lane_;
  const OutboundLimits limits_;
  std::deque<Waiting> messages_;   // not acknowledged whole, in order
  std::size_t cursor_ = 0;         // of messages_: the one that next_ belongs to
  std::size_t waiting_bytes_ = 0;  // of messages_
  std::uint64_t next_ = 1;         // sequence of the next block to be sent
  std::uint64_t end_ = 1;          // sequence of the first block of the next message pushed
  std::uint64_t acknowledged_ = 0;
  std::uint64_t highest_sent_ = 0;
  std::uint64_t blocks_sent_ = 0, blocks_resent_ = 0;
  std::vector<SharedBytes> needless_;
};

}  // namespace hippocrypt::net
