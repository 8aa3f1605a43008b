// The metrics page as raw sockets meet it.

#include "net/http_metrics/metrics_server.hpp"

#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <thread>
#include <vector>

namespace hippocrypt::net {
namespace {

/// A client that sends what it is told to.
class Client {
 public:
  explicit Client(std::uint16_t port) : fd_{::socket(AF_INET, SOCK_STREAM, 0)} {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(fd_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~Client() { ::close(fd_); }
  Client(const Client&) = delete;
  Client& operator=(const Client&) = delete;

  /// Less may arrive: a server may have had enough.
  void send(std::string_view text) const {
    while (!text.empty()) {
      const auto sent = ::send(fd_, text.data(), text.size(), MSG_NOSIGNAL);
      if (sent <= 0) return;
      text.remove_prefix(static_cast<std::size_t>(sent));
    }
  }
  /// All until the server closes.
  std::string receive() const {
    std::string all;
    char buffer[4096];
    for (ssize_t got = 0; (got = ::recv(fd_, buffer, sizeof buffer, 0)) > 0;) {
      all.append(buffer, static_cast<std::size_t>(got));
    }
    return all;
  }

 private:
  int fd_;
};

std::unique_ptr<MetricsServer> serve(
    MetricsServerOptions options = {},
    std::function<std::string()> page = [] { return std::string{"answer 42\n"}; }) {
  auto server = MetricsServer::start(options, std::move(page));
  EXPECT_TRUE(server.has_value()) << to_string(server.error());
  return std::move(server).value();
}

std::string ask(const MetricsServer& server, const std::string& request) {
  const Client client{server.port()};
  client.send(request);
  return client.receive();
}

bool starts_with(const std::string& text, const std::string& start) {
  return text.rfind(start, 0) == 0;
}

const std::string get_metrics = "GET /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n";

TEST(MetricsServerTest, ShowsThePage) {
  const auto server = serve();
  const std::string answer = ask(*server, get_metrics);
  EXPECT_TRUE(starts_with(answer, "HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_NE(answer.find("Content-Type: text/plain; version=0.0.4; charset=utf-8\r\n"),
            std::string::npos);
  EXPECT_NE(answer.find("Content-Length: 10\r\n"), std::string::npos);
  EXPECT_NE(answer.find("Connection: close\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\nanswer 42\n")) << answer;
}

TEST(MetricsServerTest, HeadIsThePageWithoutItsBody) {
  const auto server = serve();
  const std::string answer = ask(*server, "HEAD /metrics?x=1 HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n");
  EXPECT_TRUE(starts_with(answer, "HTTP/1.1 200 OK\r\n")) << answer;
  EXPECT_NE(answer.find("Content-Length: 10\r\n"), std::string::npos);
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TEST(MetricsServerTest, OldClientsWithoutAHostAreServed) {
  const auto server = serve();
  EXPECT_NE(ask(*server, "GET /metrics HTTP/1.0\r\n\r\n").find("answer 42"), std::string::npos);
}

TEST(MetricsServerTest, OtherPathsMethodsAndHostsAreRefused) {
  const auto server = serve();
  const auto status = [&](const std::string& request) {
    return ask(*server, request).substr(9, 3);
  };
  EXPECT_EQ(status("GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"), "404");
  EXPECT_EQ(status("GET /metrics2 HTTP/1.1\r\nHost: localhost\r\n\r\n"), "404");
  EXPECT_EQ(status("GET /../metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"), "404");
  EXPECT_EQ(status("DELETE /metrics HTTP/1.1\r\nHost: localhost\r\n\r\n"), "405");
  EXPECT_EQ(status("GET /metrics HTTP/1.1\r\nHost: evil.example\r\n\r\n"), "421");
  EXPECT_EQ(status("GET /metrics HTTP/1.1\r\nHost: localhost.evil.example\r\n\r\n"), "421");
  EXPECT_EQ(status("GET /metrics HTTP/1.1\r\nHost: localhost:" + std::to_string(server->port()) +
                   "\r\n\r\n"),
            "200");
  EXPECT_EQ(status("POST /metrics HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello"),
            "413");
  EXPECT_EQ(status("\x16\x03\x01\x02 this is TLS or worse\r\n\r\n"), "400");
}

TEST(MetricsServerTest, AnOversizedRequestIsRefusedAndReadNoFurther) {
  const auto server = serve();
  const std::string big = "GET /metrics HTTP/1.1\r\nHost: localhost\r\nX: ";
  EXPECT_TRUE(
      starts_with(ask(*server, big + std::string(9000, 'x') + "\r\n\r\n"), "HTTP/1.1 431 "));
  EXPECT_TRUE(starts_with(ask(*server, "GET /" + std::string(9000, 'x')), "HTTP/1.1 431 "));
  (void)ask(*server, big + std::string(std::size_t{8} << 20, 'x'));  // ends all the same
  EXPECT_TRUE(starts_with(ask(*server, get_metrics), "HTTP/1.1 200 "));
}

TEST(MetricsServerTest, ASlowClientDoesNotBlockOthers) {
  const auto server = serve();
  const Client slow{server->port()};
  slow.send("GET /met");
  EXPECT_TRUE(starts_with(ask(*server, get_metrics), "HTTP/1.1 200 "));
  slow.send("rics HTTP/1.1\r\nHost: localhost\r\n\r\n");  // late, and still served
  EXPECT_TRUE(starts_with(slow.receive(), "HTTP/1.1 200 "));
}

TEST(MetricsServerTest, IdleClientsCannotShutOthersOut) {
  MetricsServerOptions options;
  options.max_connections = 4;
  options.timeout = std::chrono::minutes{10};
  const auto server = serve(options);
  std::vector<std::unique_ptr<Client>> idle;
  for (int i = 0; i < 50; ++i) idle.push_back(std::make_unique<Client>(server->port()));
  EXPECT_TRUE(starts_with(ask(*server, get_metrics), "HTTP/1.1 200 "));
  EXPECT_EQ(idle.front()->receive(), "");  // closed, without waiting for its timeout
}

TEST(MetricsServerTest, AnIdleClientIsDroppedInTime) {
  MetricsServerOptions options;
  options.timeout = std::chrono::milliseconds{20};
  const auto server = serve(options);
  const Client idle{server->port()};
  idle.send("GET /metrics HTTP/1.1\r\n");
  EXPECT_EQ(idle.receive(), "");
}

TEST(MetricsServerTest, ATakenPortIsNamed) {
  const auto server = serve();
  MetricsServerOptions options;
  options.port = server->port();
  const auto second = MetricsServer::start(options, [] { return std::string{}; });
  ASSERT_FALSE(second.has_value());
  EXPECT_EQ(second.error().code, Errc::unavailable);
  EXPECT_NE(second.error().detail.find(":" + std::to_string(server->port())), std::string::npos);
  EXPECT_NE(second.error().detail.find("in use"), std::string::npos) << second.error().detail;
}

TEST(MetricsServerTest, APageThatThrowsEndsItsConnectionOnly) {
  std::atomic<int> asked{0};
  const auto server = serve({}, [&asked]() -> std::string {
    if (++asked == 1) throw std::bad_alloc{};
    return "fine\n";
  });
  EXPECT_EQ(ask(*server, get_metrics), "");
  EXPECT_NE(ask(*server, get_metrics).find("fine"), std::string::npos);
}

TEST(MetricsServerTest, ManyClientsAtOnceAreAllServed) {
  std::atomic<int> asked{0};
  const auto server = serve({}, [&asked] { return std::to_string(++asked) + "\n"; });
  std::atomic<int> served{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        if (starts_with(ask(*server, get_metrics), "HTTP/1.1 200 ")) ++served;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_EQ(served, 160);
  EXPECT_EQ(asked, 160);
}

TEST(MetricsServerTest, EndsWithConnectionsOpen) {
  auto server = serve();
  const Client open{server->port()};
  open.send("GET /metrics HT");
  server.reset();
  EXPECT_EQ(open.receive(), "");
}

}  // namespace
}  // namespace hippocrypt::net
