// What a peer tries that has a certificate of the federation. After each the process serves another
// hospital.

#include "tests/net/link/hostile_peer.hpp"

#include "base/resident_memory.hpp"

namespace hippocrypt::net {
namespace {

using std::chrono::milliseconds;
using test_support::LinkRecorder;

struct Attacked {
  explicit Attacked(std::function<void(ListenerOptions&)> change = {})
      : centre{study, std::move(change)}, files{study.files(Role::hospital, "mallory")} {}
  /// How the centre's session ended.
  Errc ended() {
    if (!centre.events->wait_for_down()) return Errc::budget_exhausted;
    return centre.events->downs.back().code;
  }
  bool serves() { return is_served(study, "st-anna", centre); }

  Study study;
  Centre centre;
  const TlsFiles files;
};

TEST(HostilePeerTest, OtherThingsThanAHello) {
  Attacked attacked;
  Bytes hello = encode(Hello{{}, false, {}, capacity_of(quick_limits()), "old"});
  const auto attempt = [&](const std::function<void(HostilePeer&)>& act, const char* expected) {
    HostilePeer peer{attacked.centre.port()};
    ASSERT_TRUE(peer.tls(&attacked.files));
    ASSERT_TRUE(peer.upgrade());
    act(peer);
    std::string heard;
    EXPECT_TRUE(peer.hears_tls_end(&heard)) << expected;
    EXPECT_NE(heard.find(expected), std::string::npos) << heard;
  };
  attempt([&](HostilePeer& p) { p.frame(hello, 0x81); }, "");         // text
  attempt([&](HostilePeer& p) { p.frame(hello, 0x82, false); }, "");  // not masked
  attempt([&](HostilePeer& p) { p.frame(Bytes(1000)); }, "too long");
  attempt([&](HostilePeer& p) { p.frame({}); }, "cut short");
  attempt([&](HostilePeer& p) { p.block(data_block(1, 5), 5); }, "something else");
  attempt(
      [&](HostilePeer& p) {
        p.write(Bytes{0x82, 0xff, 0xff, 0xff, 0xff, 0xff});
        p.write(Bytes(99, 0xff));
      },
      "");
  hello[4] = 2;
  attempt([&](HostilePeer& p) { p.frame(hello); },
          "the peer speaks version 2 of the link and this program version 1; run the same release "
          "on both sides");
  EXPECT_TRUE(attacked.centre.events->ups.empty());
  EXPECT_TRUE(attacked.serves());
}

TEST(HostilePeerTest, BlocksThatLie) {
  const auto attempt = [](const std::function<void(HostilePeer&)>& act) {
    Attacked attacked;
    HostilePeer peer{attacked.centre.port()};
    EXPECT_TRUE(peer.begin_session(attacked.files));
    act(peer);
    EXPECT_TRUE(peer.hears_tls_end());
    const Errc code = attacked.ended();
    EXPECT_TRUE(attacked.serves());
    return code;
  };
  EXPECT_EQ(attempt([](HostilePeer& p) { p.block(data_block(1, 50), 49); }), Errc::malformed);
  EXPECT_EQ(attempt([](HostilePeer& p) { p.block(data_block(1, 50), 51); }), Errc::malformed);
  EXPECT_EQ(attempt([](HostilePeer& p) { p.block(data_block(1, 0), 1); }), Errc::malformed);
  EXPECT_EQ(attempt([](HostilePeer& p) { p.frame(Bytes(10)); }), Errc::malformed);
  EXPECT_EQ(attempt([](HostilePeer& p) { p.frame(as_bytes("words"), 0x81); }), Errc::malformed);
  EXPECT_EQ(attempt([](HostilePeer& p) {
              BlockHeader header = data_block(1, 4096);
              header.message_length = ~std::uint64_t{0};
              header.is_last = false;
              p.block(header, 4096);
            }),
            Errc::limit_exceeded);
  EXPECT_EQ(attempt([](HostilePeer& p) {  // replayed
              p.block(data_block(1, 50), 50);
              p.block(data_block(1, 50), 50);
            }),
            Errc::malformed);
}

TEST(HostilePeerTest, HundredsOfMutatedBlocks) {
  Attacked attacked;
  SeededSequence random{9, "socket mutations"};
  const std::uint64_t before = resident_bytes();
  for (int i = 0; i < 200; ++i) {
    HostilePeer peer{attacked.centre.port()};
    ASSERT_TRUE(peer.begin_session(attacked.files)) << i;
    const auto header = encode(data_block(1, 200));
    Bytes block{header.begin(), header.end()};
    block.resize(block.size() + 200, 1);
    for (std::uint64_t n = 1 + random.below(4); n > 0; --n) {
      block[random.below(block_header_bytes)] ^= static_cast<std::uint8_t>(1 + random.below(255));
    }
    (void)peer.frame(block);
  }
  EXPECT_TRUE(attacked.serves());
  EXPECT_LT(resident_bytes(), before + (std::uint64_t{64} << 20));
}

/// Answers every message with another.
class Echo final : public LinkEvents {
 public:
  explicit Echo(std::shared_ptr<LinkRecorder> recorder) : recorder_{std::move(recorder)} {}
  void on_up(const LinkPointer& link) override { recorder_->on_up(link); }
  void on_message(const LinkPointer& link, Inbound message) override {
    (void)link->send(Lane::control, {1, message.message.id, SharedBytes{Bytes(4000)}});
    recorder_->on_message(link, {message.lane, {1, message.message.id, {}}, message.credit});
  }
  void on_down(const LinkPointer& link, const Error& reason) override {
    recorder_->on_down(link, reason);
  }

