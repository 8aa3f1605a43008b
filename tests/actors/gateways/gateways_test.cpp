// Business actors with links between them, and what a link may not do to them.

#include <algorithm>
#include <atomic>

#include "federation/secagg/client/identity_key.hpp"
#include "net/probe/probe_messages.hpp"
#include "tests/actors/gateways/gateway_rig.hpp"
#include "tests/support/link_recorder.hpp"

namespace hippocrypt::actors {
namespace {

using federation::RoundMessageKind;
using test_support::FakeEnd;
using test_support::FakeLinks;
using test_support::LinkRecorder;
using test_support::peer_info;

std::vector<float> result_in_process() {
  GatewayRig rig;
  for (std::size_t i = 0; i < rig_hospitals.size(); ++i) rig.add_hospital(i, rig.aggregator);
  return rig.listen_to_the_end().final.value();
}

TEST(GatewaysTest, TheSameScenarioInProcessAndOverLinksGivesTheSame) {
  GatewayRig rig;
  for (std::size_t i = 0; i < rig_hospitals.size(); ++i) rig.add_far_hospital(i);
  const auto& heard = rig.listen_to_the_end();
  ASSERT_TRUE(heard.final.has_value());
  EXPECT_EQ(*heard.final, result_in_process());
  ASSERT_EQ(heard.rounds.size(), 3U);
  for (const auto& round : heard.rounds) EXPECT_EQ(round.contributed, rig_hospitals);
}

TEST(GatewaysTest, ASessionThatIsOnlyCutIsNotNoticed) {
  GatewayRig rig;
  rig.gate->hold("b", 2);
  for (std::size_t i = 0; i < rig_hospitals.size(); ++i) rig.add_far_hospital(i);
  ASSERT_TRUE(rig.gate->wait_for("b", 2));
  rig.links.at("b")->cut();
  rig.gate->open();
  rig.listen_until([&] { return rig.heard.noted("b: connection lost, its session waits"); });
  rig.links.at("b")->resume();
  const auto& heard = rig.listen_to_the_end();
  ASSERT_TRUE(heard.final.has_value());
  EXPECT_EQ(*heard.final, result_in_process());
  EXPECT_TRUE(heard.noted("b: connection is back"));
  for (const auto& round : heard.rounds) EXPECT_TRUE(round.absent.empty()) << round.round;
}

TEST(GatewaysTest, ASessionThatEndsIsALostHospitalThatJoinsAgain) {
  GatewayRig rig{3};
  rig.gate->hold("b", 1);
  rig.gate->hold("c", 2);
  rig.gate->hold("c", 3);  // until b is back
  for (std::size_t i = 0; i < rig_hospitals.size(); ++i) rig.add_far_hospital(i);
  ASSERT_TRUE(rig.gate->wait_for("b", 1));
  rig.links.at("b")->end(Error{Errc::unavailable, "no connection for too long"});
  rig.listen_until([&] { return !rig.heard.rounds.empty(); });
  ASSERT_EQ(rig.heard.rounds.size(), 1U);
  EXPECT_EQ(rig.heard.rounds[0].contributed, (std::vector<std::string>{"a", "c"}));
  EXPECT_NE(rig.heard.rounds[0].absent.at("b").detail.find("its connection was lost"),
            std::string::npos);
  EXPECT_TRUE(rig.heard.noted("b: disconnected: no connection for too long"));
  rig.connect(1);
  // The aggregator answers a join with the summary of the last round: round 3 counts on b then.
  const auto has_joined = [&rig] {
    const auto heard = rig.links.at("b")->right()->counters().bytes_received;
    return heard > rig_welcome().bytes->size();
  };
  rig.listen_until(has_joined);
  ASSERT_TRUE(has_joined());
  rig.gate->release("b", 1);
  rig.gate->release("c", 2);
  ASSERT_TRUE(rig.gate->wait_for("b", 3));
  rig.gate->open();
  const auto& heard = rig.listen_to_the_end();
  ASSERT_TRUE(heard.final.has_value());
  ASSERT_EQ(heard.rounds.size(), 3U);
  EXPECT_EQ(heard.rounds[2].contributed, rig_hospitals);
}

/// A peer whose certificate says "a", and the aggregator's side of the session.
class HostilePeer {
 public:
  explicit HostilePeer(GatewayRig& rig) : rig_{rig} {
    auto info = peer_info(net::Role::hospital, "a");
    SystemRandom random;
    keys.emplace(federation::secagg::IdentityKey::create(random));
    info.certificate.signing_key = keys->public_part();
    links_.emplace(FakeEnd{info, rig.ingress},
                   FakeEnd{peer_info(net::Role::aggregator, "aggregator"), recorder});
    EXPECT_TRUE(recorder->wait_for_messages(1));
    EXPECT_EQ(recorder->messages[0].message.type, 1U);
    EXPECT_TRUE(federation::decode_welcome(*recorder->messages[0].message.body).has_value());
  }
  void send(std::uint16_t type, const Frame& frame) {
    EXPECT_TRUE(links_->right()->send(net::Lane::data, {type, 0, frame.bytes}));
  }
  void expect_refused(const std::string& why) {
    EXPECT_TRUE(recorder->wait_for_down()) << why;
    ASSERT_FALSE(recorder->downs.empty());
    EXPECT_EQ(recorder->downs[0].code, Errc::cancelled);
    EXPECT_NE(recorder->downs[0].detail.find(why), std::string::npos) << recorder->downs[0].detail;
    rig_.listen_until([&] { return rig_.heard.noted("refused a: " + why); });
    EXPECT_TRUE(rig_.heard.noted("refused a: " + why)) << why;
  }

