// The fake keeps the promises of link.hpp that tests of others rely on.

#include "tests/support/fake_link.hpp"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/link_recorder.hpp"

namespace hippocrypt::net {
namespace {

using test_support::FakeLinks;
using test_support::LinkRecorder;
using test_support::peer_info;

Message message(std::uint64_t id, std::size_t size = 3) {
  return {7, id, SharedBytes{Bytes(size, static_cast<std::uint8_t>(id))}};
}

struct Pair {
  explicit Pair(const LinkLimits& limits = {},
                LinkRecorder::Credits credits = LinkRecorder::Credits::released_at_once)
      : right{std::make_shared<LinkRecorder>(credits)},
        links{{peer_info(Role::aggregator, "center"), left},
              {peer_info(Role::hospital, "st-anna"), right},
              limits} {}
  std::shared_ptr<LinkRecorder> left = std::make_shared<LinkRecorder>(), right;
  FakeLinks links;
};

TEST(FakeLinkTest, DeliversInOrderAndNamesThePeer) {
  Pair pair;
  ASSERT_TRUE(pair.left->wait_for_up() && pair.right->wait_for_up());
  EXPECT_EQ(pair.left->ups[0]->peer().certificate.identity.name, "center");
  EXPECT_EQ(pair.right->ups[0]->peer().certificate.identity.role, Role::hospital);
  for (std::uint64_t id = 1; id <= 20; ++id) {
    ASSERT_TRUE(pair.links.left()->send(Lane::data, message(id)));
  }
  ASSERT_TRUE(pair.right->wait_for_messages(20));
  for (std::uint64_t id = 1; id <= 20; ++id) {
    EXPECT_EQ(pair.right->messages[id - 1].message.id, id);
  }
  ASSERT_TRUE(pair.links.right()->send(Lane::control, message(5)));
  EXPECT_TRUE(pair.left->wait_for_messages(1));
}

TEST(FakeLinkTest, WhatIsSentDuringACutComesAfterIt) {
  Pair pair;
  pair.links.cut();
  ASSERT_TRUE(pair.left->wait([&] { return pair.left->cuts.size() == 1; }));
  ASSERT_TRUE(pair.links.left()->send(Lane::data, message(1)));
  ASSERT_TRUE(pair.links.left()->send(Lane::control, message(2)));
  pair.links.resume();
  ASSERT_TRUE(pair.right->wait_for_messages(2));
  EXPECT_EQ(pair.right->messages[0].message.id, 2U);  // control overtakes
  EXPECT_EQ(pair.right->resumed, 1U);
}

TEST(FakeLinkTest, DataWaitsForCredit) {
  LinkLimits limits;
  limits.inbound_messages = 2;
  Pair pair{limits, LinkRecorder::Credits::kept};
  for (std::uint64_t id = 1; id <= 3; ++id) {
    ASSERT_TRUE(pair.links.left()->send(Lane::data, message(id)));
  }
  ASSERT_TRUE(pair.links.left()->send(Lane::control, message(9)));
  ASSERT_TRUE(pair.right->wait_for_messages(3));
  EXPECT_TRUE(std::any_of(pair.right->messages.begin(), pair.right->messages.end(),
                          [](const Inbound& each) { return each.message.id == 9; }));
  pair.right->release();
  EXPECT_TRUE(pair.right->wait_for_messages(4));
}

TEST(FakeLinkTest, ClosesAfterWhatIsQueued) {
  Pair pair;
  ASSERT_TRUE(pair.links.left()->send(Lane::data, message(1)));
  pair.links.left()->close("enough");
  ASSERT_TRUE(pair.right->wait_for_down() && pair.left->wait_for_down());
  EXPECT_EQ(pair.right->messages.size(), 1U);
  EXPECT_EQ(pair.right->downs[0].code, Errc::cancelled);
  EXPECT_EQ(pair.right->downs[0].detail, "enough");
  EXPECT_EQ(pair.links.right()->send(Lane::data, message(2)).error().code, Errc::unavailable);
}

TEST(FakeLinkTest, ClosesAtOnceWithoutAConnection) {
  Pair pair;
  pair.links.cut();
  ASSERT_TRUE(pair.links.left()->send(Lane::data, message(1)));
  pair.links.left()->close("enough");
  ASSERT_TRUE(pair.right->wait_for_down());
  EXPECT_TRUE(pair.right->messages.empty());
}

TEST(FakeLinkTest, EndsAsItIsTold) {
  Pair pair;
  pair.links.end({Errc::stale, "the peer restarted"});
  ASSERT_TRUE(pair.left->wait_for_down());
  EXPECT_EQ(pair.left->downs[0].code, Errc::stale);
}

TEST(FakeLinkTest, RefusesWhatIsTooLong) {
  LinkLimits limits;
  limits.control_bytes = 10;
  limits.message_bytes = 20;
  limits.outbound_data_bytes = 30;
  Pair pair{limits};
  const auto code = [&](Lane lane, std::size_t size) {
    return pair.links.left()->send(lane, message(1, size)).error().code;
  };
  EXPECT_EQ(code(Lane::control, 11), Errc::limit_exceeded);
  EXPECT_EQ(code(Lane::data, 21), Errc::limit_exceeded);
  pair.links.cut();
  ASSERT_TRUE(pair.links.left()->send(Lane::data, message(1, 20)));
  EXPECT_EQ(code(Lane::data, 20), Errc::limit_exceeded);
}

}  // namespace
}  // namespace hippocrypt::net
