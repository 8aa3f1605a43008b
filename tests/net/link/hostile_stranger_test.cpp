// What strangers try, who have no certificate of the federation or the wrong one. After each the
// process serves a hospital.

#include <sys/resource.h>
#include <sys/wait.h>

#include <thread>

#include "base/resident_memory.hpp"
#include "tests/net/link/hostile_peer.hpp"

namespace hippocrypt::net {
namespace {

using std::chrono::milliseconds;

TEST(HostileStrangerTest, Garbage) {
  Study study;
  Centre centre{study};
  SeededSequence random{1, "garbage"};
  const std::uint64_t before = resident_bytes();
  for (int i = 0; i < 200; ++i) {
    HostilePeer peer{centre.port()};
    Bytes garbage(1 + random.below(3000));
    for (auto& byte : garbage) byte = static_cast<std::uint8_t>(random.next_u64());
    if (i % 3 == 0) garbage[0] = 0x16;  // as TLS begins
    (void)peer.send_raw(garbage);
  }
  EXPECT_TRUE(is_served(study, "st-anna", centre));
  EXPECT_LT(resident_bytes(), before + (std::uint64_t{64} << 20));
}

TEST(HostileStrangerTest, IdleConnectionsKeepNobodyOut) {
  Study study;
  Centre centre{study, [](ListenerOptions& o) { o.limits.handshake = milliseconds{5000}; }};
  std::vector<std::unique_ptr<HostilePeer>> idle;
  for (int i = 0; i < 60; ++i) idle.push_back(std::make_unique<HostilePeer>(centre.port()));
  EXPECT_TRUE(is_served(study, "st-anna", centre));
  for (const auto& peer : idle) EXPECT_TRUE(peer->hears_end());  // evicted, or too late
}

TEST(HostileStrangerTest, AClientHelloThatEndsEarlyOrComesByteByByte) {
  Study study;
  Centre centre{study, [](ListenerOptions& o) { o.limits.handshake = milliseconds{2000}; }};
  const Bytes start{0x16, 3, 1, 2, 0, 1, 0, 1, 0xfc, 3, 3, 1, 2, 3, 4, 5};
  {
    HostilePeer peer{centre.port()};
    ASSERT_TRUE(peer.send_raw(start));
  }
  HostilePeer waits{centre.port()};
  ASSERT_TRUE(waits.send_raw(start));
  HostilePeer slow{centre.port()};
  const auto began = std::chrono::steady_clock::now();
  std::thread loris{[&] {
    while (slow.send_raw(Bytes{0x16}) &&
           std::chrono::steady_clock::now() - began < std::chrono::seconds{20}) {
      std::this_thread::sleep_for(milliseconds{20});
    }
  }};
  EXPECT_TRUE(is_served(study, "st-anna", centre));
  EXPECT_TRUE(waits.hears_end());
  loris.join();
  EXPECT_LT(std::chrono::steady_clock::now() - began, std::chrono::seconds{15});
}

TEST(HostileStrangerTest, DescriptorsRunOut) {
  int orders[2], reports[2];
  ASSERT_TRUE(::pipe(orders) == 0 && ::pipe(reports) == 0);
  const pid_t crowd = ::fork();  // whose own descriptors are not ours
  ASSERT_GE(crowd, 0);
  if (crowd == 0) {
    ::close(orders[1]);
    std::uint16_t port = 0;
    if (::read(orders[0], &port, sizeof port) != sizeof port) ::_exit(1);
    for (int i = 0; i < 100; ++i) (void)loopback_socket(port);
    (void)!::write(reports[1], "x", 1);
    char ended = 0;
    (void)!::read(orders[0], &ended, 1);
    ::_exit(0);
  }
  Study study;
  Centre centre{study, [](ListenerOptions& o) {
                  o.strangers = o.strangers_per_address = 1000;
                  o.limits.handshake = std::chrono::seconds{60};
                }};
  (void)study.files(Role::hospital, "st-anna");
  rlimit before{};
  ASSERT_EQ(::getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit few = before;
  few.rlim_cur = 60;
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &few), 0);
  const std::uint16_t port = centre.port();
  ASSERT_EQ(::write(orders[1], &port, sizeof port), static_cast<ssize_t>(sizeof port));
  char reported = 0;
  EXPECT_EQ(::read(reports[0], &reported, 1), 1);
  const auto cpu = [] {
    rusage usage{};
    ::getrusage(RUSAGE_SELF, &usage);
    return static_cast<double>(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) +
           static_cast<double>(usage.ru_utime.tv_usec + usage.ru_stime.tv_usec) * 1e-6;
  };
  const double cpu_before = cpu();
  std::this_thread::sleep_for(std::chrono::seconds{1});  // the load that is measured
  EXPECT_LT(cpu() - cpu_before, 0.5);                    // it does not spin
  ASSERT_EQ(::setrlimit(RLIMIT_NOFILE, &before), 0);
  ::close(orders[1]);
  int status = 0;
  ::waitpid(crowd, &status, 0);
  EXPECT_TRUE(is_served(study, "st-anna", centre));
  for (const int fd : {orders[0], reports[0], reports[1]}) ::close(fd);
}

TEST(HostileStrangerTest, AForeignAuthority) {
  Study study, foreign;
  Centre centre{study};
  auto options = reach(foreign.files(Role::hospital, "st-anna"), centre.port());
  options.tls.authority = study.authority().certificate_path();  // it knows ours
  options.tls.revoked.clear();
  EXPECT_EQ(Connector::start(options, centre.events).error().code, Errc::mismatch);
  const TlsFiles files = foreign.files(Role::hospital, "st-anna");
  HostilePeer peer{centre.port()};
  (void)peer.tls(&files);
  EXPECT_TRUE(peer.hears_tls_end());
  ASSERT_TRUE(centre.events->wait([&] { return !centre.events->refused.empty(); }));
  EXPECT_EQ(centre.events->refused[0].code, Errc::mismatch);
  // The other way round: a hospital that meets a stranger.
  Site lost{foreign, "st-anna", centre.port()};
  ASSERT_TRUE(lost.events->wait([&] { return !lost.events->refused.empty(); }));
  EXPECT_EQ(lost.events->refused[0].code, Errc::mismatch);
  EXPECT_TRUE(is_served(study, "st-anna", centre));
}

TEST(HostileStrangerTest, NoCertificate) {
  Study study;
  Centre centre{study};
  HostilePeer peer{centre.port()};
  (void)peer.tls(nullptr);
  EXPECT_TRUE(peer.hears_tls_end());
  EXPECT_TRUE(is_served(study, "st-anna", centre));
  EXPECT_EQ(centre.events->ups.size(), 1U);
}

TEST(HostileStrangerTest, AnOlderTls) {
  Study study;
  Centre centre{study};
  const std::unique_ptr<SSL_CTX, decltype(&SSL_CTX_free)> context{SSL_CTX_new(TLS_method()),
                                                                  &SSL_CTX_free};
  SSL_CTX_set_max_proto_version(context.get(), TLS1_2_VERSION);
  const int fd = loopback_socket(centre.port());
  const std::unique_ptr<SSL, decltype(&SSL_free)> ssl{SSL_new(context.get()), &SSL_free};
  SSL_set_fd(ssl.get(), fd);
  EXPECT_NE(SSL_connect(ssl.get()), 1);
  ::close(fd);
  EXPECT_TRUE(is_served(study, "st-anna", centre));
}

TEST(HostileStrangerTest, TheWrongKeyUsageOrRole) {
  Study study;
  Centre centre{study};
  const TlsFiles odd = study.odd_files(Role::hospital, "odd", [](CertificateSpec& spec) {
    spec.may_be_client = false;
    spec.may_be_server = true;
  });
  const TlsFiles server = study.files(Role::server, "server");
  const TlsFiles both = study.odd_files(Role::server, "both",
                                        [](CertificateSpec& spec) { spec.may_be_client = true; });
  for (const TlsFiles& files : {odd, server, both}) {
    HostilePeer peer{centre.port()};
    const bool got_in = peer.begin_session(files) && peer.reads_something();
    EXPECT_FALSE(got_in) << files.certificate;
  }
  ASSERT_TRUE(centre.events->wait([&] { return centre.events->refused.size() >= 3; }));
  EXPECT_TRUE(is_served(study, "st-anna", centre));
  EXPECT_EQ(centre.events->ups.size(), 1U);
}

TEST(HostileStrangerTest, TheWrongServerOfTheRightAuthority) {
  Study study;
  Centre centre{study};
  auto options = reach(study.files(Role::hospital, "st-anna"), centre.port());
  options.server_name = "other.example";
  Site misled{options};
  ASSERT_TRUE(misled.events->wait([&] { return !misled.events->refused.empty(); }));
  EXPECT_EQ(misled.events->refused[0].code, Errc::mismatch);
  EXPECT_NE(misled.events->refused[0].detail.find("ostname mismatch"), std::string::npos)
      << misled.events->refused[0].detail;
  options.server_name.clear();
  options.role = Role::server;
  Site asks_for_another{options};
  ASSERT_TRUE(
      asks_for_another.events->wait([&] { return !asks_for_another.events->refused.empty(); }));
  EXPECT_EQ(asks_for_another.events->refused[0].detail,
            "the peer's certificate is for the role aggregator, not server");
  EXPECT_TRUE(misled.events->ups.empty() && asks_for_another.events->ups.empty());
}

TEST(HostileStrangerTest, WhoIsNotAdmittedHearsWhy) {
  Study study;
  Centre centre{study, [](ListenerOptions& o) {
                  o.sessions = 1;
                  o.admit = [](const PeerInfo& peer) -> Status {
                    if (peer.certificate.identity.name != "mallory") return {};
                    return Error{Errc::mismatch, "mallory is not on the list"};
                  };
                }};
  Site mallory{study, "mallory", centre.port()};
  ASSERT_TRUE(mallory.events->wait([&] { return !mallory.events->refused.empty(); }));
  EXPECT_EQ(mallory.events->refused[0].detail, "the peer refuses: mallory is not on the list");
  Site first{study, "st-anna", centre.port()};
  ASSERT_TRUE(first.events->wait_for_up());
  Site second{study, "st-berta", centre.port()};
  ASSERT_TRUE(second.events->wait([&] { return !second.events->refused.empty(); }));
  EXPECT_NE(second.events->refused[0].detail.find("as many peers"), std::string::npos);
}

}  // namespace
}  // namespace hippocrypt::net
