#pragma once
// How sessions come about: a Listener waits for peers, a Connector reaches out to one.

#include <filesystem>
#include <functional>

#include "net/link/link.hpp"

namespace hippocrypt::net {

/// PEM files of a party.
struct TlsFiles {
  std::filesystem::path authority;    ///< certificate of the federation's authority
  std::filesystem::path certificate;  ///< its own
  std::filesystem::path key;          ///< its own; readable by nobody else
  std::filesystem::path revoked;      ///< revocation list of the authority; empty: none
};

struct ListenerOptions {
  TlsFiles tls;
  std::string address = "0.0.0.0";
  std::uint16_t port = 0;  ///< 0: any free one
  /// Whether a peer whose certificate is good may come in. Called on the link's threads.
  std::function<Status(const PeerInfo&)> admit;
  LinkLimits limits;
  std::size_t sessions = 256;
  std::size_t strangers = 32;                       ///< connections before authentication
  std::size_t strangers_per_address = 8;            ///< likewise
  std::size_t memory_bytes = std::size_t{4} << 30;  ///< of all peers' inbound messages together
  double messages_per_s = 1000;  ///< of one peer, with a burst of as many; beyond, it waits
};

/// Serves from its construction to its end, on one thread: that is enough for a gigabyte a second.
/// A second session of one identity: the newer one wins, for its holder has just proved to have the
/// key; the older hears "replaced", also when it comes back after a cut, and gives up.
class Listener {
 public:
  /// Errors: those of the TLS files (not_found, io, malformed, mismatch: the key is not the
  /// certificate's or the authority another one, stale: expired or revoked, tampered: others may
  /// read the key, unsupported: a certificate of another role), out_of_range (an address that is
  /// none), unavailable (the port is taken).
  static Result<std::unique_ptr<Listener>> start(ListenerOptions options,
                                                 std::shared_ptr<LinkEvents> events);
  virtual ~Listener() = default;  ///< closes all sessions and waits for the thread, not on it
  virtual std::uint16_t port() const = 0;
  /// Reads certificate, key and revocation list again: new connections use them, and sessions
  /// whose certificate is revoked, or whom `admit` refuses now, end. Errors: those of the TLS
  /// files; the old ones stay in use.
  virtual Status reload() = 0;
};

struct ConnectorOptions {
  TlsFiles tls;
  std::string host;
  std::uint16_t port = 0;
  Role role = Role::aggregator;  ///< that the peer must have
  std::string server_name;       ///< DNS name that its certificate must hold; empty: the host
  std::string proxy;             ///< "http://HOST:PORT" of a CONNECT proxy; empty: none
  LinkLimits limits;
  std::chrono::milliseconds first_wait{500};  ///< before the second attempt; doubled, up to
  std::chrono::milliseconds longest_wait{30'000};
};

/// Reaches out until it is destroyed, again and again. Gives up when it hears "replaced". What
/// comes back to a peer that has forgotten the session (it was restarted) starts a new one: the old
/// one goes down as stale first.
class Connector {
 public:
  /// Errors: those of the TLS files; out_of_range (a host or name that is none, a proxy that is not
  /// http://HOST:PORT).
  static Result<std::unique_ptr<Connector>> start(ConnectorOptions options,
                                                  std::shared_ptr<LinkEvents> events);
  virtual ~Connector() = default;  ///< closes the session and waits for the thread, not on it
  /// Reads the TLS files again, for the next connection. Errors: those of the TLS files; the old
  /// ones stay in use.
  virtual Status reload() = 0;
};

}  // namespace hippocrypt::net
