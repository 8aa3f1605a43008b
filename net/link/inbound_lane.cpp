#include "net/link/inbound_lane.hpp"

#include <algorithm>
#include <new>
#include <string>

#include "base/check.hpp"

namespace hippocrypt::net {
namespace {

Error broke(Errc code, const std::string& what) {
  return Error{code, "the peer broke the rules of the link: " + what};
}

}  // namespace

Status InboundLane::check(const BlockHeader& header) const {
  if (header.sequence != received_ + 1) {
    return broke(Errc::malformed, "block " + std::to_string(header.sequence) + " came after " +
                                      std::to_string(received_));
  }
  if (header.sequence - acknowledged_ > limits_.window_blocks) {
    return broke(Errc::limit_exceeded, "more than " + std::to_string(limits_.window_blocks) +
                                           " blocks are not acknowledged");
  }
  if (header.message_length > limits_.message_bytes) {
    return broke(Errc::limit_exceeded, "a message of " + std::to_string(header.message_length) +
                                           " bytes; the limit is " +
                                           std::to_string(limits_.message_bytes));
  }
  if (header.is_first == assembly_.has_value()) {
    return broke(Errc::malformed, header.is_first ? "a message began before the last one's end"
                                                  : "a message has no beginning");
  }
  if (assembly_ && (header.type != assembly_->message.type || header.id != assembly_->message.id ||
                    header.message_length != assembly_->length)) {
    return broke(Errc::malformed, "a block says otherwise than its message's first");
  }
  const std::size_t left = header.message_length - (assembly_ ? assembly_->filled : 0);
  if (header.length != std::min(left, limits_.block_bytes)) {
    return broke(Errc::malformed, "a block of " + std::to_string(header.length) + " bytes where " +
                                      std::to_string(left) + " are left");
  }
  if (header.is_last != (header.length == left)) {
    return broke(Errc::malformed, "a message does not end where it says");
  }
  return {};
}

Result<std::span<std::uint8_t>> InboundLane::begin(const BlockHeader& header) {
  HIPPOCRYPT_CHECK(!is_open_);
  HIPPOCRYPT_TRY_VOID(check(header));
  if (!assembly_) {
    Assembly fresh;
    fresh.message.type = header.type;
    fresh.message.id = header.id;
    fresh.length = static_cast<std::size_t>(header.message_length);
    // Not initialised: pages become memory as their bytes come, whatever length was claimed.
    if (fresh.length > 0) {
      fresh.bytes.reset(new (std::nothrow) std::uint8_t[fresh.length]);
      if (fresh.bytes == nullptr) {
        return Error{Errc::limit_exceeded, "no memory is left for a message of the peer"};
      }
    }
    assembly_ = std::move(fresh);
  }
  is_open_ = true;
  open_length_ = header.length;
  return std::span{assembly_->bytes.get() + assembly_->filled, open_length_};
}

void InboundLane::commit() {
  HIPPOCRYPT_CHECK(is_open_ && assembly_);
  is_open_ = false;
  ++received_;
  assembly_->filled += open_length_;
  if (assembly_->filled == assembly_->length) finish();
}

void InboundLane::finish() {
  Whole whole{std::move(assembly_->message), std::move(assembly_->reservation)};
  const ByteView view{assembly_->bytes.get(), assembly_->length};
  whole.message.body = SharedBytes{std::move(assembly_->bytes), view};
  whole_.push_back(std::move(whole));
  assembly_.reset();
}

bool InboundLane::reserve(Reservation& reservation, std::size_t bytes) const {
  if (!reservation) reservation = budget_->reserve(bytes);
  return static_cast<bool>(reservation);
}

void InboundLane::cut() {
  if (is_open_ && assembly_->filled == 0) assembly_.reset();  // its first block comes again
  is_open_ = false;
}

std::optional<Delivery> InboundLane::next(bool regardless) {
  if (whole_.empty() || (unreleased_ >= limits_.messages && !regardless)) return std::nullopt;
  Whole& first = whole_.front();
  if (!reserve(first.reservation, first.message.body->size()) && !regardless) return std::nullopt;
  std::optional<Delivery> delivery{
      Delivery{lane_, std::move(first.message), std::move(first.reservation)}};
  whole_.pop_front();
  ++unreleased_;
  return delivery;
}

void InboundLane::release() {
  HIPPOCRYPT_CHECK(unreleased_ > 0);
  --unreleased_;
}

std::uint64_t InboundLane::acknowledgeable() {
  const bool has_credit = whole_.empty() && unreleased_ < limits_.messages;
  if (has_credit && (!assembly_ || reserve(assembly_->reservation, assembly_->length))) {
    acknowledged_ = received_;
  }
  return acknowledged_;
}

}  // namespace hippocrypt::net
