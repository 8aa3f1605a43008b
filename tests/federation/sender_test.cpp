#include "federation/common/sender.hpp"

#include <gtest/gtest.h>

#include "tests/federation/sample_messages.hpp"

namespace hippocrypt::federation {
namespace {

TEST(SenderTest, EveryMessageOfAHospitalNamesIt) {
  const Bytes piece{1, 2};
  for (const Bytes& frame :
       {encode(test::sample_join()), encode(test::sample_update()),
        encode(Heartbeat{"st-anna", 3, 2}), encode(test::sample_round_message()),
        encode(Chunk{"st-anna", 5, 64, 100, piece}), encode(test::sample_statement())}) {
    const auto sender = sender_of(frame);
    ASSERT_TRUE(sender) << to_string(sender.error());
    EXPECT_EQ(*sender, "st-anna");
  }
}

TEST(SenderTest, OthersHaveNone) {
  for (const Bytes& frame : {encode(RoundStart{3, 2, {1}}), encode(FinalAdapter{{4}}),
                             encode(test::sample_report()), encode(test::sample_welcome())}) {
    EXPECT_EQ(sender_of(frame).error().code, Errc::malformed);
  }
  Bytes update = encode(test::sample_update());
  EXPECT_EQ(sender_of(ByteView{update}.first(update.size() - 1)).error().code, Errc::malformed);
  update[4] ^= 0x40U;  // another version
  EXPECT_EQ(sender_of(update).error().code, Errc::unsupported);
}

}  // namespace
}  // namespace hippocrypt::federation
