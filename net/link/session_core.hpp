#pragma once
// What a session is without sockets, threads and clocks: both lanes there and back, in blocks,
// acknowledged, and gone on with after a cut. Every rule that a peer can break is here.

#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "net/link/hello.hpp"
#include "net/link/inbound_lane.hpp"
#include "net/link/outbound_lane.hpp"

namespace hippocrypt::net {

/// Not thread-safe; one connection at a time.
class SessionCore {
 public:
  /// `peer` is what the other side says that it takes. A message must fit the whole of `budget`.
  SessionCore(const LinkLimits& limits, const Capacity& peer, std::shared_ptr<MemoryBudget> budget);

  /// Whether the lane takes messages of this length, if not now.
  bool takes(Lane lane, std::size_t bytes) const;
  /// Errors: limit_exceeded.
  Status send(Lane lane, Message message);
  /// What is to be written next: an acknowledgement, then control, then data. Nothing while there
  /// is nothing, or the peer's window is full.
  std::optional<OutboundBlock> next();
  bool all_sent() const;

  /// A block's header has come with `payload_bytes` behind it: where those belong, until commit().
  /// Acknowledgements are dealt with at once. Errors (the peer broke the rules): malformed,
  /// limit_exceeded.
  Result<std::span<std::uint8_t>> begin(const BlockHeader& header, std::size_t payload_bytes);
  void commit();
  /// A message that is whole, if credit and memory allow it or `regardless` of them: control
  /// before data.
  std::optional<Delivery> next_delivery(bool regardless = false);
  /// One that was handed out has been dealt with.
  void release(Lane lane);
  /// Bodies of messages that the peer has acknowledged since the last call: whoever guards the core
  /// with a lock frees them outside of it.
  std::vector<SharedBytes> take_needless();

  /// The connection is lost: a block that has come in part comes again.
  void cut();
  Received received() const;
  /// There is a new one, and this is what has come to the peer. Errors: malformed.
  Status resume(const Received& peer);

  std::uint64_t blocks_sent() const { return control_out_.sent() + data_out_.sent(); }
  std::uint64_t blocks_resent() const { return control_out_.resent() + data_out_.resent(); }

 private:
  InboundLane& inbound(Lane lane) { return lane == Lane::control ? control_in_ : data_in_; }
  Status acknowledge(const BlockHeader& header, std::size_t payload_bytes);

  OutboundLane control_out_, data_out_;
  InboundLane control_in_, data_in_;
  Received acknowledged_;          // what the peer was told
  bool must_acknowledge_ = false;  // though it was told so already: it may not have heard
  std::optional<Lane> open_;       // between begin and commit
};

}  // namespace hippocrypt::net
