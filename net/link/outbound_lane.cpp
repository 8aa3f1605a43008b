#include "net/link/outbound_lane.hpp"

#include <algorithm>

#include "base/check.hpp"

namespace hippocrypt::net {
namespace {

/// What a message costs beside its body, so that empty ones cannot pile up for nothing.
constexpr std::size_t overhead_bytes = 128;

}  // namespace

std::size_t OutboundLane::cost(const Message& message) const {
  return message.body->size() + overhead_bytes;
}

Status OutboundLane::push(Message message) {
  const std::size_t size = message.body->size();
  if (!takes(size)) {
    return Error{Errc::limit_exceeded, "a message of " + std::to_string(size) +
                                           " bytes is longer than its lane takes: " +
                                           std::to_string(limits_.message_bytes)};
  }
  if (waiting_bytes_ + cost(message) > limits_.waiting_bytes) {
    return Error{Errc::limit_exceeded, std::to_string(waiting_bytes_) +
                                           " bytes wait for the peer already: it does not read; "
                                           "the limit is " +
                                           std::to_string(limits_.waiting_bytes)};
  }
  waiting_bytes_ += cost(message);
  const std::uint64_t blocks =
      std::max<std::uint64_t>(1, (size + limits_.block_bytes - 1) / limits_.block_bytes);
  messages_.push_back({std::move(message), end_, blocks});
  end_ += blocks;
  return {};
}

std::optional<OutboundBlock> OutboundLane::next() {
  if (all_sent() || next_ - 1 - acknowledged_ >= limits_.window_blocks) return std::nullopt;
  const Waiting& waiting = messages_[cursor_];
  const std::uint64_t at = next_ - waiting.first;
  HIPPOCRYPT_CHECK(at < waiting.blocks);
  const std::size_t size = waiting.message.body->size();
  OutboundBlock block;
  block.body = waiting.message.body;
  block.offset = static_cast<std::size_t>(at) * limits_.block_bytes;
  block.header.kind = lane_ == Lane::control ? BlockKind::control : BlockKind::data;
  block.header.is_first = at == 0;
  block.header.is_last = at + 1 == waiting.blocks;
  block.header.type = waiting.message.type;
  block.header.length =
      static_cast<std::uint32_t>(std::min(limits_.block_bytes, size - block.offset));
  block.header.sequence = next_;
  block.header.id = waiting.message.id;
  block.header.message_length = size;
  ++blocks_sent_;
  if (next_ <= highest_sent_) ++blocks_resent_;
  highest_sent_ = std::max(highest_sent_, next_);
  ++next_;
  if (block.header.is_last) ++cursor_;
  return block;
}

Status OutboundLane::acknowledge(std::uint64_t sequence) {
  // Never beyond next_: what a cut has taken back cannot have come.
  if (sequence < acknowledged_ || sequence >= next_) {
    return Error{Errc::malformed, "the peer acknowledges block " + std::to_string(sequence) +
                                      " of blocks " + std::to_string(acknowledged_) + " to " +
                                      std::to_string(next_ - 1)};
  }
  acknowledged_ = sequence;
  while (!messages_.empty() &&
         messages_.front().first + messages_.front().blocks - 1 <= acknowledged_) {
    waiting_bytes_ -= cost(messages_.front().message);
    needless_.push_back(std::move(messages_.front().message.body));
    messages_.pop_front();
    --cursor_;
  }
  return {};
}

Status OutboundLane::resume(std::uint64_t received) {
  if (received < acknowledged_ || received > highest_sent_) {
    return Error{Errc::malformed,
                 "the peer wants to go on after block " + std::to_string(received) + " of blocks " +
                     std::to_string(acknowledged_) + " to " + std::to_string(highest_sent_)};
  }
  next_ = received + 1;
  cursor_ = 0;
  while (cursor_ < messages_.size() &&
         messages_[cursor_].first + messages_[cursor_].blocks <= next_) {
    ++cursor_;
  }
  return {};
}

}  // namespace hippocrypt::net
