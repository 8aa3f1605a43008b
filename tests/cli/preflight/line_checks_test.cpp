#include "cli/preflight/line_checks.hpp"

#include <gtest/gtest.h>

#include "net/probe/answer.hpp"
#include "tests/support/temporary_folder.hpp"
#include "tests/support/test_authority.hpp"

namespace hippocrypt::cli {
namespace {

using namespace std::chrono_literals;

class LineChecksTest : public testing::Test {
 protected:
  /// A line of 10 MB/s each way.
  static net::LineReport report() {
    net::LineReport line;
    line.peer.certificate.identity = {"study", net::Role::server, "gpu"};
    line.peer.software = "hippocrypt 0.1.0";
    line.round_trip = 40ms;
    line.clock_difference = -250ms;
    line.up_bytes_per_s = 10e6;
    line.down_bytes_per_s = 10e6;
    return line;
  }
  static std::vector<Check> judge(const net::LineReport& line, const RoundNeeds& round) {
    return judge_line("gpu.example:7000", line, round);
  }
};

TEST_F(LineChecksTest, PassesALineThatCarriesARound) {
  const auto checks = judge(report(), {100e6, 50e6, 60});
  ASSERT_EQ(checks.size(), 3U);
  EXPECT_EQ(checks[0].text, "server gpu, hippocrypt 0.1.0");
  EXPECT_EQ(checks[1].name, "clock of gpu.example:7000");
  EXPECT_EQ(checks[1].state, CheckState::passed);
  EXPECT_EQ(checks[1].text, "0.25 s behind this machine's");
  EXPECT_EQ(checks[2].state, CheckState::passed);
  EXPECT_EQ(checks[2].text,
            "10.0 MB/s up, 10.0 MB/s down, round trip 40.0 ms: 100 MB up and 50.0 MB down take "
            "15.0 s a round");
}

TEST_F(LineChecksTest, SaysThatALineIsTooSlow) {
  const auto tight = judge(report(), {100e6, 50e6, 20});
  EXPECT_EQ(tight[2].state, CheckState::warning);
  const auto slow = judge(report(), {100e6, 50e6, 10});
  EXPECT_EQ(slow[2].state, CheckState::failed);
  EXPECT_NE(slow[2].text.find("a round ends after 10.0 s; take a faster line"), std::string::npos)
      << slow[2].text;
  EXPECT_EQ(judge(report(), {100e6, 50e6, 0})[2].state, CheckState::passed) << "no deadline";
}

TEST_F(LineChecksTest, JudgesTheClocks) {
  auto line = report();
  line.clock_difference = 90s;
  EXPECT_EQ(judge(line, {})[1].state, CheckState::warning);
  EXPECT_NE(judge(line, {})[1].text.find("ahead of"), std::string::npos);
  line.clock_difference = -2h;
  EXPECT_EQ(judge(line, {})[1].state, CheckState::failed);
  EXPECT_NE(judge(line, {})[1].text.find("timedatectl"), std::string::npos);
}

TEST_F(LineChecksTest, SaysWhyAPeerCannotBeReached) {
  const auto away = judge_line("hub:1", Error{Errc::unavailable, "connection refused"}, {});
  ASSERT_EQ(away.size(), 1U);
  EXPECT_EQ(away[0].state, CheckState::failed);
  EXPECT_EQ(away[0].name, "port of hub:1");
  EXPECT_EQ(away[0].text.rfind("connection refused; is its program running", 0), 0U);
  const auto wrong = judge_line("hub:1", Error{Errc::mismatch, "it is a server"}, {});
  EXPECT_EQ(wrong[0].text, "it is a server");
}

/// Answers probes and nothing else.
class Answering final : public net::LinkEvents {
 public:
  void on_up(const net::LinkPointer& /*link*/) override {}
  void on_message(const net::LinkPointer& link, net::Inbound inbound) override {
    net::answer_probe(link, inbound);
  }
  void on_down(const net::LinkPointer& /*link*/, const Error& /*reason*/) override {}
};

class RealLineTest : public testing::Test {
 protected:
  static net::LineProbeOptions brief() { return {20s, 20s, 50ms, {}}; }

  net::ConnectorOptions to(std::uint16_t port) {
    net::ConnectorOptions options;
    options.tls = authority_.party(net::Role::hospital, "st-anna");
    options.host = "127.0.0.1";
    options.port = port;
    options.role = net::Role::server;
    options.server_name = "localhost";
    return options;
  }
  std::unique_ptr<net::Listener> listen() {
    net::ListenerOptions options;
    options.tls = authority_.party(net::Role::server, "gpu");
    options.address = "127.0.0.1";
    return net::Listener::start(options, std::make_shared<Answering>()).value();
  }

  test_support::TemporaryFolder folder_;
  test_support::TestAuthority authority_{folder_.path()};
};

TEST_F(RealLineTest, IsMeasuredOverTls) {
  const auto listener = listen();
  const auto checks = check_line(to(listener->port()), {1e6, 1e6, 3600}, brief()).checks;
  ASSERT_EQ(checks.size(), 3U) << checks.front().text;
  for (const auto& check : checks) EXPECT_EQ(check.state, CheckState::passed) << check.text;
  EXPECT_NE(checks[0].text.find("server gpu"), std::string::npos) << checks[0].text;
}

TEST_F(RealLineTest, SaysWhatIsWrongWithThePeer) {
  const auto listener = listen();
  auto options = to(listener->port());
  options.role = net::Role::aggregator;
  const auto role = check_line(options, {}, brief()).checks;
  ASSERT_EQ(role.size(), 1U);
  EXPECT_EQ(role[0].state, CheckState::failed);
  options = to(listener->port());
  options.server_name = "other.example";
  EXPECT_EQ(check_line(options, {}, brief()).checks[0].state, CheckState::failed);
  options = to(listener->port());
  options.tls.certificate = folder_.path() / "none";
  const auto files = check_line(options, {}, brief()).checks;
  EXPECT_NE(files[0].text.find("none"), std::string::npos) << files[0].text;
}

TEST_F(RealLineTest, SaysThatNobodyListens) {
  auto listener = listen();
  const auto options = to(listener->port());
  listener.reset();
  const auto checks = check_line(options, {}, brief()).checks;
  ASSERT_EQ(checks.size(), 1U);
  EXPECT_EQ(checks[0].state, CheckState::failed);
  EXPECT_NE(checks[0].text.find("cannot be reached"), std::string::npos) << checks[0].text;
}

}  // namespace
}  // namespace hippocrypt::cli
