#include <algorithm>
#include <boost/asio/connect.hpp>
#include <utility>

#include "base/random.hpp"
#include "net/identity/subject_names.hpp"
#include "net/link/connection.hpp"
#include "net/link/endpoints.hpp"
#include "net/link/proxy.hpp"
#include "net/link/session.hpp"
#include "net/link/tls_context.hpp"

namespace hippocrypt::net {
namespace {

using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

Error at_proxy(const std::string& proxy, const Error& error) {
  return {error.code, "proxy " + proxy + ": " + error.detail};
}

/// All but the constructor and stop() on the loop's thread.
class Reacher : public std::enable_shared_from_this<Reacher> {
 public:
  Reacher(ConnectorOptions options, std::optional<ProxyAddress> proxy,
          std::shared_ptr<LinkEvents> events, std::shared_ptr<const TlsContext> tls)
      : options_{std::move(options)},
        proxy_{std::move(proxy)},
        events_{std::move(events)},
        tls_{std::move(tls)},
        wait_{options_.first_wait} {}

  void start() {
    loop_->post([self = shared_from_this()] {
      self->attempt();
      self->tick();
    });
    loop_->start();
  }
  /// From another thread; returns when all is over.
  void stop() {
    loop_->post([self = shared_from_this()] { self->end(); });
    loop_->finish();
  }
  Status reload() {
    HIPPOCRYPT_TRY(auto tls, TlsContext::load(options_.tls, TlsStream::Side::client));
    loop_->post([self = shared_from_this(), tls = std::move(tls)] { self->tls_ = tls; });
    return {};
  }

 private:
  /// What one attempt holds until there is a connection.
  struct Attempt {
    explicit Attempt(Loop::Context& context) : resolver{context}, socket{context} {}
    tcp::resolver resolver;
    Socket socket;
  };

  void attempt() {
    if (is_over_) return;
    attempt_ = std::make_shared<Attempt>(loop_->context());
    deadline_.expires_after(options_.limits.handshake);
    deadline_.async_wait([self = shared_from_this(), each = attempt_](ErrorCode error) {
      if (error || self->attempt_ != each) return;
      self->fail({Errc::deadline, "no connection in time"}, 0);
    });
    const std::string& host = proxy_ ? proxy_->host : options_.host;
    const std::string port = proxy_ ? proxy_->port : std::to_string(options_.port);
    attempt_->resolver.async_resolve(
        host, port,
        [self = shared_from_this(), each = attempt_](ErrorCode error,
                                                     const tcp::resolver::results_type& found) {
          if (self->attempt_ != each) return;
          if (error) return self->fail(self->unreachable(error), 0);
          asio::async_connect(each->socket, found,
                              [self, each](ErrorCode failed, const tcp::endpoint&) {
                                if (self->attempt_ != each) return;
                                if (failed) return self->fail(self->unreachable(failed), 0);
                                self->on_connected(each);
                              });
        });
  }
  Error unreachable(ErrorCode error) const {
    return {Errc::unavailable, (proxy_ ? "proxy " + options_.proxy
                                       : options_.host + ":" + std::to_string(options_.port)) +
                                   " cannot be reached: " + error.message()};
  }
  void on_connected(const std::shared_ptr<Attempt>& each) {
    if (!proxy_) return greet(each);
    ask_for_tunnel(each->socket, options_.host, options_.port,
                   [self = shared_from_this(), each](Status opened) {
                     if (self->attempt_ != each) return;
                     if (!opened) {
                       return self->fail(at_proxy(self->options_.proxy, opened.error()), 0);
                     }
                     self->greet(each);
                   });
  }
  void greet(const std::shared_ptr<Attempt>& each) {
    deadline_.cancel();
    attempt_.reset();
    ErrorCode ignored;
    const std::string address = each->socket.remote_endpoint(ignored).address().to_string();
    const std::string& name = options_.server_name.empty() ? options_.host : options_.server_name;
    greeting_ = std::make_shared<Connection>(
        Channel::open(std::move(each->socket), tls_->handle(), TlsStream::Side::client, name),
        loop_->context(), address, options_.limits);
    Hello hello{{}, session_ != nullptr, {}, capacity_of(options_.limits), own_software()};
    if (session_) {
      hello.session = session_->id();
      hello.received = session_->received();
    } else {
      random_.fill(hello.session);
    }
    greeting_->greet({[self = shared_from_this(), id = hello.session](const Hello& answer) {
                        self->on_hello(id, answer);
                      },
                      [self = shared_from_this()](const Error& reason, std::uint16_t code) {
                        self->greeting_.reset();
                        self->fail(reason, code);
                      }},
                     hello);
  }

