#include "net/link/channel.hpp"

#include <openssl/ssl.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include <algorithm>
#include <array>
#include <boost/asio/ssl/error.hpp>
#include <boost/beast/websocket/rfc6455.hpp>
#include <boost/beast/websocket/stream.hpp>

#include "base/check.hpp"
#include "net/identity/subject_names.hpp"
#include "net/identity/x509.hpp"

namespace hippocrypt::net {
namespace {

namespace beast = boost::beast;
namespace websocket = beast::websocket;

/// What a client masks and sends at a time; also what Beast keeps a connection for it.
constexpr std::size_t write_buffer_bytes = std::size_t{128} << 10;
/// Blocks are checked by their own header; this only keeps Beast's counter from overflowing.
constexpr std::size_t most_message_bytes = std::size_t{1} << 32;
constexpr std::size_t most_reason_bytes = 120;  // 123 fit a close frame

/// The peer's certificate must be for `name`; the handshake fails otherwise.
void expect_name(SSL* ssl, const std::string& name) {
  X509_VERIFY_PARAM* const parameters = SSL_get0_param(ssl);
  X509_VERIFY_PARAM_set_hostflags(parameters, X509_CHECK_FLAG_NO_PARTIAL_WILDCARDS);
  if (is_address(name)) {
    HIPPOCRYPT_CHECK(X509_VERIFY_PARAM_set1_ip_asc(parameters, name.c_str()) == 1);
    return;
  }
  HIPPOCRYPT_CHECK(X509_VERIFY_PARAM_set1_host(parameters, name.c_str(), name.size()) == 1);
  HIPPOCRYPT_CHECK(SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_HOSTNAME, TLSEXT_NAMETYPE_host_name,
                            const_cast<char*>(name.c_str())) == 1);
}

std::string printable(beast::string_view text) {
  std::string out(text.data(), text.size());
  std::replace_if(
      out.begin(), out.end(), [](char c) { return c < ' ' || c > '~'; }, '?');
  return out;
}

class BeastChannel final : public Channel {
 public:
  BeastChannel(Socket socket, ssl_ctx_st* context, TlsStream::Side side, std::string name)
      : side_{side}, name_{std::move(name)}, stream_{std::move(socket), context, side} {
    if (side_ == TlsStream::Side::client) expect_name(tls().ssl(), name_);
    ErrorCode ignored;
    tls().socket().set_option(asio::ip::tcp::no_delay{true}, ignored);
    stream_.binary(true);
    stream_.auto_fragment(false);  // from where the payload lies; our blocks are short already
    stream_.write_buffer_bytes(write_buffer_bytes);
    stream_.read_message_max(most_message_bytes);
    stream_.secure_prng(false);  // masks keep caches of proxies apart; TLS keeps secrets
  }

  void handshake(Done done) override {
    tls().async_handshake([this, done = std::move(done)](ErrorCode error) {
      if (error) return done(error);
      if (side_ == TlsStream::Side::server) return stream_.async_accept(done);
      stream_.async_handshake(is_address(name_) ? "link" : name_, "/link", done);
    });
  }
  void read_some(std::span<std::uint8_t> into, Count done) override {
    stream_.async_read_some(asio::buffer(into.data(), into.size()), std::move(done));
  }
  bool is_message_done() const override { return stream_.is_message_done(); }
  bool is_binary() const override { return stream_.got_binary(); }
  void write(ByteView header, ByteView payload, Done done) override {
    const std::array<asio::const_buffer, 2> buffers{asio::buffer(header.data(), header.size()),
                                                    asio::buffer(payload.data(), payload.size())};
    stream_.async_write(buffers,
                        [done = std::move(done)](ErrorCode error, std::size_t) { done(error); });
  }
  void ping(Done done) override { stream_.async_ping({}, std::move(done)); }
  void close(CloseCode code, const std::string& reason, Done done) override {
    const auto text = printable(reason).substr(0, most_reason_bytes);
    stream_.async_close(
        websocket::close_reason{static_cast<websocket::close_code>(code), text.c_str()},
        std::move(done));
  }
  void drop() override { tls().close(); }

  std::uint16_t close_code() const override { return stream_.reason().code; }
  std::string close_reason() const override {
    const auto& reason = stream_.reason().reason;
    return printable({reason.data(), reason.size()});
  }
  bool is_closed_by_peer(ErrorCode error) const override {
    return error == websocket::error::closed;
  }
  Error explain(ErrorCode error) const override {
    const long verified = SSL_get_verify_result(stream_.next_layer().ssl());
    if (verified != X509_V_OK) {
      return {Errc::mismatch, std::string{"the peer's certificate is not accepted: "} +
                                  X509_verify_cert_error_string(verified)};
    }
    if (error.category() == asio::error::get_ssl_category()) {
      return {Errc::mismatch, "TLS failed: " + error.message() +
                                  "; if that is about a certificate, the peer refused ours"};
    }
    if (error == asio::error::eof || error == asio::error::connection_reset) {
      return {Errc::unavailable, "the peer closed the connection"};
    }
    return {Errc::unavailable, "the connection failed: " + error.message()};
  }

  std::uint64_t bytes_out() const override { return stream_.next_layer().bytes_out(); }
  std::uint64_t bytes_in() const override { return stream_.next_layer().bytes_in(); }
  Bytes peer_certificate() const override {
    const CertificatePointer certificate{SSL_get1_peer_certificate(stream_.next_layer().ssl())};
    return certificate == nullptr ? Bytes{} : to_der(*certificate);
  }

 private:
  TlsStream& tls() { return stream_.next_layer(); }

  const TlsStream::Side side_;
  const std::string name_;
  websocket::stream<TlsStream, false> stream_;  // without compression: ciphertexts have no pattern
};

}  // namespace

std::unique_ptr<Channel> Channel::open(Socket socket, ssl_ctx_st* context, TlsStream::Side side,
                                       const std::string& name) {
  return std::make_unique<BeastChannel>(std::move(socket), context, side, name);
}

}  // namespace hippocrypt::net
