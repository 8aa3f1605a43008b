#include "net/link/tls_stream.hpp"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/ssl.h>

#include <boost/asio/error.hpp>
#include <boost/asio/ssl/error.hpp>
#include <cerrno>

#include "base/check.hpp"

namespace hippocrypt::net {

void SslDeleter::operator()(ssl_st* ssl) const { SSL_free(ssl); }

TlsStream::TlsStream(Socket socket, ssl_ctx_st* context, Side side)
    : socket_{std::move(socket)},
      ssl_{SSL_new(context)},
      record_{std::make_unique<std::array<std::uint8_t, 16384>>()} {
  HIPPOCRYPT_CHECK(ssl_ != nullptr);
  ErrorCode ignored;
  socket_.non_blocking(true, ignored);
  socket_.native_non_blocking(true, ignored);
  SSL_set_fd(ssl_.get(), socket_.native_handle());
  if (side == Side::server) {
    SSL_set_accept_state(ssl_.get());
  } else {
    SSL_set_connect_state(ssl_.get());
  }
}

std::uint64_t TlsStream::bytes_out() const { return BIO_number_written(SSL_get_wbio(ssl_.get())); }

std::uint64_t TlsStream::bytes_in() const { return BIO_number_read(SSL_get_rbio(ssl_.get())); }

void TlsStream::close() {
  ErrorCode ignored;
  socket_.close(ignored);
}

void TlsStream::say_end() {
  ERR_clear_error();
  if (socket_.is_open()) (void)SSL_shutdown(ssl_.get());
  ErrorCode ignored;
  socket_.shutdown(Socket::shutdown_send, ignored);
}

TlsStream::Step TlsStream::step_of(int result) {
  const int system = errno;
  switch (SSL_get_error(ssl_.get(), result)) {
    case SSL_ERROR_WANT_READ:
      return {0, Want::readable, {}};
    case SSL_ERROR_WANT_WRITE:
      return {0, Want::writable, {}};
    case SSL_ERROR_ZERO_RETURN:
      return {0, Want::nothing, asio::error::eof};
    case SSL_ERROR_SSL:
      return {0, Want::nothing,
              ErrorCode{static_cast<int>(ERR_get_error()), asio::error::get_ssl_category()}};
    default:
      if (system != 0)
        return {0, Want::nothing, ErrorCode{system, asio::error::get_system_category()}};
      return {0, Want::nothing, asio::error::eof};
  }
}

bool TlsStream::begin() {
  ERR_clear_error();
  errno = 0;
  return socket_.is_open();  // its number may be another's by now
}

TlsStream::Step TlsStream::handshake_now() {
  if (!begin()) return {0, Want::nothing, asio::error::operation_aborted};
  const int result = SSL_do_handshake(ssl_.get());
  return result == 1 ? Step{} : step_of(result);
}

TlsStream::Step TlsStream::read_now(std::uint8_t* data, std::size_t size) {
  if (!begin()) return {0, Want::nothing, asio::error::operation_aborted};
  std::size_t count = 0;
  const int result = SSL_read_ex(ssl_.get(), data, size, &count);
  return result == 1 ? Step{count, Want::nothing, {}} : step_of(result);
}

TlsStream::Step TlsStream::write_now(const std::uint8_t* data, std::size_t size) {
  if (!begin()) return {0, Want::nothing, asio::error::operation_aborted};
  std::size_t count = 0;
  const int result = SSL_write_ex(ssl_.get(), data, size, &count);
  return result == 1 ? Step{count, Want::nothing, {}} : step_of(result);
}

}  // namespace hippocrypt::net
