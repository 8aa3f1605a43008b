#pragma once
// A peer that writes what it likes: bytes before TLS, frames that are none, blocks that lie.
// Blocking sockets; every call gives up after a while.

#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <sys/time.h>

#include <csignal>
#include <memory>
#include <optional>
#include <string>

#include "net/link/hello.hpp"
#include "tests/net/link/federation_rig.hpp"
#include "tests/net/link/relay.hpp"

namespace hippocrypt::net {

class HostilePeer {
 public:
  explicit HostilePeer(std::uint16_t port) : fd_{loopback_socket(port)} {
    std::signal(SIGPIPE, SIG_IGN);
    const int at_once = 1;
    (void)::setsockopt(fd_, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    const timeval patience{20, 0};
    (void)::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
    (void)::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof patience);
  }
  ~HostilePeer() {
    ssl_.reset();
    ::close(fd_);
  }
  HostilePeer(const HostilePeer&) = delete;
  HostilePeer& operator=(const HostilePeer&) = delete;

  bool send_raw(ByteView bytes) const {
    return ::send(fd_, bytes.data(), bytes.size(), MSG_NOSIGNAL) ==
           static_cast<ssize_t>(bytes.size());
  }
  /// Whether the other side ends the connection, in time.
  bool hears_end() {
    char buffer[4096];
    for (;;) {
      const ssize_t got = ::recv(fd_, buffer, sizeof buffer, 0);
      if (got > 0) continue;
      return got == 0 || errno == ECONNRESET;
    }
  }

  /// TLS with these files, or without a certificate of its own; the server's is not looked at.
  bool tls(const TlsFiles* files) {
    const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_method()),
                                                                    &SSL_CTX_free};
    if (files != nullptr) {
      SSL_CTX_use_certificate_file(context.get(), files->certificate.c_str(), SSL_FILETYPE_PEM);
      SSL_CTX_use_PrivateKey_file(context.get(), files->key.c_str(), SSL_FILETYPE_PEM);
    }
    ssl_.reset(SSL_new(context.get()));
    SSL_set_fd(ssl_.get(), fd_);
    return SSL_connect(ssl_.get()) == 1;
  }
  /// The WebSocket's upgrade.
  bool upgrade() {
    const std::string request =
        "GET /link HTTP/1.1\r\nHost: x\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Key: AAAAAAAAAAAAAAAAAAAAAA==\r\nSec-WebSocket-Version: 13\r\n\r\n";
    if (!write(as_bytes(request))) return false;
    std::string answer;
    char c = 0;
    while (!answer.ends_with("\r\n\r\n") && SSL_read(ssl_.get(), &c, 1) == 1) answer += c;
    return answer.rfind("HTTP/1.1 101", 0) == 0;
  }
  bool write(ByteView bytes) {
    return SSL_write(ssl_.get(), bytes.data(), static_cast<int>(bytes.size())) > 0;
  }
  /// A WebSocket frame, with a mask of zeros: 0x82 is a whole binary message.
  bool frame(ByteView payload, std::uint8_t first = 0x82, bool is_masked = true) {
    Bytes out{first};
    const std::uint8_t mask = is_masked ? 0x80 : 0;
    if (payload.size() < 126) {
      out.push_back(static_cast<std::uint8_t>(mask | payload.size()));
    } else {
      const bool is_short = payload.size() < 65536;  // other lengths of the length are refused
      out.push_back(mask | (is_short ? 126 : 127));
      for (int shift = is_short ? 8 : 56; shift >= 0; shift -= 8) {
        out.push_back(static_cast<std::uint8_t>(std::uint64_t{payload.size()} >> shift));
      }
    }
    if (is_masked) out.insert(out.end(), 4, 0);
    out.insert(out.end(), payload.begin(), payload.end());
    return write(out);
  }
  bool block(const BlockHeader& header, std::size_t payload_bytes) {
    const auto start = encode(header);
    Bytes bytes{start.begin(), start.end()};
    bytes.resize(bytes.size() + payload_bytes, 5);
    return frame(bytes);
  }
  /// All up to a session, or to another connection of one that is there. Reads the other side's
  /// hello.
  bool begin_session(const TlsFiles& files, std::optional<SessionId> resumed = {}) {
    Hello hello;
    hello.session = resumed.value_or(session());
    hello.resumes = resumed.has_value();
    hello.capacity = capacity_of(quick_limits());
    hello.software = "hostile";
    return tls(&files) && upgrade() && frame(encode(hello)) && reads_something();
  }
  SessionId session() const {
    SessionId id{};
    id.fill(static_cast<std::uint8_t>(fd_));
    return id;
  }
  bool reads_something() {
    char buffer[512];
    return SSL_read(ssl_.get(), buffer, sizeof buffer) > 0;
  }
  /// The same within TLS, after it has said that nothing more comes; all text that came before.
  bool hears_tls_end(std::string* heard = nullptr) {
    (void)SSL_shutdown(ssl_.get());
    char buffer[4096];
    int got = 0;
    while ((got = SSL_read(ssl_.get(), buffer, sizeof buffer)) > 0) {
      if (heard != nullptr) heard->append(buffer, static_cast<std::size_t>(got));
    }
    return errno != EAGAIN;
  }

 private:
  struct FreeSsl {
    void operator()(SSL* ssl) const { SSL_free(ssl); }
  };
  const int fd_;
  std::unique_ptr<SSL, FreeSsl> ssl_;
};

inline BlockHeader data_block(std::uint64_t sequence, std::uint32_t length) {
  return {.kind = BlockKind::data,
          .is_first = true,
          .is_last = true,
          .type = 1,
          .length = length,
          .sequence = sequence,
          .id = sequence,
          .message_length = length};
}

}  // namespace hippocrypt::net
