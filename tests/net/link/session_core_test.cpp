// The session without sockets: what both sides do when both keep the rules.

#include "net/link/session_core.hpp"

#include "base/random.hpp"
#include "tests/net/link/core_pair.hpp"

namespace hippocrypt::net {
namespace {

LinkLimits small_limits() {
  LinkLimits limits;
  limits.block_bytes = 100;
  limits.window_blocks = 4;
  limits.control_bytes = 250;
  limits.message_bytes = 2000;
  limits.inbound_messages = 3;
  limits.outbound_control_bytes = 4000;
  limits.outbound_data_bytes = 20'000;
  return limits;
}

TEST(SessionCoreTest, CutsMessagesIntoBlocksAndPutsThemTogether) {
  CorePair pair{small_limits()};
  const std::vector<std::size_t> sizes{0, 1, 99, 100, 101, 200, 1999, 2000};
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    ASSERT_TRUE(pair.a.core.send(Lane::data, message_of(i, sizes[i])));
  }
  EXPECT_FALSE(pair.a.core.all_sent());
  for (std::size_t i = 0; i < 20; ++i) {
    pair.settle();
    pair.b.release_one();
  }
  ASSERT_EQ(pair.b.got.size(), sizes.size());
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const Message expected = message_of(i, sizes[i]);
    EXPECT_EQ(pair.b.got[i].id, i);
    EXPECT_EQ(pair.b.got[i].type, expected.type);
    EXPECT_TRUE(same_bytes(*pair.b.got[i].body, *expected.body)) << sizes[i];
  }
  EXPECT_TRUE(pair.a.core.all_sent());
  EXPECT_EQ(pair.a.core.blocks_resent(), 0U);
}

TEST(SessionCoreTest, ControlOvertakesDataBetweenTwoBlocks) {
  CorePair pair{small_limits()};
  ASSERT_TRUE(pair.a.core.send(Lane::data, message_of(1, 1000)));
  ASSERT_TRUE(CorePair::emit(pair.a, pair.b));
  ASSERT_TRUE(pair.a.core.send(Lane::control, message_of(2, 10)));
  pair.settle();
  ASSERT_EQ(pair.b.got.size(), 2U);
  EXPECT_EQ(pair.b.got[0].id, 2U);
}

TEST(SessionCoreTest, SendsNoMoreThanTheWindowUnacknowledged) {
  CorePair pair{small_limits()};
  ASSERT_TRUE(pair.a.core.send(Lane::data, message_of(1, 2000)));
  for (int i = 0; i < 4; ++i) EXPECT_TRUE(CorePair::emit(pair.a, pair.b));
  EXPECT_FALSE(CorePair::emit(pair.a, pair.b));
  ASSERT_TRUE(CorePair::arrive(pair.b));
  ASSERT_TRUE(CorePair::emit(pair.b, pair.a));
  ASSERT_TRUE(CorePair::arrive(pair.a));
  EXPECT_TRUE(CorePair::emit(pair.a, pair.b));
}

TEST(SessionCoreTest, GivesBodiesBackOnceThePeerHasThem) {
  CorePair pair{small_limits()};
  ASSERT_TRUE(pair.a.core.send(Lane::data, message_of(1, 300)));
  ASSERT_TRUE(pair.a.core.send(Lane::control, message_of(2, 10)));
  EXPECT_TRUE(pair.a.core.take_needless().empty());
  pair.settle();
  std::vector<std::size_t> sizes;
  for (const auto& body : pair.a.core.take_needless()) sizes.push_back(body->size());
  EXPECT_EQ(sizes, (std::vector<std::size_t>{300, 10}));
  EXPECT_TRUE(pair.a.core.take_needless().empty());
}

TEST(SessionCoreTest, HandsOutNoMoreMessagesThanCredit) {
  CorePair pair{small_limits()};
  for (std::uint64_t id = 1; id <= 20; ++id) {
    ASSERT_TRUE(pair.a.core.send(Lane::data, message_of(id, 50)));
  }
  pair.settle();
  EXPECT_EQ(pair.b.got.size(), 3U);
  EXPECT_EQ(pair.b.core.received().data, 2U + 4U);  // acknowledged before, and a window
  ASSERT_TRUE(pair.a.core.send(Lane::control, message_of(99, 5)));
  pair.settle();
  EXPECT_EQ(pair.b.ids(Lane::control), std::vector<std::uint64_t>{99});
  while (pair.b.got.size() < 21) {
    pair.b.release_one();
    pair.settle();
  }
  EXPECT_TRUE(pair.a.core.all_sent());
}

