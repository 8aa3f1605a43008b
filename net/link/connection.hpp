#pragma once
// One connection from its first byte to its last: the greeting of a stranger, then the blocks of a
// session, and an end that says why.

#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "net/link/channel.hpp"
#include "net/link/hello.hpp"
#include "net/link/loop.hpp"
#include "net/link/outbound_lane.hpp"

namespace hippocrypt::net {

/// The session above a connection. Called on the loop's thread.
class BlockSource {
 public:
  virtual ~BlockSource() = default;
  virtual std::optional<OutboundBlock> next_block() = 0;
  /// How long to wait before this block may be taken; 0: now. Asked until it is 0.
  virtual std::chrono::milliseconds wait_for(const BlockHeader& header) = 0;
  /// Where the block's payload belongs. Errors: the peer broke the rules.
  virtual Result<std::span<std::uint8_t>> begin_block(const BlockHeader& header,
                                                      std::size_t payload_bytes) = 0;
  virtual void commit_block() = 0;
  /// The connection is over: once, and nothing else of it afterwards.
  virtual void on_lost(const Error& reason) = 0;
  virtual void on_closed_by_peer(std::uint16_t code, const std::string& reason) = 0;
  virtual void on_broken_rules(const Error& reason) = 0;
};

/// On the loop's thread only. Pending operations keep it alive.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  struct Greeting {
    std::function<void(Hello)> on_hello;
    std::function<void(const Error&, std::uint16_t close_code)> on_failed;  ///< code 0: none
  };

  Connection(std::unique_ptr<Channel> channel, Loop::Context& context, std::string address,
             const LinkLimits& limits);

  const std::string& address() const { return address_; }
  Bytes peer_certificate() const { return channel_->peer_certificate(); }

  /// TLS, WebSocket and the peer's hello, within LinkLimits::handshake. Who connects passes its
  /// own, which goes first.
  void greet(Greeting greeting, std::optional<Hello> own);
  /// From now on blocks of `source`, which outlives its end; after `own`, if who answers says it.
  void run(std::shared_ptr<BlockSource> source, std::optional<Hello> own);
  /// There may be something to write.
  void wake() { write_next(); }
  bool is_writing() const { return is_writing_; }
  /// Says why and ends; `done` when the peer has answered, or did not in time.
  void close(CloseCode code, const std::string& reason, std::function<void()> done = {});
  /// Ends without a word, and without telling anybody.
  void drop();

 private:
  enum class Phase { greeting, running, closing, over };

  void send_hello(const Hello& hello, std::function<void()> then);
  void read_hello(std::size_t have);
  void read_header(std::size_t have);
  void on_header();
  void read_payload(std::span<std::uint8_t> place, std::size_t have);
  void write_next();
  void fail(const Error& reason);
  void fail(ErrorCode error);
  void break_rules(const Error& reason);
  void arm(std::chrono::milliseconds wait);
  void on_tick();

  const std::unique_ptr<Channel> channel_;
  const std::string address_;
  const LinkLimits limits_;
  Phase phase_ = Phase::greeting;
  Greeting greeting_;
  std::shared_ptr<BlockSource> source_;
  asio::steady_timer ticks_, pause_;
  std::function<void()> on_closed_;

  Bytes hello_;  // the peer's, then ours
  BlockHeaderBytes header_in_{}, header_out_{};
  std::optional<OutboundBlock> writing_;
  bool is_writing_ = false;

  std::uint64_t bytes_in_ = 0, bytes_out_ = 0;  // at the last tick
  std::chrono::steady_clock::time_point last_progress_{}, last_ping_{};
  bool is_pinging_ = false;
};

}  // namespace hippocrypt::net
