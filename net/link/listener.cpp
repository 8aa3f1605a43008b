#include <algorithm>
#include <future>
#include <map>
#include <utility>

#include "net/link/connection.hpp"
#include "net/link/endpoints.hpp"
#include "net/link/loop.hpp"
#include "net/link/session.hpp"
#include "net/link/strangers.hpp"
#include "net/link/tls_context.hpp"

namespace hippocrypt::net {
namespace {

using asio::ip::tcp;
using Clock = std::chrono::steady_clock;
using std::chrono::milliseconds;

/// After an accept that failed for want of descriptors or memory, which would fail again at once.
constexpr milliseconds accept_pause{100};

/// All but the constructor and stop() on the loop's thread.
class Core : public std::enable_shared_from_this<Core> {
 public:
  Core(ListenerOptions options, std::shared_ptr<LinkEvents> events,
       std::shared_ptr<const TlsContext> tls)
      : options_{std::move(options)},
        events_{std::move(events)},
        tls_{std::move(tls)},
        strangers_{options_.strangers, options_.strangers_per_address} {
    options_.limits.message_bytes = std::min(options_.limits.message_bytes, options_.memory_bytes);
  }

  Status listen() {
    ErrorCode error;
    const auto address = asio::ip::make_address(options_.address, error);
    if (error) {
      return Error{Errc::out_of_range, "'" + options_.address + "' is no address to listen on"};
    }
    const tcp::endpoint endpoint{address, options_.port};
    acceptor_.open(endpoint.protocol(), error);
    if (!error) acceptor_.set_option(asio::socket_base::reuse_address{true}, error);
    if (!error) acceptor_.bind(endpoint, error);
    if (!error) acceptor_.listen(asio::socket_base::max_listen_connections, error);
    if (error) {
      return Error{Errc::unavailable, "cannot listen on " + options_.address + ":" +
                                          std::to_string(options_.port) + ": " + error.message() +
                                          "; choose another port, or 0 for any"};
    }
    port_ = acceptor_.local_endpoint().port();
    return {};
  }
  void start() {
    memory_ = std::make_shared<MemoryBudget>(options_.memory_bytes, [weak = weak_from_this()] {
      const auto self = weak.lock();
      if (self) self->loop_->post([self] { self->pump_all(); });
    });
    accept();
    tick();
    loop_->start();
  }
  /// From another thread; returns when all is over.
  void stop() {
    loop_->post([self = shared_from_this()] { self->end_all(); });
    loop_->finish();
  }
  Status reload() {
    HIPPOCRYPT_TRY(auto tls, TlsContext::load(options_.tls, TlsStream::Side::server));
    std::promise<void> done;
    loop_->post([self = shared_from_this(), tls = std::move(tls), &done] {
      self->tls_ = tls;
      self->check_all();
      done.set_value();
    });
    done.get_future().wait();
    return {};
  }
  std::uint16_t port() const { return port_; }

 private:
  void accept() {
    acceptor_.async_accept([self = shared_from_this()](ErrorCode error, Socket socket) {
      if (self->is_over_) return;
      if (!error) {
        self->greet(std::move(socket));
        return self->accept();
      }
      self->retry_.expires_after(accept_pause);
      self->retry_.async_wait([self](ErrorCode) {
        if (!self->is_over_) self->accept();
      });
    });
  }

  void greet(Socket socket) {
    ErrorCode error;
    const auto endpoint = socket.remote_endpoint(error);
    if (error) return;
    const std::uint64_t id = next_id_++;
    const std::string address = endpoint.address().to_string();
    auto connection = std::make_shared<Connection>(
        Channel::open(std::move(socket), tls_->handle(), TlsStream::Side::server, {}),
        loop_->context(), address, options_.limits);
    if (const auto evicted = strangers_.add(id, address)) evict(*evicted);
    waiting_[id] = connection;
    connection->greet({[self = shared_from_this(), id](const Hello& hello) {
                         const auto connection_of_id = self->take(id);
                         if (connection_of_id) self->admit(connection_of_id, hello);
                       },
                       [self = shared_from_this(), id](const Error& reason, std::uint16_t) {
                         const auto failed = self->take(id);
                         if (failed) self->events_->on_refused(failed->address(), reason);
                       }},
                      std::nullopt);
  }
  std::shared_ptr<Connection> take(std::uint64_t id) {
    strangers_.remove(id);
    auto node = waiting_.extract(id);
    return node.empty() ? nullptr : std::move(node.mapped());
  }
  void evict(std::uint64_t id) {
    const auto connection = take(id);
    if (!connection) return;
    connection->drop();
    events_->on_refused(connection->address(), {Errc::limit_exceeded,
                                                "too many connections were waiting to introduce "
                                                "themselves: this was the oldest"});
  }

