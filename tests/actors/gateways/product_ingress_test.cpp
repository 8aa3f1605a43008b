#include "actors/gateways/product_ingress.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <caf/all.hpp>
#include <chrono>
#include <condition_variable>
#include <map>
#include <mutex>

#include "actors/blind_server.hpp"
#include "actors/gateways/link_messages.hpp"
#include "net/probe/probe_messages.hpp"
#include "protocol/core/messages.hpp"
#include "tests/support/fake_link.hpp"
#include "tests/support/link_recorder.hpp"

namespace hippocrypt::actors {
namespace {

using namespace std::chrono_literals;
using test_support::FakeLinks;
using test_support::peer_info;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

/// Echoes; keeps the first byte of every request in the order of service, which it can hold up.
class EchoService final : public protocol::FrameService {
 public:
  void answer_all(std::span<const ByteView> requests,
                  const Deliver& deliver) const noexcept override {
    for (std::size_t i = 0; i < requests.size(); ++i) {
      {
        std::unique_lock lock{mutex};
        served.push_back(requests[i].front());
        changed.notify_all();
        changed.wait(lock, [this] { return is_open; });
      }
      deliver(i, SharedBytes{Bytes(requests[i].begin(), requests[i].end())});
    }
  }
  void open(bool now = true) const {
    const std::scoped_lock lock{mutex};
    is_open = now;
    changed.notify_all();
  }
  void wait_for_the_first() const {
    std::unique_lock lock{mutex};
    ASSERT_TRUE(changed.wait_for(lock, 20s, [this] { return !served.empty(); }));
  }
  std::vector<int> order() const {
    const std::scoped_lock lock{mutex};
    return served;
  }

