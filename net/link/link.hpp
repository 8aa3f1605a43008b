#pragma once
// A session with one peer: messages there and back, each delivered once and in its lane's order for
// as long as the session lives. Connections may break and be made again under it; what was not
// acknowledged is sent again from the last block.

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "base/result.hpp"
#include "base/shared_bytes.hpp"
#include "net/identity/certificate.hpp"

namespace hippocrypt::net {

/// Control messages are short and overtake data between two blocks.
enum class Lane : std::uint8_t { control = 0, data = 1 };

struct Message {
  std::uint16_t type = 0;  ///< the application's
  std::uint64_t id = 0;    ///< the application's: a reply carries its request's
  SharedBytes body;        ///< may be empty
};

/// What is to be bounded. Sizes in bytes; all are checked before anything is allocated.
struct LinkLimits {
  std::size_t block_bytes = std::size_t{1} << 20;      ///< of a message that travel at once
  std::uint32_t window_blocks = 8;                     ///< sent and not yet acknowledged
  std::size_t control_bytes = std::size_t{64} << 10;   ///< of a control message
  std::size_t message_bytes = std::size_t{513} << 20;  ///< of a data message
  /// Messages that the application has not released yet; the peer's data waits beyond.
  std::uint32_t inbound_messages = 8;
  std::size_t outbound_control_bytes = std::size_t{1} << 20;  ///< waiting; beyond, the peer is dead
  std::size_t outbound_data_bytes = std::size_t{1} << 30;     ///< waiting; shared bytes, not copies
  std::chrono::milliseconds handshake{10'000};
  std::chrono::milliseconds ping{10'000};  ///< between signs of life of an idle connection
  /// Without a byte of progress for so long a connection is given up. A slow line makes progress.
  std::chrono::milliseconds stall{30'000};
  std::chrono::milliseconds resume{600'000};  ///< that a session outlives its connection
};

/// What the peer has proved, and what it says of itself.
struct PeerInfo {
  CertificateFacts certificate;
  Bytes certificate_der;
  std::string address;   ///< for logs
  std::string software;  ///< version that it reports; printable
};

struct LinkCounters {
  std::uint64_t bytes_sent = 0, bytes_received = 0;  ///< of WebSocket payloads
  std::uint64_t blocks_sent = 0, blocks_resent = 0;
  std::uint32_t connections = 0;
};

/// For any number of threads.
class Link {
 public:
  virtual ~Link() = default;
  virtual const PeerInfo& peer() const = 0;
  /// Queues the message. Errors: limit_exceeded (longer than its lane allows, or too much is
  /// waiting: the peer does not read), unavailable (the session is over).
  virtual Status send(Lane lane, Message message) = 0;
  /// Ends the session, after what is queued or at once if there is no connection; the peer hears
  /// the reason.
  virtual void close(std::string reason) = 0;
  virtual LinkCounters counters() const = 0;
};
using LinkPointer = std::shared_ptr<Link>;

/// A message that has come whole. The credit's last copy gone, the peer may send another.
struct Inbound {
  Lane lane = Lane::control;
  Message message;
  std::shared_ptr<void> credit;
};

/// Who listens. Called on the link's own threads, one call at a time for one link; must not block.
class LinkEvents {
 public:
  virtual ~LinkEvents() = default;
  /// A new session. One of the same peer that was there before has gone down first.
  virtual void on_up(const LinkPointer& link) = 0;
  virtual void on_message(const LinkPointer& link, Inbound message) = 0;
  /// The session is over; nothing more comes of it. Errors: cancelled (closed by either side),
  /// unavailable (no connection for LinkLimits::resume), malformed or limit_exceeded (the peer
  /// broke the rules), stale (the peer has begun a new session, as after a restart).
  virtual void on_down(const LinkPointer& link, const Error& reason) = 0;
  /// The connection is lost; the session waits for another. For logs.
  virtual void on_cut(const LinkPointer& /*link*/, const Error& /*reason*/) {}
  /// It has another.
  virtual void on_resumed(const LinkPointer& /*link*/) {}
  /// An attempt to reach the peer, or of somebody to reach us, failed before there was a session.
  virtual void on_refused(const std::string& /*address*/, const Error& /*reason*/) {}
};

}  // namespace hippocrypt::net
