#pragma once
// A slow, long and lossy line between two network namespaces, packet by packet: two TUN devices and
// a thread that lets packets from one out of the other at a rate, after a delay, or not at all. The
// kernel's own netem is not in every kernel; this needs /dev/net/tun and the right to make
// namespaces.

#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/if.h>
#include <linux/if_tun.h>
#include <linux/route.h>
#include <poll.h>
#include <sched.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <deque>
#include <functional>
#include <string>
#include <thread>
#include <utility>

#include "base/bytes.hpp"
#include "base/random.hpp"
#include "base/result.hpp"

namespace hippocrypt::net {

struct LineOptions {
  double bits_per_s = 30e6;  ///< each way
  std::chrono::microseconds one_way{20'000};
  double loss = 1e-4;                   ///< of packets
  std::size_t queue_bytes = 512 << 10;  ///< beyond, packets are dropped, as routers do
};

class PacketLine {
 public:
  static constexpr const char* addresses[2] = {"10.99.0.1", "10.99.0.2"};

  explicit PacketLine(const LineOptions& options) : options_{options} {}
  ~PacketLine() {
    is_over_ = true;
    if (shaper_.joinable()) shaper_.join();
    for (Way& way : ways_) {
      if (way.in >= 0) ::close(way.in);
    }
  }
  PacketLine(const PacketLine&) = delete;
  PacketLine& operator=(const PacketLine&) = delete;

  /// Runs `act` on a thread of its own in the namespace of that side, whose threads stay there.
  /// Errors: unavailable (namespaces or TUN devices cannot be made here).
  Status enter(std::size_t side, const std::function<void()>& act) {
    Status entered;
    std::thread{[&] {
      entered = make_side(side);
      if (entered) act();
    }}.join();
    return entered;
  }
  /// Both sides have been entered: packets begin to move.
  void start() {
    shaper_ = std::thread{[this] { shape(); }};
  }
  /// Nothing comes through from now on, or does again.
  void set_cut(bool is_cut) { is_cut_ = is_cut; }
  std::uint64_t lost() const { return lost_; }
  std::uint64_t bytes() const { return bytes_; }

 private:
  using Clock = std::chrono::steady_clock;
  struct Packet {
    Clock::time_point due;
    Bytes bytes;
  };
  struct Way {
    int in = -1;  // where its packets come from; the other's is where they go
    std::deque<Packet> packets;
    std::size_t queued_bytes = 0;
    Clock::time_point free_at{};
  };

  static Error failed(const char* what) {
    return {Errc::unavailable, std::string{what} + ": " + std::strerror(errno)};
  }
  Status make_side(std::size_t side) {
    if (::unshare(CLONE_NEWNET) != 0) return failed("no network namespace can be made");
    const int tun = ::open("/dev/net/tun", O_RDWR | O_CLOEXEC | O_NONBLOCK);
    if (tun < 0) return failed("/dev/net/tun cannot be opened");
    ways_[side].in = tun;
    ifreq device{};
    device.ifr_flags = IFF_TUN | IFF_NO_PI;
    std::strcpy(device.ifr_name, "line");
    if (::ioctl(tun, TUNSETIFF, &device) != 0) return failed("no TUN device can be made");
    const int control = ::socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    const Status set = configure(control, device, side);
    ::close(control);
    return set;
  }
  static Status configure(int control, ifreq device, std::size_t side) {
    auto* const address = reinterpret_cast<sockaddr_in*>(&device.ifr_addr);
    const auto put = [&](unsigned long request, const char* text) {
      std::memset(address, 0, sizeof *address);
      address->sin_family = AF_INET;
      ::inet_pton(AF_INET, text, &address->sin_addr);
      return ::ioctl(control, request, &device) == 0;
    };
    if (!put(SIOCSIFADDR, addresses[side]) || !put(SIOCSIFDSTADDR, addresses[1 - side])) {
      return failed("the TUN device takes no address");
    }
    device.ifr_flags = IFF_UP | IFF_RUNNING | IFF_POINTOPOINT;
    if (::ioctl(control, SIOCSIFFLAGS, &device) != 0) return failed("the TUN device stays down");
    return {};
  }

  void shape() {
    SeededSequence random{11, "packets"};
    while (!is_over_) {
      std::array<pollfd, 2> polled{{{ways_[0].in, POLLIN, 0}, {ways_[1].in, POLLIN, 0}}};
      (void)::poll(polled.data(), polled.size(), 1);
      for (const std::size_t side : {0U, 1U}) {
        take(ways_[side], random);
        give(ways_[side], ways_[1 - side].in);
      }
    }
  }
  void take(Way& way, SeededSequence& random) {
    std::array<std::uint8_t, 2048> buffer{};
    for (;;) {
      const ssize_t got = ::read(way.in, buffer.data(), buffer.size());
      if (got <= 0) return;
      const auto size = static_cast<std::size_t>(got);
      if (is_cut_ || random.uniform() < options_.loss || way.queued_bytes > options_.queue_bytes) {
        ++lost_;
        continue;
      }
      const auto now = Clock::now();
      const std::chrono::duration<double> on_line{static_cast<double>(size) * 8 /
                                                  options_.bits_per_s};
      way.free_at =
          std::max(way.free_at, now) + std::chrono::duration_cast<Clock::duration>(on_line);
      way.packets.push_back(
          {way.free_at + options_.one_way, Bytes{buffer.begin(), buffer.begin() + got}});
      way.queued_bytes += size;
    }
  }
  void give(Way& way, int out) {
    const auto now = Clock::now();
    while (!way.packets.empty() && way.packets.front().due <= now) {
      const Bytes bytes = std::move(way.packets.front().bytes);
      way.packets.pop_front();
      way.queued_bytes -= bytes.size();
      bytes_ += bytes.size();
      if (!is_cut_) (void)!::write(out, bytes.data(), bytes.size());
    }
  }

  const LineOptions options_;
  std::array<Way, 2> ways_;
  std::atomic<bool> is_over_{false}, is_cut_{false};
  std::atomic<std::uint64_t> lost_{0}, bytes_{0};
  std::thread shaper_;
};

}  // namespace hippocrypt::net