  mutable std::mutex mutex;
  mutable std::condition_variable changed;
  mutable std::vector<int> served;
  mutable bool is_open = true;
};

/// A hospital that keeps its replies.
class Hospital final : public net::LinkEvents {
 public:
  void on_up(const net::LinkPointer&) override {}
  void on_message(const net::LinkPointer&, net::Inbound message) override {
    const std::scoped_lock lock{mutex_};
    replies_.push_back(std::move(message));
    changed_.notify_all();
  }
  void on_down(const net::LinkPointer&, const Error& reason) override {
    const std::scoped_lock lock{mutex_};
    end_ = reason.detail;
    changed_.notify_all();
  }
  /// Waits for so many.
  std::vector<net::Message> replies(std::size_t count) {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, 20s, [&] { return replies_.size() >= count; });
    std::vector<net::Message> all;
    for (const auto& reply : replies_) {
      EXPECT_EQ(reply.lane, net::Lane::data);
      EXPECT_EQ(static_cast<LinkMessageType>(reply.message.type), LinkMessageType::reply);
      all.push_back(reply.message);
    }
    EXPECT_EQ(all.size(), count);
    return all;
  }
  std::string wait_for_end() {
    std::unique_lock lock{mutex_};
    changed_.wait_for(lock, 20s, [&] { return !end_.empty(); });
    return end_;
  }
  void forget_replies() {
    const std::scoped_lock lock{mutex_};
    replies_.clear();
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  std::vector<net::Inbound> replies_;
  std::string end_;
};

struct Rig {
  explicit Rig(std::size_t at_once = 32)
      : system{config}, blind{system.spawn<caf::detached>(blind_server, service)} {
    ingress = system.spawn(product_ingress, std::make_shared<IngressOptions>(IngressOptions{
                                                blind, at_once, counters, [this](const auto& line) {
                                                  const std::scoped_lock lock{mutex};
                                                  lines.push_back(line);
                                                }}));
  }
  ~Rig() {
    service->open();
    caf::anon_send_exit(ingress, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(blind, caf::exit_reason::user_shutdown);
  }
  /// The server's end is left.
  std::unique_ptr<FakeLinks> connect(const std::string& name,
                                     const std::shared_ptr<Hospital>& hospital,
                                     const net::LinkLimits& limits = {}) {
    return std::make_unique<FakeLinks>(
        test_support::FakeEnd{peer_info(net::Role::hospital, name),
                              std::make_shared<LinkRelay>(ingress)},
        test_support::FakeEnd{peer_info(net::Role::server, "products"), hospital}, limits);
  }
  template <class Condition>
  bool eventually(Condition condition) const {
    const auto until = std::chrono::steady_clock::now() + 20s;
    while (!condition()) {
      if (std::chrono::steady_clock::now() > until) return false;
      std::this_thread::sleep_for(1ms);
    }
    return true;
  }
  std::vector<std::string> log() {
    const std::scoped_lock lock{mutex};
    return lines;
  }

  std::shared_ptr<const EchoService> service = std::make_shared<const EchoService>();
  std::shared_ptr<IngressCounters> counters = std::make_shared<IngressCounters>();
  std::mutex mutex;
  std::vector<std::string> lines;
  caf::actor_system_config config;
  caf::actor_system system;
  BlindServerActor blind;
  ProductIngressActor ingress;
};

void ask(const net::LinkPointer& link, std::uint8_t byte, std::uint64_t id = 0) {
  ASSERT_TRUE(link->send(net::Lane::data, link_message(LinkMessageType::request,
                                                       Frame{SharedBytes{Bytes{byte, 0}}}, id)));
}

std::string said(const net::Message& reply) {
  const auto frame = protocol::open_frame(*reply.body);
  if (!frame || frame->type != protocol::MessageType::error_reply) return "a reply";
  return to_string(protocol::decode<protocol::ErrorReply>(*frame)->to_error());
}

TEST(ProductIngressTest, EveryReplyGoesToWhoAskedWithItsId) {
  Rig rig;
  const auto anna = std::make_shared<Hospital>(), bert = std::make_shared<Hospital>();
  const auto a = rig.connect("anna", anna), b = rig.connect("bert", bert);
  for (std::uint8_t i = 0; i < 6; ++i) {
    ask(a->right(), i, 100U + i);
    ask(b->right(), static_cast<std::uint8_t>(50 + i), 100U + i);  // the same ids
  }
  for (const auto& [hospital, first] : {std::pair{anna, 0}, std::pair{bert, 50}}) {
    for (const auto& reply : hospital->replies(6)) {
      EXPECT_EQ((*reply.body)[0], first + static_cast<int>(reply.id) - 100);
    }
  }
  EXPECT_EQ(rig.counters->requests, 12U);
  EXPECT_EQ(rig.counters->bytes_in, 24U);
  EXPECT_TRUE(rig.eventually([&] { return rig.counters->bytes_out == 24U; }));
  EXPECT_THAT(rig.log(), Contains("anna (192.0.2.1) is here, with test"));
}

TEST(ProductIngressTest, ProbesOfTheLineAreAnsweredWithoutTheServer) {
  Rig rig;
  const auto prober = std::make_shared<test_support::LinkRecorder>();
  FakeLinks links{
      {peer_info(net::Role::hospital, "anna"), std::make_shared<LinkRelay>(rig.ingress)},
      {peer_info(net::Role::server, "products"), prober}};
  ASSERT_TRUE(links.right()->send(net::Lane::data, {net::probe_type, 7, net::encode_probe({})}));
  ASSERT_TRUE(prober->wait_for_messages(1));
  EXPECT_EQ(prober->messages[0].message.type, net::probe_reply_type);
  EXPECT_EQ(prober->messages[0].message.id, 7U);
  EXPECT_EQ(rig.counters->requests, 0U);
}

TEST(ProductIngressTest, ASetupWithAllHintsIsNotForTheNetwork) {
  Rig rig;
  const auto anna = std::make_shared<Hospital>();
  const auto link = rig.connect("anna", anna);
  for (const bool with_hints : {true, false}) {
    protocol::SetupRequest request;
    request.with_hints = with_hints;
    ASSERT_TRUE(link->right()->send(
        net::Lane::data, link_message(LinkMessageType::request,
                                      Frame{SharedBytes{protocol::encode(request)}}, with_hints)));
  }
  for (const auto& reply : anna->replies(2)) {
    if (reply.id == 0) {
      EXPECT_EQ(said(reply), "a reply") << "without hints it goes on to the server";
    } else {
      EXPECT_THAT(said(reply), HasSubstr("hints do not come in one message over a network"));
    }
  }
  EXPECT_EQ(rig.service->order().size(), 1U);
}

TEST(ProductIngressTest, AHospitalOfManyRequestsDoesNotHoldUpOneOfFew) {
  Rig rig{1};
  rig.service->open(false);
  const auto busy = std::make_shared<Hospital>(), modest = std::make_shared<Hospital>();
  net::LinkLimits many;
  many.inbound_messages = 100;
  const auto a = rig.connect("busy", busy, many), b = rig.connect("modest", modest, many);
  for (std::uint8_t i = 0; i < 40; ++i) ask(a->right(), i);
  rig.service->wait_for_the_first();
  ASSERT_TRUE(rig.eventually([&] { return rig.counters->queued == 39; }));
  ask(b->right(), 200);
  ask(b->right(), 201);
  ASSERT_TRUE(rig.eventually([&] { return rig.counters->queued == 41; }));
  rig.service->open();
  modest->replies(2);
  busy->replies(40);
  const auto order = rig.service->order();
  const auto place = [&](int byte) {
    return std::find(order.begin(), order.end(), byte) - order.begin();
  };
  EXPECT_LE(place(200), 3);
  EXPECT_LE(place(201), 5);
}

TEST(ProductIngressTest, BeyondItsCreditAHospitalWaitsOnItsOwnMachine) {
  Rig rig;
  rig.service->open(false);
  const auto hospital = std::make_shared<Hospital>();
  net::LinkLimits two;
  two.inbound_messages = 2;
  const auto link = rig.connect("anna", hospital, two);
  for (std::uint8_t i = 0; i < 5; ++i) ask(link->right(), i);
  ASSERT_TRUE(rig.eventually([&] { return rig.counters->requests == 2; }));
  rig.service->open();
  // It keeps the replies, so the credit of their requests does not come back.
  hospital->replies(2);
  EXPECT_EQ(rig.counters->requests, 2U) << "replies that are not released hold the credit";
  hospital->forget_replies();
  ASSERT_TRUE(rig.eventually([&] {
    hospital->forget_replies();
    return rig.counters->requests == 5;
  }));
}

TEST(ProductIngressTest, WhatIsNoRequestGetsAnError) {
  Rig rig;
  const auto hospital = std::make_shared<Hospital>();
  const auto link = rig.connect("anna", hospital);
  ASSERT_TRUE(link->right()->send(
      net::Lane::data, link_message(LinkMessageType::join, Frame{SharedBytes{Bytes{1}}}, 7)));
  ASSERT_TRUE(link->right()->send(net::Lane::control, {9999, 8, SharedBytes{Bytes{1}}}));
  ASSERT_TRUE(link->right()->send(net::Lane::data, link_message(LinkMessageType::request, {}, 9)));
  std::map<std::uint64_t, std::string> answers;
  for (const auto& reply : hospital->replies(3)) answers[reply.id] = said(reply);
  EXPECT_THAT(answers[7], HasSubstr("unsupported"));
  EXPECT_THAT(answers[8], HasSubstr("not messages of kind 9999"));
  EXPECT_THAT(answers[9], HasSubstr("malformed"));
  EXPECT_TRUE(rig.eventually([&] { return rig.counters->refusals == 3; }));
  ask(link->right(), 1);
  hospital->replies(4);
}

TEST(ProductIngressTest, WhatAPeerThatWentAwayHadWaitingIsForgotten) {
  Rig rig{1};
  rig.service->open(false);
  const auto gone = std::make_shared<Hospital>(), there = std::make_shared<Hospital>();
  auto a = rig.connect("gone", gone);
  const auto b = rig.connect("there", there);
  for (std::uint8_t i = 0; i < 4; ++i) ask(a->right(), i);
  rig.service->wait_for_the_first();
  ASSERT_TRUE(rig.eventually([&] { return rig.counters->queued == 3; }));
  ask(b->right(), 9);
  ASSERT_TRUE(rig.eventually([&] { return rig.counters->queued == 4; }));
  a->end({Errc::unavailable, "no connection for 600 s"});
  ASSERT_TRUE(rig.eventually([&] { return rig.counters->queued == 1; }));
  EXPECT_EQ(rig.counters->peers, 1U);
  rig.service->open();
  there->replies(1);
  EXPECT_THAT(rig.service->order(), ElementsAre(0, 9));
  EXPECT_TRUE(rig.eventually([&] { return rig.counters->dropped == 4; }));
  EXPECT_THAT(rig.log(), Contains("gone (192.0.2.1) is gone: no connection for 600 s"));
}

TEST(ProductIngressTest, CutsAndStrangersAreLogged) {
  Rig rig;
  const auto hospital = std::make_shared<Hospital>();
  const auto link = rig.connect("anna", hospital);
  link->cut();
  link->resume();
  LinkRelay relay{rig.ingress};
  for (int i = 0; i < 50; ++i) relay.on_refused("198.51.100.7", {Errc::malformed, "no TLS"});
  ASSERT_TRUE(rig.eventually([&] { return rig.log().size() >= 4; }));
  const auto log = rig.log();
  EXPECT_THAT(log, Contains("anna (192.0.2.1) has lost its connection: the test cut it"));
  EXPECT_THAT(log, Contains("anna (192.0.2.1) is connected again"));
  EXPECT_EQ(std::count(log.begin(), log.end(), "198.51.100.7 was turned away: no TLS"), 1);
}

TEST(ProductIngressTest, AtTheEndWhatIsBeingComputedIsFinishedAndTheRestLeft) {
  Rig rig{2};
  rig.service->open(false);
  const auto anna = std::make_shared<Hospital>(), bert = std::make_shared<Hospital>();
  const auto a = rig.connect("anna", anna), b = rig.connect("bert", bert);
  for (std::uint8_t i = 0; i < 4; ++i) ask(a->right(), i);
  ASSERT_TRUE(rig.eventually([&] { return rig.counters->queued == 2; }));
  caf::scoped_actor self{rig.system};
  bool is_stopped = false;
  std::jthread opener{[&] {
    std::this_thread::sleep_for(50ms);
    rig.service->open();
  }};
  self->request(rig.ingress, 20s, stop_atom::value)
      .receive([&](stop_atom) { is_stopped = true; }, [](const caf::error&) {});
  EXPECT_TRUE(is_stopped);
  EXPECT_THAT(rig.service->order(), ElementsAre(0, 1));
  anna->replies(2);
  EXPECT_EQ(anna->wait_for_end(), "the blind server is stopping");
  EXPECT_EQ(bert->wait_for_end(), "the blind server is stopping");
  const auto late = std::make_shared<Hospital>();
  const auto c = rig.connect("late", late);
  EXPECT_EQ(late->wait_for_end(), "the blind server is stopping");
}

TEST(ProductIngressTest, WithoutABlindServerRequestsGetAnError) {
  Rig rig;
  const auto hospital = std::make_shared<Hospital>();
  const auto link = rig.connect("anna", hospital);
  caf::anon_send_exit(rig.blind, caf::exit_reason::kill);
  ask(link->right(), 1);
  const std::string text = said(hospital->replies(1).at(0));
  // It may have been answered before the end.
  if (text != "a reply") {
    EXPECT_THAT(text, HasSubstr("unavailable"));
  }
}

}  // namespace
}  // namespace hippocrypt::actors
