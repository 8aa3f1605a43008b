#pragma once
// A session: the core, the connection that carries it now, and who listens.

#include <algorithm>
#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "net/link/connection.hpp"
#include "net/link/rate_limiter.hpp"
#include "net/link/session_core.hpp"

namespace hippocrypt::net {

struct SessionOptions {
  std::shared_ptr<Loop> loop;
  LinkLimits limits;
  std::shared_ptr<LinkEvents> events;
  std::shared_ptr<MemoryBudget> memory;
  double messages_per_s = 0;  ///< that the peer may send; 0: any
  /// Called on the loop after on_cut.
  std::function<void()> on_lost = {};
  /// Called on the loop after on_down; `replaced`: by a newer session of the same identity.
  std::function<void(bool replaced)> on_over = {};
};

/// How often Session::on_tick is due.
inline std::chrono::milliseconds tick_period(const LinkLimits& limits) {
  using std::chrono::milliseconds;
  return std::clamp(limits.resume / 8, milliseconds{5}, milliseconds{1000});
}

/// Link's own functions are for any thread, all others for the loop's.
class Session final : public Link,
                      public BlockSource,
                      public std::enable_shared_from_this<Session> {
 public:
  Session(SessionOptions options, const SessionId& id, PeerInfo peer, const Capacity& capacity);

  const PeerInfo& peer() const override { return peer_; }
  Status send(Lane lane, Message message) override;
  void close(std::string reason) override;
  LinkCounters counters() const override;

  const SessionId& id() const { return id_; }
  bool is_over() const;
  Received received() const;
  /// The first connection: on_up.
  void start(std::shared_ptr<Connection> connection, std::optional<Hello> answer);
  /// Another one, from where the peer stands; the answer holds received(). A peer that cannot stand
  /// there ends the session.
  void resume(std::shared_ptr<Connection> connection, const Received& peer,
              std::optional<Hello> answer);
  /// Ends it: the peer hears the code and the reason, the application the error.
  void end(const Error& reason, CloseCode code);
  /// After LinkLimits::resume without a connection it ends.
  void on_tick(std::chrono::steady_clock::time_point now);
  /// Memory has been freed, or the application has sent something.
  void pump();
  /// The application has let go of a message. For any thread, also one within a call of this very
  /// session: the body of a reply may hold a request's credit. So no body dies under the lock.
  void release(Lane lane);

 private:
  std::optional<OutboundBlock> next_block() override;
  std::chrono::milliseconds wait_for(const BlockHeader& header) override;
  Result<std::span<std::uint8_t>> begin_block(const BlockHeader& header,
                                              std::size_t payload_bytes) override;
  void commit_block() override;
  void on_lost(const Error& reason) override;
  void on_closed_by_peer(std::uint16_t code, const std::string& reason) override;
  void on_broken_rules(const Error& reason) override;

  void carry(std::shared_ptr<Connection> connection, std::optional<Hello> answer);
  void wake();
  void deliver(bool regardless);
  void close_if_drained();
  void go_down(const Error& reason, bool replaced);
  void detach();

  SessionOptions options_;  // `events` until it is over
  const SessionId id_;
  const PeerInfo peer_;

  mutable std::mutex mutex_;  // of what follows, up to the blank line
  SessionCore core_;
  bool is_over_ = false;
  std::optional<std::string> closing_;  // the reason, once close() has been called
  LinkCounters counters_;
  std::size_t coming_bytes_ = 0;  // of the block between begin and commit

  std::atomic<bool> is_woken_{false};
  std::shared_ptr<Connection> connection_;
  RateLimiter rate_;
  std::chrono::steady_clock::time_point lost_at_{};
  std::optional<std::chrono::steady_clock::time_point> closing_since_;
};

}  // namespace hippocrypt::net
