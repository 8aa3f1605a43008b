// Listener and Connector over real sockets, when everybody is honest and only lines are bad.

#include <gtest/gtest.h>

#include "net/link/hello.hpp"
#include "tests/net/link/federation_rig.hpp"
#include "tests/net/link/relay.hpp"

namespace hippocrypt::net {
namespace {

using std::chrono::milliseconds;
using test_support::LinkRecorder;

Bytes pattern(std::uint64_t id, std::size_t size) {
  Bytes bytes(size);
  for (std::size_t i = 0; i < size; ++i) bytes[i] = static_cast<std::uint8_t>(id * 31 + i * 7);
  return bytes;
}

TEST(LinkTest, CarriesMessagesThereAndBackAndNamesThePeers) {
  Study study;
  Centre centre{study};
  Site site{study, "st-anna", centre.port()};
  ASSERT_TRUE(site.events->wait_for_up() && centre.events->wait_for_up());
  const auto up = site.events->ups[0], down = centre.events->ups[0];
  EXPECT_EQ(up->peer().certificate.identity, (Identity{"study", Role::aggregator, "centre"}));
  EXPECT_EQ(down->peer().certificate.identity, (Identity{"study", Role::hospital, "st-anna"}));
  EXPECT_TRUE(down->peer().certificate.signing_key.has_value());
  EXPECT_EQ(down->peer().address, "127.0.0.1");
  EXPECT_EQ(down->peer().software, own_software());
  EXPECT_EQ(facts_of_bytes(down->peer().certificate_der).value().identity.name, "st-anna");
  for (std::uint64_t id = 0; id < 40; ++id) {
    const std::size_t size = id * id * 500 % 300'000;
    ASSERT_TRUE(up->send(id % 5 == 0 ? Lane::control : Lane::data,
                         {3, id, SharedBytes{pattern(id, id % 5 == 0 ? id : size)}}));
  }
  ASSERT_TRUE(centre.events->wait_for_messages(40));
  for (const Inbound& inbound : centre.events->messages) {
    const std::uint64_t id = inbound.message.id;
    EXPECT_EQ(inbound.message.type, 3);
    const Bytes expected = pattern(id, inbound.message.body->size());
    EXPECT_TRUE(same_bytes(*inbound.message.body, expected)) << id;
  }
  ASSERT_TRUE(down->send(Lane::data, {4, 1, SharedBytes{pattern(9, 1 << 20)}}));
  ASSERT_TRUE(site.events->wait_for_messages(1));
  EXPECT_TRUE(same_bytes(*site.events->messages[0].message.body, pattern(9, 1 << 20)));
  EXPECT_GE(down->counters().bytes_sent, std::uint64_t{1} << 20);
  EXPECT_GE(up->counters().bytes_received, std::uint64_t{1} << 20);
  EXPECT_EQ(up->counters().connections, 1U);
}

TEST(LinkTest, ClosingHandsOverWhatIsQueuedAndSaysWhy) {
  Study study;
  Centre centre{study};
  Site site{study, "st-anna", centre.port()};
  ASSERT_TRUE(site.events->wait_for_up());
  for (std::uint64_t id = 0; id < 5; ++id) {
    ASSERT_TRUE(site.events->ups[0]->send(Lane::data, {1, id, SharedBytes{pattern(id, 90'000)}}));
  }
  site.events->ups[0]->close("the round is over");
  EXPECT_EQ(site.events->ups[0]->send(Lane::data, {}).error().code, Errc::unavailable);
  ASSERT_TRUE(centre.events->wait_for_down());
  EXPECT_EQ(centre.events->messages.size(), 5U);
  EXPECT_EQ(centre.events->downs[0].code, Errc::cancelled);
  EXPECT_EQ(centre.events->downs[0].detail, "the round is over");
  ASSERT_TRUE(site.events->wait_for_down());
  EXPECT_EQ(site.events->downs[0].code, Errc::cancelled);
  EXPECT_TRUE(site.events->wait_for_up(2));  // a connector goes on
}

TEST(LinkTest, EndsOfProgramsAreHeard) {
  Study study;
  auto centre = std::make_unique<Centre>(study);
  const auto events = centre->events;
  Site site{study, "st-anna", centre->port()};
  ASSERT_TRUE(site.events->wait_for_up() && events->wait_for_up());
  centre.reset();
  ASSERT_TRUE(site.events->wait_for_down());
  EXPECT_EQ(site.events->downs[0].code, Errc::cancelled);
  EXPECT_EQ(site.events->downs[0].detail, "the program is stopping");
  EXPECT_EQ(events->downs.size(), 1U);
  EXPECT_EQ(events->ups[0]->send(Lane::data, {}).error().code, Errc::unavailable);
  EXPECT_TRUE(site.events->wait([&] { return !site.events->refused.empty(); }));
}

TEST(LinkTest, SurvivesCutsWithoutLossAndResendsAtMostAWindow) {
  Study study;
  Centre centre{study};
  Relay relay{centre.port()};
  Site site{study, "st-anna", relay.port()};
  ASSERT_TRUE(site.events->wait_for_up() && centre.events->wait_for_up());
  const auto link = site.events->ups[0];
  std::uint64_t cuts = 0;
  for (std::uint64_t id = 0; id < 30; ++id) {
    if (id % 5 == 2) {
      relay.cut_after(40'000);
      ++cuts;
    }
    ASSERT_TRUE(link->send(Lane::data, {1, id, SharedBytes{pattern(id, 200'000)}}));
    ASSERT_TRUE(centre.events->wait_for_messages(id + 1)) << id;
  }
  for (std::uint64_t id = 0; id < 30; ++id) {
    EXPECT_EQ(centre.events->messages[id].message.id, id);
    EXPECT_TRUE(same_bytes(*centre.events->messages[id].message.body, pattern(id, 200'000)));
  }
  EXPECT_EQ(site.events->ups.size(), 1U);
  EXPECT_EQ(link->counters().connections, 1 + cuts);
  EXPECT_LE(link->counters().blocks_resent, cuts * quick_limits().window_blocks);
  EXPECT_TRUE(site.events->downs.empty());
}

TEST(LinkTest, AStoppedLineIsGivenUpAndComesBack) {
  Study study;
  Centre centre{study, [](ListenerOptions& o) { o.limits.stall = milliseconds{600}; }};
  Relay relay{centre.port()};
  auto options = reach(study.files(Role::hospital, "st-anna"), relay.port());
  options.limits.stall = milliseconds{600};
  Site site{options};
  ASSERT_TRUE(site.events->wait_for_up());
  relay.stop();
  ASSERT_TRUE(site.events->wait([&] { return !site.events->cuts.empty(); }));
  EXPECT_EQ(site.events->cuts[0].code, Errc::deadline);
  relay.cut();
  relay.go_on();
  ASSERT_TRUE(site.events->wait([&] { return site.events->resumed >= 1; }));
  ASSERT_TRUE(site.events->ups[0]->send(Lane::control, {1, 1, {}}));
  EXPECT_TRUE(centre.events->wait_for_messages(1));
}

TEST(LinkTest, WithoutAConnectionForTooLongTheSessionIsOver) {
  Study study;
  Centre centre{study, [](ListenerOptions& o) { o.limits.resume = milliseconds{300}; }};
  auto relay = std::make_unique<Relay>(centre.port());
  auto options = reach(study.files(Role::hospital, "st-anna"), relay->port());
  options.limits.resume = milliseconds{300};
  Site site{options};
  ASSERT_TRUE(site.events->wait_for_up() && centre.events->wait_for_up());
  relay.reset();
  ASSERT_TRUE(site.events->wait_for_down() && centre.events->wait_for_down());
  EXPECT_EQ(site.events->downs[0].code, Errc::unavailable);
  EXPECT_EQ(centre.events->downs[0].code, Errc::unavailable);
}

TEST(LinkTest, ARestartedPeerMeansANewSession) {
  Study study;
  auto first = std::make_unique<Centre>(study);
  Relay relay{first->port()};
  Site site{study, "st-anna", relay.port()};
  ASSERT_TRUE(site.events->wait_for_up());
  relay.stop();  // so that the goodbye does not come through
  const std::uint16_t port = first->port();
  first.reset();
  Centre second{study, [port](ListenerOptions& o) { o.port = port; }};
  relay.cut();
  relay.go_on();
  ASSERT_TRUE(site.events->wait_for_up(2));
  EXPECT_EQ(site.events->downs.size(), 1U);
  EXPECT_EQ(site.events->downs[0].code, Errc::stale);
}

TEST(LinkTest, TheNewerSessionOfOneIdentityWins) {
  Study study;
  Centre centre{study};
  Site older{study, "st-anna", centre.port()};
  ASSERT_TRUE(older.events->wait_for_up());
  Site newer{study, "st-anna", centre.port()};
  ASSERT_TRUE(newer.events->wait_for_up() && centre.events->wait_for_up(2));
  ASSERT_TRUE(older.events->wait_for_down());
  EXPECT_NE(older.events->downs[0].detail.find("replaced"), std::string::npos);
  EXPECT_EQ(centre.events->downs[0].code, Errc::stale);
  ASSERT_TRUE(newer.events->ups[0]->send(Lane::control, {1, 1, {}}));
  ASSERT_TRUE(centre.events->wait_for_messages(1));
  // Attempts are 100 ms apart at most; the older makes none.
  EXPECT_FALSE(older.events->wait([&] { return older.events->ups.size() > 1; }, milliseconds{500}));
  EXPECT_TRUE(newer.events->downs.empty());
}

TEST(LinkTest, TheOlderSessionDoesNotWinByComingBackAfterACut) {
  Study study;
  Centre centre{study};
  Relay relay{centre.port()};
  Site older{study, "st-anna", relay.port()};
  ASSERT_TRUE(older.events->wait_for_up());
  relay.stop();
  Site newer{study, "st-anna", centre.port()};
  ASSERT_TRUE(newer.events->wait_for_up() && centre.events->wait_for_down());
  relay.cut();  // before it could hear
  relay.go_on();
  ASSERT_TRUE(older.events->wait_for_down());
  EXPECT_EQ(older.events->downs[0].code, Errc::cancelled);
  EXPECT_NE(older.events->downs[0].detail.find("replaced"), std::string::npos);
  ASSERT_TRUE(newer.events->ups[0]->send(Lane::control, {1, 1, {}}));
  EXPECT_TRUE(centre.events->wait_for_messages(1));
  EXPECT_TRUE(newer.events->downs.empty());
}

TEST(LinkTest, GoesThroughAConnectProxy) {
  Study study;
  Centre centre{study};
  Relay proxy{centre.port(), Relay::Kind::proxy};
  auto options = reach(study.files(Role::hospital, "st-anna"), centre.port());
  options.host = "localhost";
  options.proxy = "http://127.0.0.1:" + std::to_string(proxy.port());
  Site site{options};
  ASSERT_TRUE(site.events->wait_for_up());
  EXPECT_EQ(proxy.request(), "CONNECT localhost:" + std::to_string(centre.port()) +
                                 " HTTP/1.1\r\nHost: localhost:" + std::to_string(centre.port()) +
                                 "\r\n\r\n");
}

TEST(LinkTest, ARefusingProxyIsQuoted) {
  Study study;
  Relay proxy{1, Relay::Kind::refusing_proxy};
  auto options = reach(study.files(Role::hospital, "st-anna"), 443);
  options.proxy = "http://127.0.0.1:" + std::to_string(proxy.port());
  Site site{options};
  ASSERT_TRUE(site.events->wait([&] { return !site.events->refused.empty(); }));
  EXPECT_EQ(site.events->refused[0].code, Errc::unavailable);
  EXPECT_NE(site.events->refused[0].detail.find("403 Forbidden"), std::string::npos);
}

TEST(LinkTest, DataWaitsForCreditAndControlDoesNot) {
  Study study;
  const auto events = std::make_shared<LinkRecorder>(LinkRecorder::Credits::kept);
  ListenerOptions options;
  options.tls = study.files(Role::aggregator, "centre");
  options.address = "127.0.0.1";
  options.limits = quick_limits();
  options.limits.inbound_messages = 2;
  const auto listener = Listener::start(options, events).value();
  Site site{study, "st-anna", listener->port()};
  ASSERT_TRUE(site.events->wait_for_up());
  for (std::uint64_t id = 0; id < 10; ++id) {
    ASSERT_TRUE(site.events->ups[0]->send(Lane::data, {1, id, SharedBytes{pattern(id, 50'000)}}));
  }
  ASSERT_TRUE(events->wait_for_messages(2));
  ASSERT_TRUE(site.events->ups[0]->send(Lane::control, {1, 99, {}}));
  ASSERT_TRUE(events->wait_for_messages(3));
  EXPECT_EQ(events->messages[2].message.id, 99U);
  while (events->count_of_messages() < 11) {
    const std::size_t before = events->count_of_messages();
    events->release();
    ASSERT_TRUE(events->wait_for_messages(before + 1));
  }
}

/// Answers with the message's own body, which holds the credit until the peer has it; every second
/// time with one that holds it too and is longer than the link takes.
class CreditInTheReply final : public LinkEvents {
 public:
  void on_up(const LinkPointer& /*link*/) override {}
  void on_message(const LinkPointer& link, Inbound inbound) override {
    const ByteView view = *inbound.message.body;
    const auto id = inbound.message.id;
    auto held = std::make_shared<const Inbound>(std::move(inbound));
    const bool fits = id % 2 == 0;
    SharedBytes body{std::move(held), fits ? view : ByteView{too_long_}};
    EXPECT_EQ(link->send(Lane::data, {1, id, std::move(body)}).has_value(), fits);
  }
  void on_down(const LinkPointer& /*link*/, const Error& /*reason*/) override {}

 private:
  const Bytes too_long_ = Bytes(quick_limits().message_bytes + 1);
};

TEST(LinkTest, ACreditMayDieWithTheReplyThatThePeerAcknowledgesOrTheLinkRefuses) {
  Study study;
  ListenerOptions options;
  options.tls = study.files(Role::aggregator, "centre");
  options.address = "127.0.0.1";
  options.limits = quick_limits();
  options.limits.inbound_messages = 1;
  const auto listener = Listener::start(options, std::make_shared<CreditInTheReply>()).value();
  Site site{study, "st-anna", listener->port()};
  ASSERT_TRUE(site.events->wait_for_up());
  for (std::uint64_t id = 0; id < 10; ++id) {
    ASSERT_TRUE(site.events->ups[0]->send(Lane::data, {1, id, SharedBytes{pattern(id, 50'000)}}));
  }
  ASSERT_TRUE(site.events->wait_for_messages(5));
  EXPECT_EQ(site.events->messages[4].message.id, 8U);
}

TEST(LinkTest, ManyHospitalsAtOnce) {
  Study study;
  Centre centre{study};
  std::vector<std::unique_ptr<Site>> sites;
  for (int i = 0; i < 6; ++i) {
    sites.push_back(std::make_unique<Site>(study, "h" + std::to_string(i), centre.port()));
  }
  for (const auto& site : sites) ASSERT_TRUE(site->events->wait_for_up());
  for (std::uint64_t id = 0; id < 10; ++id) {
    for (const auto& site : sites) {
      ASSERT_TRUE(
          site->events->ups[0]->send(Lane::data, {1, id, SharedBytes{pattern(id, 60'000)}}));
    }
  }
  EXPECT_TRUE(centre.events->wait_for_messages(60));
}

TEST(LinkTest, WrongFilesAreNamed) {
  Study study;
  const auto code = [&](const TlsFiles& files) {
    ListenerOptions options;
    options.tls = files;
    options.address = "127.0.0.1";
    const auto started = Listener::start(options, std::make_shared<LinkRecorder>());
    return started ? Errc::budget_exhausted : started.error().code;
  };
  const TlsFiles good = study.files(Role::aggregator, "centre");
  EXPECT_EQ(code(study.files(Role::hospital, "st-anna")), Errc::unsupported);
  TlsFiles files = good;
  files.certificate = study.folder() / "none";
  EXPECT_EQ(code(files), Errc::not_found);
  files = good;
  files.key = study.files(Role::hospital, "st-anna").key;
  EXPECT_EQ(code(files), Errc::mismatch);
  files = good;
  files.key = good.certificate;
  std::filesystem::permissions(files.key, std::filesystem::perms::owner_read);
  EXPECT_EQ(code(files), Errc::malformed);
  std::filesystem::permissions(good.key, std::filesystem::perms(0640));
  EXPECT_EQ(code(good), Errc::tampered);
  std::filesystem::permissions(good.key, std::filesystem::perms(0600));
  EXPECT_EQ(code(good), Errc::budget_exhausted);  // none
  study.revoke(Role::aggregator, "centre");
  EXPECT_EQ(code(good), Errc::stale);
  Study other{"study"};
  files = good;
  files.authority = other.authority().certificate_path();
  files.revoked.clear();
  EXPECT_EQ(code(files), Errc::mismatch);
  const auto connector =
      Connector::start(reach(study.files(Role::server, "s"), 1), std::make_shared<LinkRecorder>());
  ASSERT_FALSE(connector.has_value());
  EXPECT_EQ(connector.error().code, Errc::unsupported);
}

TEST(LinkTest, WrongAddressesAreNamed) {
  Study study;
  Centre centre{study};
  ListenerOptions listening;
  listening.tls = study.files(Role::aggregator, "centre");
  listening.address = "127.0.0.1";
  listening.port = centre.port();
  EXPECT_EQ(Listener::start(listening, centre.events).error().code, Errc::unavailable);
  listening.address = "everywhere";
  EXPECT_EQ(Listener::start(listening, centre.events).error().code, Errc::out_of_range);
  const auto code = [&](const std::string& host, const std::string& name,
                        const std::string& proxy) {
    auto options = reach(study.files(Role::hospital, "st-anna"), 1);
    options.host = host;
    options.server_name = name;
    options.proxy = proxy;
    const auto started = Connector::start(options, std::make_shared<LinkRecorder>());
    return started ? Errc::budget_exhausted : started.error().code;
  };
  EXPECT_EQ(code("", "", ""), Errc::out_of_range);
  EXPECT_EQ(code("a b", "", ""), Errc::out_of_range);
  EXPECT_EQ(code("localhost", "x y", ""), Errc::out_of_range);
  EXPECT_EQ(code("localhost", "", "socks://x:1"), Errc::out_of_range);
}

}  // namespace
}  // namespace hippocrypt::net