TEST(SessionCoreTest, LastMessagesAreHandedOutRegardlessOfCredit) {
  CorePair pair{small_limits()};
  for (std::uint64_t id = 1; id <= 5; ++id) {
    ASSERT_TRUE(pair.a.core.send(Lane::data, message_of(id, 50)));
  }
  pair.settle();
  ASSERT_EQ(pair.b.got.size(), 3U);
  ASSERT_FALSE(pair.b.core.next_delivery());
  EXPECT_TRUE(pair.b.core.next_delivery(true));
  EXPECT_TRUE(pair.b.core.next_delivery(true));
  EXPECT_FALSE(pair.b.core.next_delivery(true));
}

TEST(SessionCoreTest, DataBeyondTheMemoryOfAllPeersWaits) {
  const auto memory = std::make_shared<MemoryBudget>(1500, nullptr);
  CorePair pair{small_limits(), memory};
  CorePair other{small_limits(), memory};
  ASSERT_TRUE(pair.a.core.send(Lane::data, message_of(1, 1000)));
  ASSERT_TRUE(other.a.core.send(Lane::data, message_of(2, 1000)));
  pair.settle();
  other.settle();
  EXPECT_EQ(pair.b.got.size(), 1U);
  EXPECT_TRUE(other.b.got.empty());
  EXPECT_EQ(other.b.core.received().data, 4U);  // a window
  pair.b.release_one();
  other.settle();
  EXPECT_EQ(other.b.got.size(), 1U);
}

TEST(SessionCoreTest, AMessageOfOneWindowWaitsForMemoryToo) {
  bool is_freed = false;
  const auto memory = std::make_shared<MemoryBudget>(100, [&] { is_freed = true; });
  CorePair pair{small_limits(), memory};
  ASSERT_TRUE(pair.a.core.send(Lane::data, message_of(1, 80)));
  ASSERT_TRUE(pair.a.core.send(Lane::data, message_of(2, 80)));
  pair.settle();
  EXPECT_EQ(pair.b.got.size(), 1U);
  EXPECT_FALSE(is_freed);
  pair.b.release_one();
  EXPECT_TRUE(is_freed);
  EXPECT_EQ(pair.b.got.size(), 2U);
  pair.b.release_one();
  EXPECT_EQ(memory->left(), 100U);
}

TEST(SessionCoreTest, GoesOnFromTheLastBlock) {
  CorePair pair{small_limits()};
  ASSERT_TRUE(pair.a.core.send(Lane::data, message_of(1, 1000)));
  for (int i = 0; i < 4; ++i) ASSERT_TRUE(CorePair::emit(pair.a, pair.b));
  ASSERT_TRUE(CorePair::arrive(pair.b));
  ASSERT_TRUE(CorePair::arrive(pair.b));
  pair.cut();  // two blocks are lost
  pair.resume();
  pair.settle();
  ASSERT_EQ(pair.b.got.size(), 1U);
  EXPECT_TRUE(same_bytes(*pair.b.got[0].body, *message_of(1, 1000).body));
  EXPECT_EQ(pair.a.core.blocks_resent(), 2U);
}

TEST(SessionCoreTest, ABlockThatCameInPartComesAgain) {
  CorePair pair{small_limits()};
  ASSERT_TRUE(pair.a.core.send(Lane::data, message_of(1, 150)));
  const auto block = pair.a.core.next();
  ASSERT_TRUE(pair.b.core.begin(block->header, 100));
  pair.cut();
  pair.resume();
  pair.settle();
  ASSERT_EQ(pair.b.got.size(), 1U);
  EXPECT_TRUE(same_bytes(*pair.b.got[0].body, *message_of(1, 150).body));
}

