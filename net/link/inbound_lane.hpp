#pragma once
// One lane's messages on their way in: blocks checked before anything is allocated for them, put
// together, handed out as credit allows. No sockets, no threads.

#include <deque>
#include <memory>
#include <optional>
#include <span>

#include "net/link/block.hpp"
#include "net/link/memory_budget.hpp"

namespace hippocrypt::net {

struct InboundLimits {
  std::size_t block_bytes = 0;  ///< of every block of a message but its last
  std::uint32_t window_blocks = 0;
  std::size_t message_bytes = 0;
  std::uint32_t messages = 0;  ///< handed out and not released
};

/// A message that has come whole, and its share of the memory.
struct Delivery {
  Lane lane = Lane::control;
  Message message;
  Reservation reservation;
};

class InboundLane {
 public:
  InboundLane(Lane lane, const InboundLimits& limits, std::shared_ptr<MemoryBudget> budget)
      : lane_{lane}, limits_{limits}, budget_{std::move(budget)} {}

  /// Checks a block of the lane and makes room for it: where its bytes belong, until commit() or
  /// cut(). Errors (the peer broke the rules): malformed (out of sequence, replayed, of another
  /// message than the one that has begun, of a wrong length), limit_exceeded (beyond window or
  /// limits).
  Result<std::span<std::uint8_t>> begin(const BlockHeader& header);
  /// The block's bytes have come.
  void commit();
  /// They will not come: the connection is lost.
  void cut();

  /// The next message that is whole, if credit and memory allow it or `regardless` of them.
  std::optional<Delivery> next(bool regardless = false);
  /// One that was handed out has been dealt with.
  void release();

  std::uint64_t received() const { return received_; }
  /// What may be acknowledged: nothing new while messages wait for credit or memory. That holds the
  /// peer back once its window is full; so much of every peer is held beside the budget.
  std::uint64_t acknowledgeable();

 private:
  struct Assembly {
    Message message;  // without a body
    std::shared_ptr<std::uint8_t[]> bytes;
    std::size_t length = 0, filled = 0;
    Reservation reservation;
  };
  struct Whole {
    Message message;
    Reservation reservation;
  };
  bool reserve(Reservation& reservation, std::size_t bytes) const;
  Status check(const BlockHeader& header) const;
  void finish();

  const Lane lane_;
  const InboundLimits limits_;
  const std::shared_ptr<MemoryBudget> budget_;
  std::optional<Assembly> assembly_;
  std::uint32_t open_length_ = 0;
  bool is_open_ = false;  // between begin and commit
  std::deque<Whole> whole_;
  std::uint32_t unreleased_ = 0;
  std::uint64_t received_ = 0, acknowledged_ = 0;
};

}  // namespace hippocrypt::net
