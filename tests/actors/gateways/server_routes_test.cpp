#include "actors/gateways/server_routes.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <type_traits>

#include "actors/gateways/link_messages.hpp"
#include "protocol/core/messages.hpp"
#include "tests/actors/gateways/recording_link.hpp"

namespace hippocrypt::actors {
namespace {

using protocol::BlockRange;
using test_support::RecordingLink;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

SharedBytes request_for(std::uint32_t block, std::uint64_t id = 1) {
  protocol::ProductRequest request{{{}, {}, {}, id, block}, 3, 4};
  return SharedBytes{encode(request, Bytes(request.body_bytes()))};
}

template <class Setup = protocol::SetupReply>
SharedBytes setup_of(std::uint32_t first, std::uint32_t last) {
  Setup reply;
  for (std::uint32_t block = first; block <= last; ++block) {
    protocol::SiteEntry site;
    site.block = block;
    site.out = site.in = 1;
    reply.sites.push_back(site);
  }
  if constexpr (std::is_same_v<Setup, protocol::SetupTable>) {
    return SharedBytes{encode(reply, Bytes(reply.body_bytes()))};
  } else {
    return SharedBytes{encode(reply)};
  }
}

/// What an error_reply says; "a reply" of anything else.
std::string said(const SharedBytes& reply) {
  const auto frame = protocol::open_frame(*reply);
  if (!frame || frame->type != protocol::MessageType::error_reply) return "a reply";
  return to_string(protocol::decode<protocol::ErrorReply>(*frame)->to_error());
}

struct Rig {
  explicit Rig(std::vector<ServerRoutes::Server> servers = {{"low:1", {0, 4}}, {"high:2", {5, 9}}})
      : routes{{std::move(servers), 10s, 2, [this](const auto& text) { notes.push_back(text); }}} {}
  /// Keeps what is answered under `name`.
  void ask(SharedBytes request, const std::string& name = "it") {
    routes.ask(
        std::move(request),
        [this, name](SharedBytes reply) {
          EXPECT_FALSE(answers.contains(name)) << "answered twice";
          answers[name] = std::move(reply);
        },
        now);
  }
  std::shared_ptr<RecordingLink> up(std::size_t server) {
    auto link = std::make_shared<RecordingLink>();
    routes.up(server, link);
    return link;
  }
  void reply(std::size_t server, const net::LinkPointer& link, std::uint64_t id,
             SharedBytes body = SharedBytes{Bytes{42}}) {
    routes.hear(server, link, link_message(LinkMessageType::reply, Frame{std::move(body)}, id));
  }
  static std::vector<std::uint64_t> ids(const RecordingLink& link) {
    std::vector<std::uint64_t> all;
    for (const auto& message : link.sent) all.push_back(message.id);
    return all;
  }

