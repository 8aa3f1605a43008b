// The session without sockets: what a peer may not do.

#include "base/random.hpp"
#include "tests/net/link/core_pair.hpp"

namespace hippocrypt::net {
namespace {

LinkLimits limits_of_test() {
  LinkLimits limits;
  limits.block_bytes = 100;
  limits.window_blocks = 4;
  limits.control_bytes = 250;
  limits.message_bytes = 2000;
  limits.inbound_messages = 3;
  return limits;
}

struct Victim {
  Victim() : core{limits_of_test(), capacity_of(limits_of_test()), ample_memory()} {}
  /// Takes the block with bytes of the length that it claims.
  Status take(BlockHeader header) {
    return net::take(core, {encode(header), Bytes(header.length, 1)});
  }
  Errc code(BlockHeader header) {
    const auto taken = take(header);
    return taken ? Errc::cancelled : taken.error().code;
  }
  SessionCore core;
};

BlockHeader whole(std::uint64_t sequence, std::uint32_t length = 50) {
  return {.kind = BlockKind::data,
          .is_first = true,
          .is_last = true,
          .type = 1,
          .length = length,
          .sequence = sequence,
          .id = 1,
          .message_length = length};
}
BlockHeader first_of_two(std::uint64_t sequence) {
  BlockHeader header = whole(sequence, 100);
  header.is_last = false;
  header.message_length = 150;
  return header;
}
BlockHeader second_of_two(std::uint64_t sequence) {
  BlockHeader header = first_of_two(sequence);
  header.is_first = false;
  header.is_last = true;
  header.length = 50;
  return header;
}

TEST(HostileCoreTest, TakesWhatFollowsTheRules) {
  Victim victim;
  EXPECT_TRUE(victim.take(whole(1)));
  EXPECT_TRUE(victim.take(first_of_two(2)));
  EXPECT_TRUE(victim.take(second_of_two(3)));
}

TEST(HostileCoreTest, ReplayedAndSkippedBlocksAreRefused) {
  Victim victim;
  ASSERT_TRUE(victim.take(whole(1)));
  EXPECT_EQ(victim.code(whole(1)), Errc::malformed);
  EXPECT_EQ(victim.code(whole(3)), Errc::malformed);
  EXPECT_EQ(victim.code(whole(0)), Errc::malformed);
  EXPECT_EQ(victim.code(whole(std::uint64_t{0} - 1)), Errc::malformed);
  EXPECT_TRUE(victim.take(whole(2)));
}

TEST(HostileCoreTest, MoreThanTheWindowIsRefused) {
  Victim victim;
  for (std::uint64_t i = 1; i <= 4; ++i) ASSERT_TRUE(victim.take(whole(i)));
  EXPECT_EQ(victim.code(whole(5)), Errc::limit_exceeded);
  ASSERT_TRUE(victim.core.next_delivery() && victim.core.next_delivery());
  ASSERT_TRUE(victim.core.next_delivery());
  victim.core.release(Lane::data);
  ASSERT_TRUE(victim.core.next_delivery());
  EXPECT_FALSE(victim.core.next());  // nothing may be acknowledged while three are held
  victim.core.release(Lane::data);
  ASSERT_TRUE(victim.core.next());
  EXPECT_TRUE(victim.take(whole(5)));
}

TEST(HostileCoreTest, LengthsThatLieAreRefused) {
  const auto code = [](auto change) {
    Victim victim;
    BlockHeader header = whole(1);
    change(header);
    return victim.code(header);
  };
  EXPECT_EQ(code([](BlockHeader& h) { h.message_length = 2001; }), Errc::limit_exceeded);
  EXPECT_EQ(code([](BlockHeader& h) { h.message_length = ~std::uint64_t{0}; }),
            Errc::limit_exceeded);
  EXPECT_EQ(code([](BlockHeader& h) {
              h.kind = BlockKind::control;
              h.message_length = 251;
            }),
            Errc::limit_exceeded);
  EXPECT_EQ(code([](BlockHeader& h) { h.message_length = 51; }), Errc::malformed);
  EXPECT_EQ(code([](BlockHeader& h) { h.message_length = 49; }), Errc::malformed);
  EXPECT_EQ(code([](BlockHeader& h) { h.is_last = false; }), Errc::malformed);
  EXPECT_EQ(code([](BlockHeader& h) {  // longer than a block
              h.length = 150;
              h.message_length = 150;
            }),
            Errc::malformed);
  EXPECT_EQ(code([](BlockHeader& h) {  // shorter, though more is to come
              h.length = 99;
              h.message_length = 150;
              h.is_last = false;
            }),
            Errc::malformed);
  EXPECT_EQ(code([](BlockHeader& h) { h.is_first = false; }), Errc::malformed);
  Victim victim;
  EXPECT_EQ(victim.core.begin(whole(1), 49).error().code, Errc::malformed);
}

TEST(HostileCoreTest, BlocksOfAnotherMessageAreRefused) {
  const auto code = [](auto change) {
    Victim victim;
    EXPECT_TRUE(victim.take(first_of_two(1)));
    BlockHeader header = second_of_two(2);
    change(header);
    return victim.code(header);
  };
  EXPECT_EQ(code([](BlockHeader& h) { ++h.type; }), Errc::malformed);
  EXPECT_EQ(code([](BlockHeader& h) { ++h.id; }), Errc::malformed);
  EXPECT_EQ(code([](BlockHeader& h) { ++h.message_length; }), Errc::malformed);
  EXPECT_EQ(code([](BlockHeader& h) { h = whole(2); }), Errc::malformed);
  EXPECT_EQ(code([](BlockHeader&) {}), Errc::cancelled);  // none, that is
}

TEST(HostileCoreTest, AcknowledgementsOfWhatWasNotSentAreRefused) {
  Victim victim;
  ASSERT_TRUE(victim.core.send(Lane::data, message_of(1, 150)));
  ASSERT_TRUE(victim.core.next() && victim.core.next());
  BlockHeader header{.kind = BlockKind::acknowledgement, .is_first = true, .is_last = true};
  header.sequence = 3;
  EXPECT_EQ(victim.code(header), Errc::malformed);
  header.sequence = 2;
  EXPECT_TRUE(victim.take(header));
  header.sequence = 1;
  EXPECT_EQ(victim.code(header), Errc::malformed);
  header.sequence = 2;
  header.id = 1;
  EXPECT_EQ(victim.code(header), Errc::malformed);
  header.id = 0;
  header.type = 1;
  EXPECT_EQ(victim.code(header), Errc::malformed);
}

TEST(HostileCoreTest, ResumingFromWhereItNeverWasIsRefused) {
  Victim victim;
  ASSERT_TRUE(victim.core.send(Lane::data, message_of(1, 150)));
  ASSERT_TRUE(victim.core.next() && victim.core.next());
  victim.core.cut();
  EXPECT_EQ(victim.core.resume({0, 3}).error().code, Errc::malformed);
  EXPECT_EQ(victim.core.resume({1, 0}).error().code, Errc::malformed);
  EXPECT_TRUE(victim.core.resume({0, 1}));
  EXPECT_EQ(victim.core.next()->header.sequence, 2U);
}

TEST(HostileCoreTest, ASecondHelloIsRefused) {
  Victim victim;
  BlockHeader header = whole(1);
  header.kind = BlockKind::hello;
  EXPECT_EQ(victim.code(header), Errc::malformed);
}

/// Changes one to four bytes of the header or of the length.
WireBlock mutated(WireBlock block, SeededSequence& random) {
  const std::uint64_t changes = 1 + random.below(4);
  for (std::uint64_t i = 0; i < changes; ++i) {
    block.header[random.below(block.header.size())] ^=
        static_cast<std::uint8_t>(1 + random.below(255));
  }
  if (random.below(4) == 0) block.payload.resize(random.below(200));
  return block;
}

TEST(HostileCoreTest, TenThousandMutatedBlocksChangeNothingOrAreRefused) {
  SeededSequence random{5, "mutations"};
  std::size_t refused = 0;
  for (int i = 0; i < 10'000; ++i) {
    const auto memory = std::make_shared<MemoryBudget>(10'000, nullptr);
    CorePair pair{limits_of_test(), memory};
    for (std::uint64_t id = 1; id <= 3; ++id) {
      ASSERT_TRUE(pair.a.core.send(id == 2 ? Lane::control : Lane::data, message_of(id, id * 80)));
    }
    std::uint64_t good = random.below(4);
    while (good-- > 0 && CorePair::emit(pair.a, pair.b)) CorePair::arrive(pair.b);
    const auto next = pair.a.core.next();
    if (!next) continue;
    const auto taken = take(pair.b.core, mutated(wire_of(*next), random));
    if (!taken) {
      ++refused;
      const Errc code = taken.error().code;
      EXPECT_TRUE(code == Errc::malformed || code == Errc::limit_exceeded ||
                  code == Errc::unsupported)
          << to_string(taken.error());
    }
    pair.b.deliver();
    EXPECT_LE(10'000 - memory->left(), 2000U * 4);
  }
  EXPECT_GT(refused, 9'000U);  // the others changed a type or an id: what the peer may say
}

}  // namespace
}  // namespace hippocrypt::net
