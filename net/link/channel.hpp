#pragma once
// A WebSocket over TLS, reduced to what a connection needs. Beast's templates are instantiated
// behind it once.

#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/bytes.hpp"
#include "base/result.hpp"
#include "net/link/tls_stream.hpp"

namespace hippocrypt::net {

/// Why a side ends a WebSocket; the codes are of the range that is left to applications. Part of
/// the wire format.
enum class CloseCode : std::uint16_t {
  over = 4000,      ///< the session is over
  replaced = 4001,  ///< by a newer session of the same identity: do not come back
  broken_rules = 4002,
  refused = 4003,     ///< there was no session yet
  superseded = 4004,  ///< by another connection of the same session
};

/// On the loop's thread only. One read and one write at a time; handlers are never called from
/// within the call that they were given to.
class Channel {
 public:
  using Done = std::function<void(ErrorCode)>;
  using Count = std::function<void(ErrorCode, std::size_t)>;

  virtual ~Channel() = default;
  /// Of a connected socket. `name` (client) is what the peer's certificate must hold: a DNS name or
  /// an address.
  static std::unique_ptr<Channel> open(Socket socket, ssl_ctx_st* context, TlsStream::Side side,
                                       const std::string& name);

  /// TLS and the WebSocket's beginning.
  virtual void handshake(Done done) = 0;
  /// At least a byte of the message that comes; fewer than asked for also at its end.
  virtual void read_some(std::span<std::uint8_t> into, Count done) = 0;
  /// Whether the last read ended a message, and it was a binary one.
  virtual bool is_message_done() const = 0;
  virtual bool is_binary() const = 0;
  /// One binary message; both must stay until it is done.
  virtual void write(ByteView header, ByteView payload, Done done) = 0;
  virtual void ping(Done done) = 0;
  /// Says why, then waits for the peer's answer and reads over what comes before it.
  virtual void close(CloseCode code, const std::string& reason, Done done) = 0;
  /// Ends all that is pending.
  virtual void drop() = 0;

  /// Once a read has said that the peer closed: its code (0: none) and reason, printable.
  virtual std::uint16_t close_code() const = 0;
  virtual std::string close_reason() const = 0;
  virtual bool is_closed_by_peer(ErrorCode error) const = 0;
  /// A sentence for a failed handshake, read or write.
  virtual Error explain(ErrorCode error) const = 0;

  /// Bytes of TLS so far.
  virtual std::uint64_t bytes_out() const = 0;
  virtual std::uint64_t bytes_in() const = 0;
  /// DER; empty before TLS is there.
  virtual Bytes peer_certificate() const = 0;
};

}  // namespace hippocrypt::net
