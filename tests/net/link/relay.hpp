#pragma once
// A TCP relay in the middle of a connection: it can cut all that goes through it, stop it, slow it
// to bytes, and stand in for a CONNECT proxy.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace hippocrypt::net {

inline int loopback_socket(std::uint16_t connect_to) {
  const int fd = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(connect_to);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) == 0) return fd;
  ::close(fd);
  return -1;
}

class Relay {
 public:
  enum class Kind { plain, proxy, refusing_proxy };
  explicit Relay(std::uint16_t target, Kind kind = Kind::plain) : target_{target}, kind_{kind} {
    listener_ = ::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    (void)::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address);
    (void)::listen(listener_, 16);
    socklen_t size = sizeof address;
    (void)::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread{[this] { serve(); }};
  }
  ~Relay() {
    is_over_ = true;
    thread_.join();
    cut_now();
    ::close(listener_);
  }
  Relay(const Relay&) = delete;
  Relay& operator=(const Relay&) = delete;

  std::uint16_t port() const { return port_; }
  std::uint64_t bytes() const { return bytes_; }
  const std::string& request() const { return request_; }
  /// Ends everything that goes through; new connections come through again.
  void cut() { must_cut_ = true; }
  /// After so many more bytes.
  void cut_after(std::uint64_t bytes) { cut_at_ = bytes_ + bytes; }
  /// Lets nothing through from now on, and ends nothing.
  void stop() {
    is_stopped_ = true;
    for (const std::uint64_t seen = rounds_; rounds_ < seen + 2;) std::this_thread::yield();
  }
  void go_on() { is_stopped_ = false; }

 private:
  void serve() {
    for (; !is_over_; ++rounds_) {
      if (must_cut_.exchange(false)) cut_now();
      std::vector<pollfd> polled{{listener_, POLLIN, 0}};
      for (const auto& [a, b] : pairs_) {
        polled.push_back({is_stopped_ ? -1 : a, POLLIN, 0});
        polled.push_back({is_stopped_ ? -1 : b, POLLIN, 0});
      }
      if (::poll(polled.data(), polled.size(), 5) <= 0) continue;
      for (std::size_t i = 0; i < pairs_.size(); ++i) {
        const auto [a, b] = pairs_[i];
        const bool good = (polled[2 * i + 1].revents == 0 || pass(a, b)) &&
                          (polled[2 * i + 2].revents == 0 || pass(b, a));
        if (!good) cut_now();  // all: tests have one at a time
      }
      if (polled[0].revents != 0) take();
    }
  }
  void take() {
    const int from = ::accept4(listener_, nullptr, nullptr, SOCK_CLOEXEC);
    if (kind_ != Kind::plain && !answer(from)) return;
    const int to = loopback_socket(target_);
    if (to < 0) {
      ::close(from);
      return;
    }
    const int at_once = 1;
    (void)::setsockopt(from, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    (void)::setsockopt(to, IPPROTO_TCP, TCP_NODELAY, &at_once, sizeof at_once);
    pairs_.emplace_back(from, to);
  }
  bool answer(int from) {
    char c = 0;
    request_.clear();
    while (!request_.ends_with("\r\n\r\n") && ::recv(from, &c, 1, 0) == 1) request_ += c;
    const std::string words = kind_ == Kind::proxy ? "HTTP/1.1 200 Connection established\r\n\r\n"
                                                   : "HTTP/1.1 403 Forbidden\r\n\r\n";
    (void)::send(from, words.data(), words.size(), MSG_NOSIGNAL);
    if (kind_ == Kind::refusing_proxy) ::close(from);
    return kind_ == Kind::proxy;
  }
  bool pass(int from, int to) {
    char buffer[4096];
    const ssize_t got = ::recv(from, buffer, sizeof buffer, 0);
    if (got <= 0) return false;
    for (ssize_t done = 0; done < got;) {
      const ssize_t sent =
          ::send(to, buffer + done, static_cast<std::size_t>(got - done), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      done += sent;
    }
    bytes_ += static_cast<std::uint64_t>(got);
    if (cut_at_ != 0 && bytes_ >= cut_at_) {
      cut_at_ = 0;
      return false;
    }
    return true;
  }
  void cut_now() {
    for (const auto& [a, b] : pairs_) {
      ::close(a);
      ::close(b);
    }
    pairs_.clear();
  }

  const std::uint16_t target_;
  const Kind kind_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::string request_;
  std::atomic<bool> is_over_{false}, must_cut_{false}, is_stopped_{false};
  std::atomic<std::uint64_t> bytes_{0}, cut_at_{0}, rounds_{0};
  std::vector<std::pair<int, int>> pairs_;
  std::thread thread_;
};

}  // namespace hippocrypt::net