 private:
  const std::shared_ptr<LinkRecorder> recorder_;
};

TEST(HostilePeerTest, AFloodOfOneThatNeverReads) {
  Study study;
  const auto recorder = std::make_shared<LinkRecorder>();
  ListenerOptions options;
  options.tls = study.files(Role::aggregator, "centre");
  options.address = "127.0.0.1";
  options.limits = quick_limits();
  options.messages_per_s = 0;
  const auto listener = Listener::start(options, std::make_shared<Echo>(recorder)).value();
  const std::uint64_t before = resident_bytes();
  HostilePeer peer{listener->port()};
  ASSERT_TRUE(peer.begin_session(study.files(Role::hospital, "mallory")));
  for (std::uint64_t i = 1; i < 100'000; ++i) {
    BlockHeader header = data_block(i, 0);
    header.kind = BlockKind::control;
    if (!peer.block(header, 0)) break;
  }
  ASSERT_TRUE(recorder->wait_for_down());
  EXPECT_EQ(recorder->downs[0].code, Errc::limit_exceeded);
  EXPECT_LT(resident_bytes(), before + (std::uint64_t{64} << 20));
  Site site{study, "st-anna", listener->port()};
  EXPECT_TRUE(site.events->wait_for_up());
}

/// A closing session waits for what is still to be sent; the peer, whose first connection has
/// frozen, comes on another one. It is told of the cut and of the resumption, and of the end last.
TEST(HostilePeerTest, AClosingSessionGoesOnWithAnotherConnectionOfIts) {
  Attacked attacked;
  const auto files = attacked.study.files(Role::hospital, "mallory");
  auto& events = *attacked.centre.events;
  HostilePeer frozen{attacked.centre.port()};
  ASSERT_TRUE(frozen.begin_session(files));
  ASSERT_TRUE(events.wait_for_up());
  ASSERT_TRUE(events.ups[0]->send(Lane::data, {1, 1, SharedBytes{Bytes(1'000'000)}}));
  events.ups[0]->close("that was all");
  HostilePeer again{attacked.centre.port()};
  ASSERT_TRUE(again.begin_session(files, frozen.session()));
  ASSERT_TRUE(events.wait([&] { return events.resumed == 1; }));
  EXPECT_EQ(events.cuts.size(), 1U);
  EXPECT_EQ(events.ups.size(), 1U);
  EXPECT_TRUE(events.downs.empty());
  EXPECT_FALSE(events.ups[0]->send(Lane::data, {1, 2, SharedBytes{Bytes(1)}})) << "it is closing";
  EXPECT_TRUE(frozen.hears_end());
  attacked.centre.listener.reset();
  ASSERT_TRUE(events.wait_for_down());
  EXPECT_EQ(events.resumed, 1U);
}

TEST(HostilePeerTest, MoreMessagesThanAllowedWait) {
  Attacked attacked{[](ListenerOptions& o) { o.messages_per_s = 50; }};
  Site site{attacked.study, "st-anna", attacked.centre.port()};
  ASSERT_TRUE(site.events->wait_for_up());
  const auto start = std::chrono::steady_clock::now();
  for (std::uint64_t i = 0; i < 100; ++i) {
    ASSERT_TRUE(site.events->ups[0]->send(Lane::control, {1, i, {}}));
  }
  ASSERT_TRUE(attacked.centre.events->wait_for_messages(100));
  EXPECT_GE(std::chrono::steady_clock::now() - start, milliseconds{900});  // 50 at once, 50 in 1 s
}

TEST(HostilePeerTest, MessagesOfAllPeersStayWithinTheMemory) {
  Study study;
  const auto events = std::make_shared<LinkRecorder>(LinkRecorder::Credits::kept);
  ListenerOptions options;
  options.tls = study.files(Role::aggregator, "centre");
  options.address = "127.0.0.1";
  options.limits = quick_limits();
  options.memory_bytes = std::size_t{1} << 20;
  const auto listener = Listener::start(options, events).value();
  std::vector<std::unique_ptr<Site>> sites;
  for (int i = 0; i < 4; ++i) {
    sites.push_back(std::make_unique<Site>(study, "h" + std::to_string(i), listener->port()));
    ASSERT_TRUE(sites.back()->events->wait_for_up());
    for (std::uint64_t id = 0; id < 3; ++id) {
      ASSERT_TRUE(
          sites.back()->events->ups[0]->send(Lane::data, {1, id, SharedBytes{Bytes(400'000)}}));
    }
  }
  ASSERT_TRUE(events->wait_for_messages(2));
  EXPECT_FALSE(events->wait([&] { return events->messages.size() > 2; }, milliseconds{500}));
  while (events->count_of_messages() < 12) {
    const std::size_t before = events->count_of_messages();
    events->release();
    ASSERT_TRUE(events->wait_for_messages(before + 1));
  }
}

TEST(HostilePeerTest, ARevokedCertificateEndsItsSessionAtReload) {
  Attacked attacked;
  Site good{attacked.study, "st-anna", attacked.centre.port()};
  Site bad{attacked.study, "mallory", attacked.centre.port()};
  ASSERT_TRUE(good.events->wait_for_up() && bad.events->wait_for_up());
  attacked.study.revoke(Role::hospital, "mallory");
  ASSERT_TRUE(attacked.centre.listener->reload());
  ASSERT_TRUE(bad.events->wait_for_down());
  EXPECT_EQ(bad.events->downs[0].detail, "the authority has revoked the certificate");
  ASSERT_TRUE(
      bad.events->wait([&] { return !bad.events->refused.empty(); }));  // comes back in vain
  EXPECT_EQ(bad.events->ups.size(), 1U);
  ASSERT_TRUE(good.events->ups[0]->send(Lane::control, {1, 1, {}}));
  EXPECT_TRUE(attacked.centre.events->wait_for_messages(1));
  EXPECT_TRUE(good.events->downs.empty());
}

TEST(HostilePeerTest, AReloadOfWrongFilesKeepsTheOldOnes) {
  Attacked attacked;
  const auto certificate = attacked.study.files(Role::aggregator, "centre").certificate;
  ASSERT_TRUE(write_file_atomically(certificate, as_bytes("nonsense")));
  EXPECT_EQ(attacked.centre.listener->reload().error().code, Errc::malformed);
  EXPECT_TRUE(attacked.serves());
}

}  // namespace
}  // namespace hippocrypt::net