  std::vector<std::string> notes;
  std::map<std::string, SharedBytes> answers;
  ServerRoutes::Clock::time_point now{};
  ServerRoutes routes;
};

TEST(ServerRoutesTest, RequestsGoToTheServerOfTheirBlock) {
  Rig rig;
  const auto low = rig.up(0), high = rig.up(1);
  rig.ask(request_for(4), "four");
  rig.ask(request_for(5), "five");
  rig.ask(SharedBytes{encode(protocol::SetupRequest{{}, {}, {}, 9})}, "setup");
  EXPECT_EQ(low->sent.size(), 1U);
  ASSERT_EQ(high->sent.size(), 2U);
  EXPECT_EQ(high->lanes.front(), net::Lane::data);
  EXPECT_EQ(static_cast<LinkMessageType>(high->sent.front().type), LinkMessageType::request);
  EXPECT_TRUE(same_bytes(*high->sent.front().body, *request_for(5)));
  rig.reply(1, high, high->sent.front().id);
  EXPECT_TRUE(same_bytes(*rig.answers.at("five"), Bytes{42}));
  EXPECT_EQ(rig.answers.size(), 1U);
  EXPECT_EQ(rig.routes.waiting(), 2U);
}

TEST(ServerRoutesTest, WhatNobodyHoldsAndWhatIsNoRequestIsAnsweredAtOnce) {
  Rig rig;
  rig.ask(request_for(10), "ten");
  EXPECT_THAT(said(rig.answers.at("ten")),
              HasSubstr("no [[server]] of this site holds block 10; they hold blocks 0 to 4, "
                        "blocks 5 to 9"));
  rig.ask(SharedBytes{Bytes{1, 2, 3}}, "garbage");
  EXPECT_THAT(said(rig.answers.at("garbage")), HasSubstr("malformed"));
  rig.ask(SharedBytes{encode(protocol::ErrorReply{1, "x"})}, "no request");
  EXPECT_THAT(said(rig.answers.at("no request")), HasSubstr("malformed"));
  EXPECT_EQ(rig.routes.waiting(), 0U);
}

TEST(ServerRoutesTest, RepliesBelongToTheirIdsInAnyOrder) {
  Rig rig;
  const auto low = rig.up(0);
  rig.ask(request_for(0), "a");
  rig.ask(request_for(0), "b");
  rig.reply(0, low, low->sent[1].id, SharedBytes{Bytes{2}});
  rig.reply(0, low, low->sent[0].id, SharedBytes{Bytes{1}});
  EXPECT_TRUE(same_bytes(*rig.answers.at("a"), Bytes{1}));
  EXPECT_TRUE(same_bytes(*rig.answers.at("b"), Bytes{2}));
}

TEST(ServerRoutesTest, SoManyAreInFlightAndTheOthersWaitForTheirTurn) {
  Rig rig;
  const auto low = rig.up(0);
  for (const char* name : {"a", "b", "c", "d"}) rig.ask(request_for(1), name);
  EXPECT_EQ(low->sent.size(), 2U);
  rig.reply(0, low, low->sent[1].id);
  EXPECT_EQ(low->sent.size(), 3U);
  rig.reply(0, low, low->sent[0].id);
  rig.reply(0, low, low->sent[2].id);
  rig.reply(0, low, low->sent[3].id);
  EXPECT_EQ(rig.answers.size(), 4U);
}

TEST(ServerRoutesTest, ANewSessionGetsTheSameBytesAgain) {
  Rig rig;
  const auto before = rig.up(0);
  const SharedBytes a = request_for(1, 1), b = request_for(2, 2), c = request_for(3, 3);
  rig.ask(a, "a");
  rig.ask(b, "b");
  rig.ask(c, "c");
  rig.reply(0, before, before->sent[0].id);
  EXPECT_EQ(before->sent.size(), 3U);
  rig.routes.down(0, before, {Errc::unavailable, "cable"});
  const auto after = rig.up(0);
  ASSERT_EQ(after->sent.size(), 2U) << "a is answered";
  EXPECT_EQ(after->sent[0].body->data(), b->data()) << "the very bytes";
  EXPECT_EQ(after->sent[1].body->data(), c->data());
  rig.reply(0, before, after->sent[0].id);  // a late message of the old session
  EXPECT_EQ(rig.answers.size(), 1U);
  rig.reply(0, after, after->sent[0].id);
  rig.reply(0, after, after->sent[1].id);
  EXPECT_EQ(rig.answers.size(), 3U);
}

TEST(ServerRoutesTest, ACutSessionGoesOnByItself) {
  Rig rig;
  const auto low = rig.up(0);
  rig.ask(request_for(1));
  rig.routes.cut(0, {Errc::unavailable, "cable"});
  rig.routes.resumed(0);
  EXPECT_EQ(low->sent.size(), 1U) << "the link sends its blocks again, not the gateway";
}

TEST(ServerRoutesTest, ALostServerIsNamedOnceAndWhenItIsBack) {
  Rig rig;
  rig.routes.refused(0, {Errc::unavailable, "refused"});
  rig.routes.refused(0, {Errc::unavailable, "refused"});
  auto low = rig.up(0);
  rig.ask(request_for(1));
  rig.routes.cut(0, {Errc::unavailable, "no sign of life for 30 s"});
  rig.routes.refused(0, {Errc::unavailable, "refused"});
  rig.routes.down(0, low, {Errc::unavailable, "gone"});
  low = rig.up(0);
  EXPECT_THAT(
      rig.notes,
      ElementsAre("the blind server low:1 (blocks 0 to 4) cannot be reached yet: refused; requests "
                  "waiting for it: 0",
                  "the blind server low:1 (blocks 0 to 4) is there; requests waiting for it: 0",
                  "the blind server low:1 (blocks 0 to 4) is lost: no sign of life for 30 s; "
                  "requests waiting for it: 1",
                  "the blind server low:1 (blocks 0 to 4) is there; requests waiting for it: 1"));
}

TEST(ServerRoutesTest, ALateDownOfAnOldSessionDoesNotEndTheNewOne) {
  Rig rig;
  const auto before = rig.up(0), after = rig.up(0);
  rig.routes.down(0, before, {Errc::stale, "replaced"});
  EXPECT_TRUE(rig.notes.empty());
  rig.ask(request_for(1));
  EXPECT_EQ(after->sent.size(), 1U);
}

TEST(ServerRoutesTest, TheDeadlineEndsWhatWaitsAndSaysWhy) {
  Rig rig;
  const auto low = rig.up(0);
  rig.ask(request_for(0), "slow");
  rig.ask(request_for(9), "never reached");
  rig.now += 5s;
  rig.ask(request_for(0), "younger");
  rig.routes.expire(rig.now);
  EXPECT_TRUE(rig.answers.empty());
  rig.now += 5s;
  rig.routes.expire(rig.now);
  EXPECT_THAT(said(rig.answers.at("slow")),
              HasSubstr("deadline: the server refused: the blind server low:1 (blocks 0 to 4) gave "
                        "no answer in 10 s"));
  EXPECT_THAT(said(rig.answers.at("never reached")),
              HasSubstr("unavailable: the server refused: the blind server high:2 (blocks 5 to 9) "
                        "has not been reachable for 10 s: not reached yet"));
  EXPECT_FALSE(rig.answers.contains("younger"));
  rig.reply(0, low, low->sent[0].id);  // too late: nobody waits, nothing breaks
  rig.reply(0, low, low->sent[1].id);
  EXPECT_EQ(said(rig.answers.at("younger")), "a reply");
}

TEST(ServerRoutesTest, ADeadlineMakesRoomForTheNext) {
  Rig rig;
  const auto low = rig.up(0);
  rig.ask(request_for(0), "a");
  rig.ask(request_for(0), "b");
  rig.now += 1s;
  rig.ask(request_for(0), "c");
  rig.routes.expire(rig.now + 9s);
  EXPECT_EQ(Rig::ids(*low), (std::vector<std::uint64_t>{1, 2, 3}));
}

TEST(ServerRoutesTest, WhatALinkDoesNotTakeIsTriedAgain) {
  Rig rig;
  const auto low = rig.up(0);
  low->outcome = Error{Errc::limit_exceeded, "too much is waiting"};
  rig.ask(request_for(1));
  low->outcome = {};
  EXPECT_TRUE(low->sent.empty());
  rig.routes.expire(rig.now);
  EXPECT_EQ(low->sent.size(), 1U);
}

TEST(ServerRoutesTest, MessagesThatAreNoRepliesToOursDoNothing) {
  Rig rig;
  const auto low = rig.up(0), high = rig.up(1);
  rig.ask(request_for(1));
  const std::uint64_t id = low->sent[0].id;
  rig.routes.hear(0, low, link_message(LinkMessageType::deliver, Frame{SharedBytes{Bytes{1}}}, id));
  rig.reply(0, low, id + 1);
  rig.reply(1, high, id);  // another server's answer to it
  EXPECT_TRUE(rig.answers.empty());
  rig.reply(0, low, id, SharedBytes{});
  EXPECT_THAT(said(rig.answers.at("it")), HasSubstr("low:1 sent an empty reply"));
}

TEST(ServerRoutesTest, AServerOfOtherBlocksThanTheSiteTakesItToHaveIsNoticed) {
  const auto verdict = [](BlockRange configured, const SharedBytes& setup) {
    Rig rig{{{"one:1", configured}}};
    const auto link = rig.up(0);
    rig.ask(SharedBytes{encode(protocol::SetupRequest{{}, {}, {}, configured.first})});
    rig.reply(0, link, link->sent.at(0).id, setup);
    return said(rig.answers.at("it"));
  };
  EXPECT_EQ(verdict({}, setup_of(0, 9)), "a reply");
  EXPECT_EQ(verdict({0, 4}, setup_of(0, 4)), "a reply");
  EXPECT_EQ(verdict({5}, setup_of(5, 9)), "a reply");
  EXPECT_THAT(verdict({0, 4}, setup_of(0, 9)),
              HasSubstr("mismatch: the server refused: one:1: it holds blocks 0 to 9, but this "
                        "site takes it to hold blocks 0 to 4: set blocks of its [[server]]"));
  EXPECT_THAT(verdict({5}, setup_of(4, 9)), HasSubstr("mismatch"));
  EXPECT_EQ(verdict({5, 9}, setup_of<protocol::SetupTable>(5, 9)), "a reply");
  EXPECT_THAT(verdict({5, 8}, setup_of<protocol::SetupTable>(5, 9)), HasSubstr("mismatch"));
}

TEST(ServerRoutesTest, WhoWaitsAtTheEndIsTold) {
  std::string last;
  {
    ServerRoutes routes{{{{"one:1", {}}}, 10s, 2, {}}};
    routes.ask(request_for(1), [&last](const SharedBytes& reply) { last = said(reply); }, {});
  }
  EXPECT_THAT(last, HasSubstr("unavailable"));
}

}  // namespace
}  // namespace hippocrypt::actors
