#pragma once
// Two SessionCores and what is on the way between them.

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>
#include <memory>
#include <vector>

#include "net/link/session_core.hpp"

namespace hippocrypt::net {

inline Message message_of(std::uint64_t id, std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(id * 31 + i);
  return {static_cast<std::uint16_t>(id % 7), id, SharedBytes{std::move(bytes)}};
}

inline std::shared_ptr<MemoryBudget> ample_memory() {
  return std::make_shared<MemoryBudget>(std::size_t{1} << 30, nullptr);
}

/// A block as it stands on the wire.
struct WireBlock {
  BlockHeaderBytes header{};
  Bytes payload;
};
inline WireBlock wire_of(const OutboundBlock& block) {
  const ByteView payload = block.payload();
  return {encode(block.header), Bytes{payload.begin(), payload.end()}};
}

/// Takes a block as a connection would.
inline Status take(SessionCore& core, const WireBlock& wire) {
  HIPPOCRYPT_TRY(const BlockHeader header, decode_block_header(wire.header));
  HIPPOCRYPT_TRY(const auto place, core.begin(header, wire.payload.size()));
  HIPPOCRYPT_CHECK(place.size() == wire.payload.size());
  std::copy(wire.payload.begin(), wire.payload.end(), place.begin());
  core.commit();
  return {};
}

struct CoreEnd {
  CoreEnd(const LinkLimits& limits, const Capacity& peer, std::shared_ptr<MemoryBudget> memory)
      : core{limits, peer, std::move(memory)} {}

  void deliver() {
    while (auto delivery = core.next_delivery()) {
      got.push_back(delivery->message);
      lanes.push_back(delivery->lane);
      held.push_back(std::move(*delivery));
    }
  }
  void release_one() {
    if (held.empty()) return;
    const Lane lane = held.front().lane;
    held.pop_front();
    core.release(lane);
    deliver();
  }
  std::vector<std::uint64_t> ids(Lane lane) const {
    std::vector<std::uint64_t> out;
    for (std::size_t i = 0; i < got.size(); ++i) {
      if (lanes[i] == lane) out.push_back(got[i].id);
    }
    return out;
  }

  SessionCore core;
  std::vector<Message> got;
  std::vector<Lane> lanes;
  std::deque<Delivery> held;
  std::deque<WireBlock> coming;  // on the way to this end
};

struct CorePair {
  explicit CorePair(const LinkLimits& limits, std::shared_ptr<MemoryBudget> memory = ample_memory())
      : a{limits, capacity_of(limits), memory}, b{limits, capacity_of(limits), memory} {}

  /// Puts a block on its way. False if there is none.
  static bool emit(CoreEnd& from, CoreEnd& to) {
    const auto block = from.core.next();
    if (block) to.coming.push_back(wire_of(*block));
    return block.has_value();
  }
  static bool arrive(CoreEnd& to) {
    if (to.coming.empty()) return false;
    const auto taken = take(to.core, to.coming.front());
    EXPECT_TRUE(taken.has_value()) << to_string(taken.error());
    to.coming.pop_front();
    to.deliver();
    return true;
  }
  /// Until nothing moves without a release.
  void settle() {
    while (emit(a, b) || emit(b, a) || arrive(a) || arrive(b)) {
    }
  }
  /// In the middle of the next block, if one is on its way.
  void cut() {
    for (CoreEnd* end : {&a, &b}) {
      if (!end->coming.empty()) {
        const WireBlock& wire = end->coming.front();
        const auto header = decode_block_header(wire.header);
        EXPECT_TRUE(end->core.begin(header.value(), wire.payload.size()));
      }
      end->coming.clear();
      end->core.cut();
    }
  }
  void resume() {
    const Received of_a = a.core.received(), of_b = b.core.received();
    EXPECT_TRUE(a.core.resume(of_b));
    EXPECT_TRUE(b.core.resume(of_a));
  }

  CoreEnd a, b;
};

}  // namespace hippocrypt::net
