#include "net/http_metrics/metrics_server.hpp"

#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/core/tcp_stream.hpp>
#include <boost/beast/http.hpp>
#include <list>
#include <thread>
#include <utility>

namespace hippocrypt::net {
namespace {

namespace asio = boost::asio;
namespace beast = boost::beast;
namespace http = beast::http;
using asio::ip::tcp;
using Page = std::function<std::string()>;
using Response = http::response<http::string_body>;

/// Most that is read of a client that goes on sending after its answer, bytes.
constexpr std::size_t most_drained_bytes = std::size_t{1} << 20;

/// Whether a Host header means this machine: pages of other sites must not read ours through a
/// name of theirs that leads here.
bool is_local(beast::string_view host) {
  for (const char* name : {"127.0.0.1", "localhost", "[::1]"}) {
    const beast::string_view local{name};
    if (!host.starts_with(local)) continue;
    if (host.size() == local.size() || host[local.size()] == ':') return true;
  }
  return false;
}

Response plain(http::status status, std::string body) {
  Response response{status, 11};
  response.set(http::field::content_type, "text/plain; version=0.0.4; charset=utf-8");
  response.set(http::field::cache_control, "no-store");
  response.body() = std::move(body);
  return response;
}

Response answer(const http::request<http::empty_body>& request, const Page& page) {
  const auto host = request.find(http::field::host);
  if (host != request.end() && !is_local(host->value())) {
    return plain(http::status::misdirected_request, "ask for it as 127.0.0.1 or localhost\n");
  }
  const beast::string_view target = request.target();
  if (target.substr(0, target.find('?')) != "/metrics") {
    return plain(http::status::not_found, "there is only /metrics\n");
  }
  if (request.method() != http::verb::get && request.method() != http::verb::head) {
    auto response = plain(http::status::method_not_allowed, "only GET and HEAD\n");
    response.set(http::field::allow, "GET, HEAD");
    return response;
  }
  return plain(http::status::ok, page());
}

Response refusal(const beast::error_code& error) {
  if (error == http::error::header_limit || error == http::error::buffer_overflow) {
    return plain(http::status::request_header_fields_too_large, "the request is too large\n");
  }
  if (error == http::error::unexpected_body || error == http::error::body_limit) {
    return plain(http::status::payload_too_large, "a request has no body here\n");
  }
  return plain(http::status::bad_request, "this is no HTTP request\n");
}

/// One connection: reads a request, answers, drains, closes. Lives as long as a handler holds it.
class Session : public std::enable_shared_from_this<Session> {
 public:
  Session(tcp::socket socket, const MetricsServerOptions& options, const Page& page,
          std::function<void(const Session*)> on_end)
      : stream_{std::move(socket)},
        buffer_{options.max_request_bytes},
        page_{page},
        on_end_{std::move(on_end)} {
    parser_.header_limit(static_cast<std::uint32_t>(options.max_request_bytes));
    stream_.expires_after(options.timeout);  // for all that follows
  }
  ~Session() { on_end_(this); }
  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  void run() {
    http::async_read(stream_, buffer_, parser_,
                     [self = shared_from_this()](beast::error_code error, std::size_t) {
                       self->on_request(error);
                     });
  }
  void close() { stream_.close(); }

 private:
  void on_request(const beast::error_code& error) {
    const bool gone = error == http::error::end_of_stream || error == beast::error::timeout ||
                      error == asio::error::operation_aborted ||
                      error == asio::error::connection_reset;
    if (gone) return;
    response_ = error ? refusal(error) : answer(parser_.get(), page_);
    response_.keep_alive(false);
    response_.prepare_payload();
    if (!error && parser_.get().method() == http::verb::head) response_.body().clear();
    http::async_write(stream_, response_,
                      [self = shared_from_this()](beast::error_code failed, std::size_t) {
                        if (!failed) self->finish();
                      });
  }

  /// A socket that is closed with bytes unread resets the connection, and the client may never see
  /// its answer.
  void finish() {
    beast::error_code ignored;
    stream_.socket().shutdown(tcp::socket::shutdown_send, ignored);
    if (!ignored) drain();
  }
  void drain() {
    stream_.async_read_some(asio::buffer(rest_), [self = shared_from_this()](
                                                     beast::error_code error, std::size_t count) {
      self->drained_ += count;
      if (!error && self->drained_ < most_drained_bytes) self->drain();
    });
  }

  beast::tcp_stream stream_;
  beast::flat_buffer buffer_;
  http::request_parser<http::empty_body> parser_;
  Response response_;
  std::array<char, 4096> rest_{};
  std::size_t drained_ = 0;
  const Page& page_;
  std::function<void(const Session*)> on_end_;
};

}  // namespace

/// All of it is touched by its thread only, but for what start() does before there is one.
class MetricsServer::Listener {
 public:
  Listener(const MetricsServerOptions& options, Page page)
      : options_{options}, page_{std::move(page)} {}
  ~Listener() {
    context_.stop();
    if (thread_.joinable()) thread_.join();
  }
  Listener(const Listener&) = delete;
  Listener& operator=(const Listener&) = delete;

  Status start() {
    const tcp::endpoint endpoint{asio::ip::address_v4::loopback(), options_.port};
    beast::error_code error;
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address{true}, error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      return Error{Errc::unavailable, "the metrics page cannot be served on 127.0.0.1:" +
                                          std::to_string(options_.port) + ": " + error.message() +
                                          "; choose another port, or 0 for any"};
    }
    port_ = acceptor_.local_endpoint().port();
    accept();
    thread_ = std::thread{[this] { serve(); }};
    return {};
  }
  std::uint16_t port() const { return port_; }

 private:
  void serve() {
    while (!context_.stopped()) {
      try {
        context_.run();
      } catch (const std::exception&) {  // no memory for a page, say: that connection ends
      }
    }
  }
  void accept() {
    acceptor_.async_accept([this](beast::error_code error, tcp::socket socket) {
      if (error == asio::error::operation_aborted) return;
      if (!error) admit(std::move(socket));
      if (error != asio::error::no_descriptors) return accept();
      // Out of descriptors: an accept at once would fail again, for as long as that lasts.
      retry_.expires_after(std::chrono::milliseconds{100});
      retry_.async_wait([this](beast::error_code) { accept(); });
    });
  }
  void admit(tcp::socket socket) {
    if (sessions_.size() >= options_.max_connections) sessions_.front()->close();
    const auto session =
        std::make_shared<Session>(std::move(socket), options_, page_, [this](const Session* self) {
          sessions_.remove_if([self](const Session* each) { return each == self; });
        });
    sessions_.push_back(session.get());
    session->run();
  }

  const MetricsServerOptions options_;
  const Page page_;
  std::list<Session*> sessions_;  // the oldest first; outlives the context, whose end is theirs
  asio::io_context context_{1};
  tcp::acceptor acceptor_{context_};
  asio::steady_timer retry_{context_};
  std::uint16_t port_ = 0;
  std::thread thread_;
};

MetricsServer::MetricsServer(std::unique_ptr<Listener> listener) : listener_{std::move(listener)} {}
MetricsServer::~MetricsServer() = default;

Result<std::unique_ptr<MetricsServer>> MetricsServer::start(const MetricsServerOptions& options,
                                                            Page page) {
  auto listener = std::make_unique<Listener>(options, std::move(page));
  HIPPOCRYPT_TRY_VOID(listener->start());
  return std::unique_ptr<MetricsServer>{new MetricsServer{std::move(listener)}};
}

std::uint16_t MetricsServer::port() const { return listener_->port(); }

}  // namespace hippocrypt::net