  std::shared_ptr<LinkRecorder> recorder = std::make_shared<LinkRecorder>();
  std::optional<federation::secagg::IdentityKey> keys;

 private:
  GatewayRig& rig_;
  std::optional<FakeLinks> links_;
};

federation::Update update_of(const std::string& hospital, std::size_t values = 2) {
  federation::Update update;
  update.hospital = hospital;
  update.round = 1;
  update.attempt = 1;
  update.values.resize(values);
  return update;
}

federation::BudgetStatement statement_of(const std::string& hospital) {
  federation::BudgetStatement statement;
  statement.hospital = hospital;
  statement.run = "rig";
  statement.epsilon = 1.5;
  return statement;
}

TEST(GatewaysTest, NobodySpeaksForAnotherHospital) {
  const std::vector<std::pair<std::uint16_t, Frame>> lies{
      {2, frame_of(federation::Join{"b", {}, {}})},
      {3, frame_of(update_of("b"))},
      {3, frame_of(federation::Heartbeat{"b", 1, 1})},
      {3, frame_of(federation::RoundMessage{"b", 1, 1, RoundMessageKind::key_advert, {}})},
      {3, Frame{SharedBytes{federation::split_frame("b", 1, Bytes{1, 2, 3}, 2).front()}}},
      {6, frame_of(statement_of("b"))},
  };
  for (const auto& [type, frame] : lies) {
    GatewayRig rig;
    HostilePeer peer{rig};
    peer.send(type, frame);
    peer.expect_refused("it sent a message of b");
  }
}

TEST(GatewaysTest, NotEvenInPieces) {
  GatewayRig rig;
  HostilePeer peer{rig};
  peer.send(2, frame_of(federation::Join{"a", {}, {}}));
  const Bytes lie = encode(update_of("b", 100));
  for (auto& piece : federation::split_frame("a", 1, lie, 256)) {
    peer.send(3, Frame{SharedBytes{std::move(piece)}});
  }
  rig.listen_until([&] { return rig.heard.noted("refused: a sent a message of b"); });
  EXPECT_TRUE(rig.heard.noted("refused: a sent a message of b"));
}

TEST(GatewaysTest, WhatNoHospitalSaysIsRefused) {
  {
    GatewayRig rig;
    HostilePeer peer{rig};
    peer.send(9, frame_of(federation::Join{"a", {}, {}}));
    peer.expect_refused("it sent a message of type 9, which no hospital sends");
  }
  {
    GatewayRig rig;
    HostilePeer peer{rig};
    peer.send(3, frame_of(federation::RunEnded{"over"}));
    peer.expect_refused("run_ended is no message of a hospital");
  }
  {
    GatewayRig rig;
    HostilePeer peer{rig};
    peer.send(3, Frame{SharedBytes{Bytes{1, 2, 3}}});
    EXPECT_TRUE(peer.recorder->wait_for_down());
  }
}

TEST(GatewaysTest, BudgetStatementsMustBeSignedByTheHospital) {
  GatewayRig rig;
  auto statement = statement_of("a");
  {
    HostilePeer peer{rig};
    statement.signature = peer.keys->sign(statement_bytes(statement));
    peer.send(6, frame_of(statement));
    rig.listen_until([&] { return !rig.heard.others.empty(); });
    ASSERT_EQ(rig.heard.others.size(), 1U);
    const auto heard = federation::decode_budget_statement(*rig.heard.others[0].bytes);
    ASSERT_TRUE(heard) << to_string(heard.error());
    EXPECT_EQ(heard->epsilon, 1.5);
  }
  HostilePeer other{rig};  // with another key
  other.send(6, frame_of(statement));
  other.expect_refused("its statement on its budget is not signed by its key");
}

TEST(GatewaysTest, AHospitalThatHasAllIsDone) {
  GatewayRig rig;
  const auto links = std::make_unique<FakeLinks>(
      FakeEnd{peer_info(net::Role::hospital, "a"), rig.ingress},
      FakeEnd{peer_info(net::Role::aggregator, "aggregator"), std::make_shared<LinkRecorder>()});
  rig.listen_until([&] { return rig.ingress->present().count("a") > 0; });
  EXPECT_EQ(rig.ingress->present(), (std::set<std::string>{"a"}));
  EXPECT_TRUE(rig.ingress->done().empty());
  links->right()->close(hospital_is_done);
  rig.listen_until([&] { return rig.ingress->done().count("a") > 0; });
  EXPECT_EQ(rig.ingress->done(), (std::set<std::string>{"a"}));
  EXPECT_TRUE(rig.ingress->present().empty());
}

TEST(GatewaysTest, ProbesOfTheLineAreAnswered) {
  GatewayRig rig;
  const auto prober = std::make_shared<LinkRecorder>();
  const FakeLinks links{FakeEnd{peer_info(net::Role::hospital, "a"), rig.ingress},
                        FakeEnd{peer_info(net::Role::aggregator, "aggregator"), prober}};
  ASSERT_TRUE(prober->wait_for_messages(1));  // the welcome
  ASSERT_TRUE(links.right()->send(net::Lane::data, {net::probe_type, 7, net::encode_probe({})}));
  ASSERT_TRUE(prober->wait_for_messages(2));
  EXPECT_EQ(prober->messages[1].message.type, net::probe_reply_type);
  EXPECT_EQ(prober->messages[1].message.id, 7U);
}

TEST(GatewaysTest, ARunThatStopsTellsEveryHospital) {
  GatewayRig rig;
  const auto recorder = std::make_shared<LinkRecorder>();
  const FakeLinks links{FakeEnd{peer_info(net::Role::hospital, "a"), rig.ingress},
                        FakeEnd{peer_info(net::Role::aggregator, "aggregator"), recorder}};
  ASSERT_TRUE(recorder->wait_for_messages(1));
  rig.ingress->stop("maintenance");
  ASSERT_TRUE(recorder->wait_for_messages(2));
  EXPECT_EQ(federation::decode_run_ended(*recorder->messages[1].message.body).value().reason,
            "maintenance");
  EXPECT_TRUE(recorder->wait_for_down());
}

TEST(GatewaysTest, StrangersDoNotFillTheLog) {
  GatewayRig rig;
  for (int i = 0; i < 100; ++i) {
    rig.ingress->on_refused("192.0.2.7", Error{Errc::mismatch, "foreign authority"});
  }
  rig.ingress->stop("nobody is there");
  listen(rig.observer, rig.heard, [&] { return rig.heard.noted("192.0.2.7"); });
  listen(rig.observer, rig.heard,
         [until = std::chrono::steady_clock::now() + std::chrono::milliseconds{50}] {
           return std::chrono::steady_clock::now() > until;
         });
  EXPECT_EQ(
      std::count_if(rig.heard.notes.begin(), rig.heard.notes.end(),
                    [](const auto& note) { return note.find("192.0.2.7") != std::string::npos; }),
      1);
}

/// An aggregator that answers when it is told to.
struct SlowState {
  std::vector<caf::response_promise> owed;
};

TEST(GatewaysTest, ACreditIsKeptUntilTheMessageWasDealtWith) {
  caf::actor_system_config config;
  caf::actor_system system{config};
  caf::scoped_actor observer{system};
  std::atomic<int> taken{0};
  const auto slow = system.spawn([&taken](caf::stateful_actor<SlowState>* self) -> caf::behavior {
    return {
        [self, &taken](deliver_atom, const Frame&) {
          self->state.owed.push_back(self->make_response_promise());
          ++taken;
          return self->state.owed.back();
        },
        [self](tick_atom) {
          for (auto& promise : self->state.owed) promise.deliver(caf::unit_t{});
          self->state.owed.clear();
        },
    };
  });
  const auto far = std::make_shared<LinkRecorder>();
  net::LinkLimits limits;
  limits.inbound_messages = 2;
  {
    const auto ingress = std::make_shared<HospitalIngress>(
        HospitalIngress::Parts{system, caf::actor_cast<AggregatorActor>(slow), rig_welcome(),
                               caf::actor_cast<caf::actor>(observer)});
    const FakeLinks links{FakeEnd{peer_info(net::Role::hospital, "a"), ingress},
                          FakeEnd{peer_info(net::Role::aggregator, "aggregator"), far}, limits};
    ASSERT_TRUE(far->wait_for_messages(1));
    const Frame frame = frame_of(update_of("a"));
    for (int i = 0; i < 5; ++i) {
      ASSERT_TRUE(links.right()->send(net::Lane::data, {3, 0, frame.bytes}));
    }
    const auto expect_taken = [&](int count) {
      const auto until = std::chrono::steady_clock::now() + std::chrono::seconds{20};
      while (taken < count && std::chrono::steady_clock::now() < until) std::this_thread::yield();
      EXPECT_EQ(taken, count);
      const auto size = frame.bytes->size();
      EXPECT_EQ(links.left()->counters().bytes_received, static_cast<std::size_t>(count) * size)
          << "no more than the credit";
    };
    for (const int count : {2, 4, 5}) {
      expect_taken(count);
      caf::anon_send(slow, tick_atom::value);
    }
  }
  caf::anon_send_exit(slow, caf::exit_reason::user_shutdown);
}

}  // namespace
}  // namespace hippocrypt::actors