  Result<PeerInfo> examine(const Connection& connection, const std::string& software) const {
    PeerInfo peer;
    peer.certificate_der = connection.peer_certificate();
    HIPPOCRYPT_TRY(peer.certificate, tls_->verify(peer.certificate_der));
    if (peer.certificate.identity.role != options_.role) {
      return Error{Errc::mismatch, std::string{"the peer's certificate is for the role "} +
                                       to_string(peer.certificate.identity.role) + ", not " +
                                       to_string(options_.role)};
    }
    peer.address = connection.address();
    peer.software = software;
    return peer;
  }
  void on_hello(const SessionId& id, const Hello& answer) {
    const auto connection = std::exchange(greeting_, nullptr);
    auto peer = examine(*connection, answer.software);
    if (peer && answer.session != id) {
      peer = Error{Errc::malformed, "the peer answers for another session"};
    }
    if (!peer) {
      connection->close(CloseCode::refused, peer.error().detail);
      return fail(peer.error(), 0);
    }
    wait_ = options_.first_wait;
    if (session_ && answer.resumes) {
      return session_->resume(connection, answer.received, std::nullopt);
    }
    if (session_) {
      is_between_ = true;  // the next one is here already
      session_->end({Errc::stale, "the peer has begun a new session: it was restarted"},
                    CloseCode::over);
      is_between_ = false;
    }
    session_ = std::make_shared<Session>(options_of_session(), id, std::move(peer).value(),
                                         answer.capacity);
    session_->start(connection, std::nullopt);
  }
  SessionOptions options_of_session() {
    SessionOptions options;
    options.loop = loop_;
    options.limits = options_.limits;
    options.events = events_;
    options.memory = std::make_shared<MemoryBudget>(~std::size_t{0}, nullptr);  // one peer only
    options.on_lost = [weak = weak_from_this()] {
      if (const auto self = weak.lock()) self->again();
    };
    options.on_over = [weak = weak_from_this()](bool replaced) {
      if (const auto self = weak.lock()) self->on_over(replaced);
    };
    return options;
  }
  void on_over(bool replaced) {
    session_.reset();
    if (is_between_) return;
    is_over_ |= replaced;
    again();
  }

  void drop_attempt() {
    deadline_.cancel();
    const auto each = std::exchange(attempt_, nullptr);
    if (!each) return;
    each->resolver.cancel();
    ErrorCode ignored;
    each->socket.close(ignored);
  }
  void fail(const Error& reason, std::uint16_t code) {
    drop_attempt();
    events_->on_refused(options_.host, reason);
    if (code == static_cast<std::uint16_t>(CloseCode::replaced)) {
      is_over_ = true;
      if (const auto session = session_) {
        session->end({Errc::cancelled, reason.detail}, CloseCode::over);
      }
      return;
    }
    // Whoever refused us with words does so again at once.
    if (code != 0) wait_ = options_.longest_wait;
    again();
  }
  /// Tries after the wait, of which half is random, so that peers do not come back all at once.
  void again() {
    if (is_over_ || attempt_ || greeting_ || is_waiting_) return;
    is_waiting_ = true;
    const double share = 0.5 + 0.5 * static_cast<double>(random_.next_u64() >> 11) * 0x1p-53;
    deadline_.expires_after(std::chrono::duration_cast<milliseconds>(wait_ * share));
    wait_ = std::min(wait_ * 2, options_.longest_wait);
    deadline_.async_wait([self = shared_from_this()](ErrorCode error) {
      self->is_waiting_ = false;
      if (!error) self->attempt();
    });
  }
  void tick() {
    ticks_.expires_after(tick_period(options_.limits));
    ticks_.async_wait([self = shared_from_this()](ErrorCode error) {
      if (error || self->is_stopped_) return;
      if (const auto session = self->session_) session->on_tick(Clock::now());
      self->tick();
    });
  }
  void end() {
    is_over_ = is_stopped_ = true;
    ticks_.cancel();
    drop_attempt();
    if (const auto connection = std::exchange(greeting_, nullptr)) connection->drop();
    if (const auto session = session_) {
      session->end({Errc::cancelled, "the program is stopping"}, CloseCode::over);
    }
  }

  const ConnectorOptions options_;
  const std::optional<ProxyAddress> proxy_;
  const std::shared_ptr<LinkEvents> events_;
  std::shared_ptr<const TlsContext> tls_;
  const std::shared_ptr<Loop> loop_ = std::make_shared<Loop>();
  asio::steady_timer deadline_{loop_->context()}, ticks_{loop_->context()};
  SystemRandom random_;
  milliseconds wait_;
  std::shared_ptr<Attempt> attempt_;      // at most one of the three
  std::shared_ptr<Connection> greeting_;  //
  bool is_waiting_ = false;               //
  std::shared_ptr<Session> session_;
  bool is_over_ = false, is_stopped_ = false, is_between_ = false;
};

class RunningConnector final : public Connector {
 public:
  explicit RunningConnector(std::shared_ptr<Reacher> reacher) : reacher_{std::move(reacher)} {}
  ~RunningConnector() override { reacher_->stop(); }
  Status reload() override { return reacher_->reload(); }

 private:
  const std::shared_ptr<Reacher> reacher_;
};

bool is_host(const std::string& name) { return is_dns_name(name) || is_address(name); }

}  // namespace

Result<std::unique_ptr<Connector>> Connector::start(ConnectorOptions options,
                                                    std::shared_ptr<LinkEvents> events) {
  for (const std::string* name : {&options.host, &options.server_name}) {
    if (is_host(*name) || (name == &options.server_name && name->empty())) continue;
    return Error{Errc::out_of_range, "'" + *name + "' is neither a host's name nor an address"};
  }
  std::optional<ProxyAddress> proxy;
  if (!options.proxy.empty()) {
    HIPPOCRYPT_TRY(proxy, parse_proxy(options.proxy));
  }
  HIPPOCRYPT_TRY(auto tls, TlsContext::load(options.tls, TlsStream::Side::client));
  const auto reacher = std::make_shared<Reacher>(std::move(options), std::move(proxy),
                                                 std::move(events), std::move(tls));
  reacher->start();
  return std::unique_ptr<Connector>{std::make_unique<RunningConnector>(reacher)};
}

}  // namespace hippocrypt::net
