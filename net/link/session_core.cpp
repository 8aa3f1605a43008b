#include "net/link/session_core.hpp"

#include <algorithm>
#include <utility>

#include "base/check.hpp"

namespace hippocrypt::net {
namespace {

/// Both sides come to the same, in either direction.
std::size_t agreed_block_bytes(const LinkLimits& limits, const Capacity& peer) {
  return std::min<std::size_t>(limits.block_bytes, peer.block_bytes);
}
std::uint32_t agreed_window(const LinkLimits& limits, const Capacity& peer) {
  return std::min(limits.window_blocks, peer.window_blocks);
}

OutboundLimits outbound(Lane lane, const LinkLimits& limits, const Capacity& peer) {
  const bool is_control = lane == Lane::control;
  const auto own = is_control ? limits.control_bytes : limits.message_bytes;
  const auto others = is_control ? peer.control_bytes : peer.message_bytes;
  return {agreed_block_bytes(limits, peer), agreed_window(limits, peer),
          static_cast<std::size_t>(std::min<std::uint64_t>(own, others)),
          is_control ? limits.outbound_control_bytes : limits.outbound_data_bytes};
}

InboundLimits inbound_limits(Lane lane, const LinkLimits& limits, const Capacity& peer) {
  return {agreed_block_bytes(limits, peer), agreed_window(limits, peer),
          lane == Lane::control ? limits.control_bytes : limits.message_bytes,
          limits.inbound_messages};
}

}  // namespace

SessionCore::SessionCore(const LinkLimits& limits, const Capacity& peer,
                         std::shared_ptr<MemoryBudget> budget)
    : control_out_{Lane::control, outbound(Lane::control, limits, peer)},
      data_out_{Lane::data, outbound(Lane::data, limits, peer)},
      control_in_{Lane::control, inbound_limits(Lane::control, limits, peer), budget},
      data_in_{Lane::data, inbound_limits(Lane::data, limits, peer), std::move(budget)} {}

bool SessionCore::takes(Lane lane, std::size_t bytes) const {
  return (lane == Lane::control ? control_out_ : data_out_).takes(bytes);
}

Status SessionCore::send(Lane lane, Message message) {
  return (lane == Lane::control ? control_out_ : data_out_).push(std::move(message));
}

std::optional<OutboundBlock> SessionCore::next() {
  const Received now{control_in_.acknowledgeable(), data_in_.acknowledgeable()};
  if (now != acknowledged_ || must_acknowledge_) {
    acknowledged_ = now;
    must_acknowledge_ = false;
    OutboundBlock block;
    block.header.kind = BlockKind::acknowledgement;
    block.header.is_first = block.header.is_last = true;
    block.header.id = now.control;
    block.header.sequence = now.data;
    return block;
  }
  if (auto block = control_out_.next()) return block;
  return data_out_.next();
}

bool SessionCore::all_sent() const { return control_out_.all_sent() && data_out_.all_sent(); }

Status SessionCore::acknowledge(const BlockHeader& header, std::size_t payload_bytes) {
  const BlockHeader expected{.kind = BlockKind::acknowledgement,
                             .is_first = true,
                             .is_last = true,
                             .sequence = header.sequence,
                             .id = header.id};
  if (header != expected || payload_bytes != 0) {
    return Error{Errc::malformed, "the peer sent an acknowledgement that holds something else"};
  }
  HIPPOCRYPT_TRY_VOID(control_out_.acknowledge(header.id));
  return data_out_.acknowledge(header.sequence);
}

Result<std::span<std::uint8_t>> SessionCore::begin(const BlockHeader& header,
                                                   std::size_t payload_bytes) {
  HIPPOCRYPT_CHECK(!open_);
  if (header.length != payload_bytes) {
    return Error{Errc::malformed, "the peer sent a block of " + std::to_string(payload_bytes) +
                                      " bytes that says " + std::to_string(header.length)};
  }
  if (header.kind == BlockKind::acknowledgement) {
    HIPPOCRYPT_TRY_VOID(acknowledge(header, payload_bytes));
    return std::span<std::uint8_t>{};
  }
  if (header.kind == BlockKind::hello) {
    return Error{Errc::malformed, "the peer sent a second hello"};
  }
  const Lane lane = header.kind == BlockKind::control ? Lane::control : Lane::data;
  HIPPOCRYPT_TRY(const auto place, inbound(lane).begin(header));
  open_ = lane;
  return place;
}

void SessionCore::commit() {
  if (open_) inbound(*std::exchange(open_, std::nullopt)).commit();
}

std::optional<Delivery> SessionCore::next_delivery(bool regardless) {
  if (auto delivery = control_in_.next(regardless)) return delivery;
  return data_in_.next(regardless);
}

void SessionCore::release(Lane lane) { inbound(lane).release(); }

std::vector<SharedBytes> SessionCore::take_needless() {
  auto bodies = data_out_.take_needless();
  for (auto& body : control_out_.take_needless()) bodies.push_back(std::move(body));
  return bodies;
}

void SessionCore::cut() {
  open_.reset();
  control_in_.cut();
  data_in_.cut();
}

Received SessionCore::received() const { return {control_in_.received(), data_in_.received()}; }

Status SessionCore::resume(const Received& peer) {
  HIPPOCRYPT_TRY_VOID(control_out_.resume(peer.control));
  HIPPOCRYPT_TRY_VOID(data_out_.resume(peer.data));
  must_acknowledge_ = received() != Received{};
  return {};
}

}  // namespace hippocrypt::net
