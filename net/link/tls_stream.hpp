#pragma once
// TLS over a TCP socket as an Asio stream. asio::ssl::stream wakes up for every record of 16 KiB;
// this one lets OpenSSL work on the socket itself and takes all there is before it waits again.

#include <utility>
// Asio of Boost 1.74 uses std::exchange without including it.
#include <algorithm>
#include <array>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/compose.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/beast/core/bind_handler.hpp>
#include <boost/beast/core/role.hpp>
#include <boost/beast/websocket/teardown.hpp>
#include <cstdint>
#include <memory>

struct ssl_st;      // OpenSSL's SSL
struct ssl_ctx_st;  // OpenSSL's SSL_CTX

namespace hippocrypt::net {

namespace asio = boost::asio;
using ErrorCode = boost::system::error_code;
using Socket = asio::basic_stream_socket<asio::ip::tcp, asio::io_context::executor_type>;

struct SslDeleter {
  void operator()(ssl_st* ssl) const;
};

/// Not thread-safe: one thread runs its io_context. At most one read and one write at a time.
class TlsStream {
 public:
  using executor_type = Socket::executor_type;
  enum class Side { client, server };

  TlsStream(Socket socket, ssl_ctx_st* context, Side side);
  TlsStream(TlsStream&&) = default;

  executor_type get_executor() { return socket_.get_executor(); }
  Socket& socket() { return socket_; }
  ssl_st* ssl() const { return ssl_.get(); }
  /// Bytes of TLS that the socket took and gave: they grow as long as the connection makes
  /// progress.
  std::uint64_t bytes_out() const;
  std::uint64_t bytes_in() const;
  /// Ends all that is pending.
  void close();

  template <class Token>
  auto async_handshake(Token&& token) {
    return asio::async_compose<Token, void(ErrorCode)>(HandshakeStep{*this}, token, socket_);
  }
  template <class Buffers, class Token>
  auto async_read_some(const Buffers& buffers, Token&& token) {
    return asio::async_compose<Token, void(ErrorCode, std::size_t)>(
        Transfer<Buffers, Direction::read>{*this, buffers}, token, socket_);
  }
  template <class Buffers, class Token>
  auto async_write_some(const Buffers& buffers, Token&& token) {
    return asio::async_compose<Token, void(ErrorCode, std::size_t)>(
        Transfer<Buffers, Direction::write>{*this, buffers}, token, socket_);
  }
  /// Tells the peer that no more comes, as far as the socket takes that now.
  void say_end();

 private:
  enum class Direction { read, write };
  enum class Want { nothing, readable, writable };
  struct Step {
    std::size_t bytes = 0;
    Want want = Want::nothing;
    ErrorCode error;
  };
  bool begin();
  Step handshake_now();
  Step read_now(std::uint8_t* data, std::size_t size);
  Step write_now(const std::uint8_t* data, std::size_t size);
  Step step_of(int result);

  template <class Self>
  void wait(Want want, Self& self) {
    socket_.async_wait(want == Want::readable ? Socket::wait_read : Socket::wait_write,
                       std::move(self));
  }

  struct HandshakeStep {
    TlsStream& stream;
    template <class Self>
    void operator()(Self& self, ErrorCode error = {}) {
      const Step step = error ? Step{0, Want::nothing, error} : stream.handshake_now();
      if (step.want != Want::nothing) return stream.wait(step.want, self);
      self.complete(step.error);
    }
  };

  /// Reads what there is, at least a byte; writes everything.
  template <class Buffers, Direction direction>
  struct Transfer {
    TlsStream& stream;
    Buffers buffers;
    std::size_t done = 0;
    bool has_waited = false, is_finished = false;
    ErrorCode result{};

    template <class Self>
    void operator()(Self& self, ErrorCode error = {}) {
      if (is_finished) return self.complete(result, done);
      if (error) return self.complete(error, done);
      const Step step = transfer();
      if (step.want != Want::nothing) {
        has_waited = true;
        return stream.wait(step.want, self);
      }
      if (has_waited) return self.complete(step.error, done);
      is_finished = true;  // never from within the call that began it
      result = step.error;
      asio::post(stream.get_executor(), std::move(self));
    }
    Step transfer() {
      if constexpr (direction == Direction::read) {
        return stream.read_all(buffers, done);
      } else {
        return stream.write_all(buffers, done);
      }
    }
  };

  template <class Buffers>
  Step read_all(const Buffers& buffers, std::size_t& done) {
    for (auto at = asio::buffer_sequence_begin(buffers); at != asio::buffer_sequence_end(buffers);
         ++at) {
      const asio::mutable_buffer buffer{*at};
      std::size_t filled = 0;
      while (filled < buffer.size()) {
        Step step =
            read_now(static_cast<std::uint8_t*>(buffer.data()) + filled, buffer.size() - filled);
        filled += step.bytes;
        done += step.bytes;
        if (step.bytes > 0) continue;
        if (done > 0) return {};  // an error comes again
        return step;
      }
    }
    return {};
  }
  template <class Buffers>
  Step write_all(const Buffers& buffers, std::size_t& done) {
    for (;;) {
      const asio::const_buffer piece = next_piece(buffers, done);
      if (piece.size() == 0) return {};
      const Step step = write_now(static_cast<const std::uint8_t*>(piece.data()), piece.size());
      done += step.bytes;
      if (step.bytes == 0) return step;
    }
  }
  /// What comes after `done` bytes: from where it lies, or short buffers together in one record.
  template <class Buffers>
  asio::const_buffer next_piece(const Buffers& buffers, std::size_t done) {
    std::size_t gathered = 0;
    for (auto at = asio::buffer_sequence_begin(buffers); at != asio::buffer_sequence_end(buffers);
         ++at) {
      asio::const_buffer buffer{*at};
      const std::size_t skipped = std::min(done, buffer.size());
      done -= skipped;
      buffer += skipped;
      if (gathered == 0 && buffer.size() >= record_->size()) return buffer;
      gathered += asio::buffer_copy(asio::buffer(*record_) + gathered, buffer);
      if (gathered == record_->size()) break;
    }
    return asio::buffer(*record_, gathered);
  }

  Socket socket_;
  std::unique_ptr<ssl_st, SslDeleter> ssl_;
  std::unique_ptr<std::array<std::uint8_t, 16384>> record_;
};

/// How Beast ends the stream under a WebSocket.
template <class Handler>
void async_teardown(boost::beast::role_type /*role*/, TlsStream& stream, Handler&& handler) {
  stream.say_end();
  asio::post(stream.get_executor(),
             boost::beast::bind_front_handler(std::forward<Handler>(handler), ErrorCode{}));
}
inline void teardown(boost::beast::role_type /*role*/, TlsStream& stream, ErrorCode& error) {
  stream.say_end();
  error = {};
}
inline void beast_close_socket(TlsStream& stream) { stream.close(); }

}  // namespace hippocrypt::net