  void refuse(const std::shared_ptr<Connection>& connection, const Error& reason,
              CloseCode code = CloseCode::refused) {
    connection->close(code, reason.detail);
    events_->on_refused(connection->address(), reason);
  }
  /// Whether the peer may come in (again), and who it is.
  Result<PeerInfo> examine(Bytes certificate, const std::string& address,
                           const std::string& software) const {
    PeerInfo peer;
    HIPPOCRYPT_TRY(peer.certificate, tls_->verify(certificate));
    if (!peer.certificate.may_be_client) {
      return Error{Errc::mismatch, std::string{"the peer's certificate is for the role "} +
                                       to_string(peer.certificate.identity.role) +
                                       ", which never calls"};
    }
    peer.certificate_der = std::move(certificate);
    peer.address = address;
    peer.software = software;
    if (options_.admit) HIPPOCRYPT_TRY_VOID(options_.admit(peer));
    return peer;
  }
  void admit(const std::shared_ptr<Connection>& connection, const Hello& hello) {
    auto peer = examine(connection->peer_certificate(), connection->address(), hello.software);
    if (!peer) return refuse(connection, peer.error());
    const std::string key = to_uri(peer->certificate.identity);
    const auto found = sessions_.find(key);
    const auto old = found == sessions_.end() ? nullptr : found->second;
    Hello answer{hello.session, false, {}, capacity_of(options_.limits), own_software()};
    if (old && hello.resumes && old->id() == hello.session) {
      answer.resumes = true;
      answer.received = old->received();
      return old->resume(connection, hello.received, std::move(answer));
    }
    if (old && hello.resumes) {  // the older of two comes back after a cut
      return refuse(connection, {Errc::stale, "replaced by a newer session of this identity"},
                    CloseCode::replaced);
    }
    if (!old && sessions_.size() >= options_.sessions) {
      return refuse(connection, {Errc::limit_exceeded, "as many peers as are allowed are here"});
    }
    if (old) {
      old->end({Errc::stale, "replaced: the peer has begun a new session"}, CloseCode::replaced);
    }
    const auto fresh =
        std::make_shared<Session>(options_of_session(key, hello.session), hello.session,
                                  std::move(peer).value(), hello.capacity);
    sessions_[key] = fresh;
    fresh->start(connection, std::move(answer));
  }
  SessionOptions options_of_session(const std::string& key, const SessionId& id) {
    SessionOptions options;
    options.loop = loop_;
    options.limits = options_.limits;
    options.events = events_;
    options.memory = memory_;
    options.messages_per_s = options_.messages_per_s;
    options.on_over = [weak = weak_from_this(), key, id](bool /*replaced*/) {
      const auto self = weak.lock();
      if (!self) return;
      const auto found = self->sessions_.find(key);
      if (found != self->sessions_.end() && found->second->id() == id) {
        self->sessions_.erase(found);
      }
    };
    return options;
  }

  std::vector<std::shared_ptr<Session>> sessions() const {
    std::vector<std::shared_ptr<Session>> all;
    for (const auto& [key, session] : sessions_) all.push_back(session);
    return all;
  }
  void pump_all() {
    for (const auto& session : sessions()) session->pump();
  }
  void check_all() {
    for (const auto& session : sessions()) {
      const PeerInfo& peer = session->peer();
      const auto still = examine(peer.certificate_der, peer.address, peer.software);
      if (!still) session->end({Errc::cancelled, still.error().detail}, CloseCode::over);
    }
  }
  void tick() {
    ticks_.expires_after(tick_period(options_.limits));
    ticks_.async_wait([self = shared_from_this()](ErrorCode error) {
      if (error || self->is_over_) return;
      for (const auto& session : self->sessions()) session->on_tick(Clock::now());
      self->tick();
    });
  }
  void end_all() {
    is_over_ = true;
    ErrorCode ignored;
    acceptor_.close(ignored);
    retry_.cancel();
    ticks_.cancel();
    for (const auto& [id, connection] : std::exchange(waiting_, {})) connection->drop();
    for (const auto& session : sessions()) {
      session->end({Errc::cancelled, "the program is stopping"}, CloseCode::over);
    }
  }

  ListenerOptions options_;
  const std::shared_ptr<LinkEvents> events_;
  std::shared_ptr<const TlsContext> tls_;
  const std::shared_ptr<Loop> loop_ = std::make_shared<Loop>();
  asio::basic_socket_acceptor<tcp, Socket::executor_type> acceptor_{loop_->context()};
  asio::steady_timer retry_{loop_->context()}, ticks_{loop_->context()};
  std::shared_ptr<MemoryBudget> memory_;
  Strangers strangers_;
  std::map<std::uint64_t, std::shared_ptr<Connection>> waiting_;  // by their number
  std::map<std::string, std::shared_ptr<Session>> sessions_;      // by identity
  std::uint64_t next_id_ = 0;
  std::uint16_t port_ = 0;
  bool is_over_ = false;
};

class RunningListener final : public Listener {
 public:
  explicit RunningListener(std::shared_ptr<Core> core) : core_{std::move(core)} {}
  ~RunningListener() override { core_->stop(); }
  std::uint16_t port() const override { return core_->port(); }
  Status reload() override { return core_->reload(); }

 private:
  const std::shared_ptr<Core> core_;
};

}  // namespace

Result<std::unique_ptr<Listener>> Listener::start(ListenerOptions options,
                                                  std::shared_ptr<LinkEvents> events) {
  HIPPOCRYPT_TRY(auto tls, TlsContext::load(options.tls, TlsStream::Side::server));
  const auto core = std::make_shared<Core>(std::move(options), std::move(events), std::move(tls));
  HIPPOCRYPT_TRY_VOID(core->listen());
  core->start();
  return std::unique_ptr<Listener>{std::make_unique<RunningListener>(core)};
}

}  // namespace hippocrypt::net
