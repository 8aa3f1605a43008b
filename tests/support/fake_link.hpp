#pragma once
// Two Links joined in memory, for tests of what lives on top of one: delivery on a thread of their
// own, control before data, credit, cuts and ends, without a socket.

#include <array>
#include <condition_variable>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "net/link/link.hpp"

namespace hippocrypt::test_support {

/// What an authenticated peer of this name looks like; without a signing key.
inline net::PeerInfo peer_info(net::Role role, const std::string& name,
                               const std::string& federation = "study") {
  net::PeerInfo info;
  info.certificate.identity = {federation, role, name};
  info.certificate.serial = "01";
  info.certificate.may_be_client = role == net::Role::hospital;
  info.certificate.may_be_server = role != net::Role::hospital;
  if (role != net::Role::hospital) info.certificate.dns_name = name + ".example";
  info.address = "192.0.2.1";
  info.software = "test";
  return info;
}

/// One end: whom it sees at the other, and who listens.
struct FakeEnd {
  net::PeerInfo peer;
  std::shared_ptr<net::LinkEvents> events;
};

/// Both ends are up when the constructor returns, or will be soon. on_down comes at most once to
/// each; the destructor ends what has not ended (cancelled) and waits for the last call.
class FakeLinks {
 public:
  FakeLinks(FakeEnd left, FakeEnd right, const net::LinkLimits& limits = {})
      : wire_{std::make_shared<Wire>(limits)} {
    for (std::size_t side : {0U, 1U}) {
      FakeEnd& end = side == 0 ? left : right;
      wire_->ends[side].events = std::move(end.events);
      links_[side] = std::make_shared<End>(wire_, side, std::move(end.peer));
      wire_->ends[side].link = links_[side];
    }
    thread_ = std::thread{[this] { serve(); }};
    for (const std::size_t side : {0U, 1U}) {
      to_both_[side] = [this, side] { wire_->ends[side].events->on_up(links_[side]); };
    }
    call_both();
  }
  ~FakeLinks() {
    end(Error{Errc::cancelled, "the test is over"});
    {
      const std::lock_guard lock{wire_->mutex};
      wire_->is_over = true;
    }
    wire_->changed.notify_all();
    thread_.join();
    for (Side& each : wire_->ends) each.events.reset();  // who may keep the links
  }
  FakeLinks(const FakeLinks&) = delete;
  FakeLinks& operator=(const FakeLinks&) = delete;

  net::LinkPointer left() const { return links_[0]; }
  net::LinkPointer right() const { return links_[1]; }

  /// Both hear on_cut; what is sent from now on waits.
  void cut(const Error& reason = {Errc::unavailable, "the test cut it"}) {
    if (!set_cut(true)) return;
    for (const std::size_t side : {0U, 1U}) {
      to_both_[side] = [this, side, reason] {
        wire_->ends[side].events->on_cut(links_[side], reason);
      };
    }
    call_both();
  }
  /// Both hear on_resumed; what waited is delivered.
  void resume() {
    if (!set_cut(false)) return;
    for (const std::size_t side : {0U, 1U}) {
      to_both_[side] = [this, side] { wire_->ends[side].events->on_resumed(links_[side]); };
    }
    call_both();
  }
  /// The session is over for both, whatever was on its way.
  void end(const Error& reason) { wire_->end(reason); }

 private:
  struct Side {
    std::shared_ptr<net::LinkEvents> events;
    std::weak_ptr<net::Link> link;
    std::array<std::deque<net::Message>, 2> waiting;  // for this end, by lane
    std::array<std::size_t, 2> waiting_bytes{};
    std::array<std::uint32_t, 2> unreleased{};
    net::LinkCounters counters;
  };

  /// All that both ends share; outlives the pair for as long as somebody holds a Link or a credit.
  struct Wire : std::enable_shared_from_this<Wire> {
    explicit Wire(const net::LinkLimits& given) : limits{given} {}

    /// The lane's next message for `side` that may be delivered; under the mutex.
    bool take(std::size_t side, net::Inbound& out) {
      Side& end = ends[side];
      for (const auto lane : {net::Lane::control, net::Lane::data}) {
        const auto at = static_cast<std::size_t>(lane);
        if (end.waiting[at].empty() || end.unreleased[at] >= limits.inbound_messages) continue;
        out.lane = lane;
        out.message = std::move(end.waiting[at].front());
        end.waiting[at].pop_front();
        end.waiting_bytes[at] -= out.message.body->size();
        end.counters.bytes_received += out.message.body->size();
        ++end.unreleased[at];
        out.credit = {nullptr, [wire = shared_from_this(), side, at](void*) {
                        const std::lock_guard lock{wire->mutex};
                        --wire->ends[side].unreleased[at];
                        wire->changed.notify_all();
                      }};
        return true;
      }
      return false;
    }
    bool nothing_waits() const {
      for (const Side& end : ends) {
        for (const auto& lane : end.waiting) {
          if (!lane.empty()) return false;
        }
      }
      return true;
    }
    void end(const Error& reason) {
      const std::lock_guard lock{mutex};
      if (is_down) return;
      is_down = true;
      for (const std::size_t side : {0U, 1U}) {
        tasks.push_back([this, side, reason] {
          if (const auto link = ends[side].link.lock()) ends[side].events->on_down(link, reason);
        });
      }
      changed.notify_all();
    }