TEST(SessionCoreTest, ALostAcknowledgementIsGivenAgain) {
  CorePair pair{small_limits()};
  ASSERT_TRUE(pair.a.core.send(Lane::data, message_of(1, 400)));
  while (CorePair::emit(pair.a, pair.b)) {
  }
  while (CorePair::arrive(pair.b)) {
  }
  ASSERT_TRUE(CorePair::emit(pair.b, pair.a));
  pair.cut();  // with the acknowledgement on its way
  pair.resume();
  ASSERT_TRUE(pair.a.core.send(Lane::data, message_of(2, 50)));
  pair.settle();
  EXPECT_EQ(pair.b.got.size(), 2U);
  EXPECT_EQ(pair.a.core.blocks_resent(), 0U);
}

TEST(SessionCoreTest, RefusesToSendWhatDoesNotFit) {
  const LinkLimits limits = small_limits();
  Capacity peer = capacity_of(limits);
  peer.message_bytes = 500;
  SessionCore core{limits, peer, ample_memory()};
  const auto code = [&](Lane lane, std::size_t size) {
    return core.send(lane, message_of(1, size)).error().code;
  };
  EXPECT_EQ(code(Lane::data, 501), Errc::limit_exceeded);  // the peer's limit
  EXPECT_EQ(code(Lane::control, 251), Errc::limit_exceeded);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(core.send(Lane::control, message_of(1, 250)));
  EXPECT_EQ(code(Lane::control, 250), Errc::limit_exceeded);  // too much waits
  EXPECT_TRUE(core.send(Lane::data, message_of(1, 500)));
}

TEST(SessionCoreTest, EmptyMessagesPileUpNoMoreThanOthers) {
  LinkLimits limits = small_limits();
  limits.outbound_control_bytes = 1280;
  SessionCore core{limits, capacity_of(limits), ample_memory()};
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(core.send(Lane::control, {}));
  EXPECT_FALSE(core.send(Lane::control, {}));
}

/// Sends, cuts, loses and releases at random for `steps`; nothing may be lost, doubled or out of
/// order, and a cut may not cost more than a window of each lane and direction.
void transfer_with_cuts(std::uint64_t seed, int steps) {
  SeededSequence random{seed, "cuts"};
  const LinkLimits limits = small_limits();
  CorePair pair{limits};
  std::uint64_t next_id = 1, cuts = 0;
  std::vector<std::pair<std::uint64_t, std::size_t>> sent[2];
  const auto send = [&] {
    const Lane lane = random.below(3) == 0 ? Lane::control : Lane::data;
    const std::size_t size = random.below(lane == Lane::control ? 251 : 1200);
    if (pair.a.core.send(lane, message_of(next_id, size))) {
      sent[static_cast<std::size_t>(lane)].emplace_back(next_id++, size);
    }
  };
  for (int step = 0; step < steps; ++step) {
    switch (random.below(10)) {
      case 0:
        send();
        break;
      case 1:
      case 2:
      case 3:
        CorePair::emit(pair.a, pair.b);
        break;
      case 4:
        CorePair::emit(pair.b, pair.a);
        break;
      case 5:
        CorePair::arrive(pair.a);
        break;
      case 6:
        pair.b.release_one();
        break;
      case 7:
        if (random.below(8) == 0) {
          ++cuts;
          pair.cut();
          pair.resume();
        }
        break;
      default:
        CorePair::arrive(pair.b);
    }
  }
  while (pair.b.got.size() < next_id - 1) {
    pair.settle();
    ASSERT_FALSE(pair.b.held.empty()) << "stuck with seed " << seed;
    pair.b.release_one();
  }
  pair.settle();
  for (const Lane lane : {Lane::control, Lane::data}) {
    const auto& expected = sent[static_cast<std::size_t>(lane)];
    const auto got = pair.b.ids(lane);
    ASSERT_EQ(got.size(), expected.size());
    for (std::size_t i = 0; i < got.size(); ++i) ASSERT_EQ(got[i], expected[i].first);
  }
  for (const Message& message : pair.b.got) {
    const auto same = message_of(message.id, message.body->size());
    ASSERT_TRUE(same_bytes(*message.body, *same.body)) << "seed " << seed;
  }
  EXPECT_LE(pair.a.core.blocks_resent(), cuts * 2 * limits.window_blocks) << "seed " << seed;
}

TEST(SessionCoreTest, LosesNothingHoweverItIsCut) {
  for (std::uint64_t seed = 1; seed <= 300; ++seed) transfer_with_cuts(seed, 2000);
}

}  // namespace
}  // namespace hippocrypt::net
