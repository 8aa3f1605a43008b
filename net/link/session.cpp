#include "net/link/session.hpp"

#include <utility>

namespace hippocrypt::net {
namespace {

using Clock = std::chrono::steady_clock;

/// What an Inbound keeps alive.
class Credit {
 public:
  Credit(std::weak_ptr<Session> session, Lane lane, Reservation reservation)
      : session_{std::move(session)}, lane_{lane}, reservation_{std::move(reservation)} {}
  Credit(const Credit&) = delete;
  Credit& operator=(const Credit&) = delete;
  ~Credit() {
    reservation_ = {};
    if (const auto session = session_.lock()) session->release(lane_);
  }

 private:
  const std::weak_ptr<Session> session_;
  const Lane lane_;
  Reservation reservation_;
};

Error over() { return {Errc::unavailable, "the session is over"}; }

}  // namespace

Session::Session(SessionOptions options, const SessionId& id, PeerInfo peer,
                 const Capacity& capacity)
    : options_{std::move(options)},
      id_{id},
      peer_{std::move(peer)},
      core_{options_.limits, capacity, options_.memory},
      rate_{options_.messages_per_s, Clock::now()} {}

Status Session::send(Lane lane, Message message) {
  Status sent;
  bool is_dead = false;
  {
    const std::lock_guard lock{mutex_};
    if (is_over_ || closing_) return over();
    // A peer that does not even read control messages is as good as dead.
    is_dead = lane == Lane::control && core_.takes(lane, message.body->size());
    sent = core_.send(lane, message);  // a copy: what is refused dies outside of the lock
  }
  if (sent) {
    wake();
  } else if (is_dead) {
    options_.loop->post([self = shared_from_this(), reason = sent.error()] {
      self->end(reason, CloseCode::broken_rules);
    });
  }
  return sent;
}

void Session::close(std::string reason) {
  {
    const std::lock_guard lock{mutex_};
    if (is_over_ || closing_) return;
    closing_ = std::move(reason);
  }
  wake();
}

LinkCounters Session::counters() const {
  const std::lock_guard lock{mutex_};
  LinkCounters counters = counters_;
  counters.blocks_sent = core_.blocks_sent();
  counters.blocks_resent = core_.blocks_resent();
  return counters;
}

bool Session::is_over() const {
  const std::lock_guard lock{mutex_};
  return is_over_;
}

Received Session::received() const {
  const std::lock_guard lock{mutex_};
  return core_.received();
}

void Session::start(std::shared_ptr<Connection> connection, std::optional<Hello> answer) {
  options_.events->on_up(shared_from_this());
  carry(std::move(connection), std::move(answer));
}

void Session::resume(std::shared_ptr<Connection> connection, const Received& peer,
                     std::optional<Hello> answer) {
  if (const auto old = std::exchange(connection_, nullptr)) {  // that was lost unnoticed
    old->close(CloseCode::superseded, "another connection carries this session");
    detach();
    options_.events->on_cut(shared_from_this(),
                            {Errc::unavailable, "the peer has made another connection"});
  }
  Status resumed;
  {
    const std::lock_guard lock{mutex_};
    resumed = core_.resume(peer);
  }
  if (!resumed) {
    connection->close(CloseCode::broken_rules, resumed.error().detail);
    return go_down(resumed.error(), false);
  }
  options_.events->on_resumed(shared_from_this());
  carry(std::move(connection), std::move(answer));
}

void Session::carry(std::shared_ptr<Connection> connection, std::optional<Hello> answer) {
  connection_ = std::move(connection);
  {
    const std::lock_guard lock{mutex_};
    ++counters_.connections;
  }
  const auto current = connection_;
  current->run(shared_from_this(), std::move(answer));
  pump();
}

void Session::wake() {
  if (is_woken_.exchange(true)) return;
  options_.loop->post([self = shared_from_this()] {
    self->is_woken_ = false;
    self->pump();
  });
}

void Session::pump() {
  if (is_over()) return;
  deliver(false);
  if (const auto connection = connection_) connection->wake();
  close_if_drained();
}

void Session::deliver(bool regardless) {
  for (;;) {
    std::optional<Delivery> delivery;
    {
      const std::lock_guard lock{mutex_};
      if (is_over_) return;
      delivery = core_.next_delivery(regardless);
    }
    if (!delivery) return;
    const Lane lane = delivery->lane;
    auto credit =
        std::make_shared<Credit>(weak_from_this(), lane, std::move(delivery->reservation));
    options_.events->on_message(shared_from_this(),
                                {lane, std::move(delivery->message), std::move(credit)});
  }
}

void Session::release(Lane lane) {
  {
    const std::lock_guard lock{mutex_};
    core_.release(lane);
  }
  wake();
}

std::optional<OutboundBlock> Session::next_block() {
  const std::lock_guard lock{mutex_};
  auto block = core_.next();
  if (block) counters_.bytes_sent += block_header_bytes + block->header.length;
  return block;
}

std::chrono::milliseconds Session::wait_for(const BlockHeader& header) {
  const bool counts =
      header.is_first && (header.kind == BlockKind::control || header.kind == BlockKind::data);
  return counts ? rate_.take(Clock::now()) : std::chrono::milliseconds{};
}

Result<std::span<std::uint8_t>> Session::begin_block(const BlockHeader& header,
                                                     std::size_t payload_bytes) {
  std::vector<SharedBytes> needless;  // outlives the lock: a body may hold this session's credit
  const std::lock_guard lock{mutex_};
  coming_bytes_ = block_header_bytes + payload_bytes;
  auto place = core_.begin(header, payload_bytes);
  needless = core_.take_needless();
  return place;
}

void Session::commit_block() {
  {
    const std::lock_guard lock{mutex_};
    core_.commit();
    counters_.bytes_received += coming_bytes_;
  }
  deliver(false);
  close_if_drained();
}

void Session::detach() {
  connection_ = nullptr;
  const std::lock_guard lock{mutex_};
  core_.cut();
}

void Session::on_lost(const Error& reason) {
  detach();
  lost_at_ = Clock::now();
  if (is_over()) return;
  options_.events->on_cut(shared_from_this(), reason);
  close_if_drained();
  if (options_.on_lost) options_.on_lost();
}

void Session::on_closed_by_peer(std::uint16_t code, const std::string& reason) {
  const auto is = [code](CloseCode each) { return code == static_cast<std::uint16_t>(each); };
  if (!is(CloseCode::over) && !is(CloseCode::replaced) && !is(CloseCode::broken_rules)) {
    return on_lost({Errc::unavailable, "the peer closed the connection: " + reason});
  }
  detach();
  deliver(true);
  go_down({Errc::cancelled, reason}, is(CloseCode::replaced));
}

void Session::on_broken_rules(const Error& reason) {
  detach();
  go_down(reason, false);
}

void Session::close_if_drained() {
  std::string reason;
  {
    const std::lock_guard lock{mutex_};
    if (!closing_ || is_over_) return;
    if (!closing_since_) closing_since_ = Clock::now();
    const bool is_waiting = connection_ && (connection_->is_writing() || !core_.all_sent());
    if (is_waiting && Clock::now() - *closing_since_ < options_.limits.stall) return;
    reason = *closing_;
  }
  end({Errc::cancelled, reason}, CloseCode::over);
}

void Session::end(const Error& reason, CloseCode code) {
  if (is_over()) return;
  const auto connection = connection_;
  detach();
  if (connection) connection->close(code, reason.detail);
  go_down(reason, false);
}

void Session::go_down(const Error& reason, bool replaced) {
  {
    const std::lock_guard lock{mutex_};
    if (is_over_) return;
    is_over_ = true;
  }
  // Whoever listens may keep the link, which must not keep its listener for ever.
  std::exchange(options_.events, nullptr)->on_down(shared_from_this(), reason);
  if (options_.on_over) options_.on_over(replaced);
}

void Session::on_tick(Clock::time_point now) {
  if (is_over()) return;
  close_if_drained();
  if (!connection_ && now - lost_at_ > options_.limits.resume) {
    go_down({Errc::unavailable, "the peer did not come back in time"}, false);
  }
}

}  // namespace hippocrypt::net