    const net::LinkLimits limits;
    std::mutex mutex;
    std::condition_variable changed;
    std::array<Side, 2> ends;
    std::deque<std::function<void()>> tasks;  // calls that are not messages, in order
    std::string closing;                      // the reason, once close() has been called
    bool is_closing = false, is_cut = false, is_down = false, is_over = false;
  };

  class End final : public net::Link {
   public:
    End(std::shared_ptr<Wire> wire, std::size_t side, net::PeerInfo peer)
        : wire_{std::move(wire)}, side_{side}, peer_{std::move(peer)} {}
    const net::PeerInfo& peer() const override { return peer_; }
    Status send(net::Lane lane, net::Message message) override {
      const bool is_control = lane == net::Lane::control;
      const auto at = static_cast<std::size_t>(lane);
      const auto& limits = wire_->limits;
      const std::size_t size = message.body->size();
      const std::lock_guard lock{wire_->mutex};
      if (wire_->is_down || wire_->is_closing) {
        return Error{Errc::unavailable, "the session is over"};
      }
      Side& other = wire_->ends[1 - side_];
      if (size > (is_control ? limits.control_bytes : limits.message_bytes)) {
        return Error{Errc::limit_exceeded, "the message is longer than its lane allows"};
      }
      if (other.waiting_bytes[at] + size >
          (is_control ? limits.outbound_control_bytes : limits.outbound_data_bytes)) {
        return Error{Errc::limit_exceeded, "too much is waiting: the peer does not read"};
      }
      other.waiting_bytes[at] += size;
      other.waiting[at].push_back(std::move(message));
      wire_->ends[side_].counters.bytes_sent += size;
      wire_->changed.notify_all();
      return {};
    }
    void close(std::string reason) override {
      bool is_cut = false;
      {
        const std::lock_guard lock{wire_->mutex};
        if (wire_->is_closing) return;
        wire_->is_closing = true;
        wire_->closing = reason;
        is_cut = wire_->is_cut;
        wire_->changed.notify_all();
      }
      if (is_cut) wire_->end(Error{Errc::cancelled, std::move(reason)});
    }
    net::LinkCounters counters() const override {
      const std::lock_guard lock{wire_->mutex};
      return wire_->ends[side_].counters;
    }

   private:
    const std::shared_ptr<Wire> wire_;
    const std::size_t side_;
    const net::PeerInfo peer_;
  };

  bool set_cut(bool is_cut) {
    const std::lock_guard lock{wire_->mutex};
    if (wire_->is_down || wire_->is_cut == is_cut) return false;
    wire_->is_cut = is_cut;
    return true;
  }
  void call_both() {
    const std::lock_guard lock{wire_->mutex};
    for (auto& task : to_both_) wire_->tasks.push_back(std::move(task));
    if (!wire_->is_cut) {
      for (Side& end : wire_->ends) ++end.counters.connections;
    }
    wire_->changed.notify_all();
  }

  void serve() {
    std::unique_lock lock{wire_->mutex};
    for (;;) {
      if (!wire_->tasks.empty()) {
        const auto task = std::move(wire_->tasks.front());
        wire_->tasks.pop_front();
        lock.unlock();
        task();
        lock.lock();
      } else if (wire_->is_over) {
        return;
      } else if (!deliver(lock)) {
        if (wire_->is_closing && !wire_->is_down && wire_->nothing_waits()) {
          lock.unlock();
          wire_->end(Error{Errc::cancelled, wire_->closing});
          lock.lock();
        } else {
          wire_->changed.wait(lock);
        }
      }
    }
  }
  bool deliver(std::unique_lock<std::mutex>& lock) {
    if (wire_->is_cut || wire_->is_down) return false;
    for (const std::size_t side : {0U, 1U}) {
      net::Inbound inbound;
      if (!wire_->take(side, inbound)) continue;
      lock.unlock();
      wire_->ends[side].events->on_message(links_[side], std::move(inbound));
      lock.lock();
      return true;
    }
    return false;
  }

  const std::shared_ptr<Wire> wire_;
  std::array<std::shared_ptr<End>, 2> links_;
  std::array<std::function<void()>, 2> to_both_;
  std::thread thread_;
};

}  // namespace hippocrypt::test_support
