#include "federation/common/round_messages.hpp"

#include <gtest/gtest.h>

#include "tests/federation/message_kinds.hpp"
#include "tests/federation/sample_messages.hpp"

namespace hippocrypt::federation {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the samples of these tests

std::vector<MessageKind> kinds() {
  return {
      {"heartbeat", encode(Heartbeat{"st-anna", 3, 2}),
       [](ByteView b) { return decode_heartbeat(b).has_value(); }},
      {"round_message", encode(sample_round_message()),
       [](ByteView b) { return decode_round_message(b).has_value(); }},
      {"round_summary", encode(sample_summary()),
       [](ByteView b) { return decode_round_summary(b).has_value(); }},
      {"run_ended", encode(RunEnded{"no quorum"}),
       [](ByteView b) { return decode_run_ended(b).has_value(); }},
  };
}

TEST(RoundMessagesTest, RoundTrip) {
  const auto heartbeat = decode_heartbeat(encode(Heartbeat{"st-anna", 3, 2})).value();
  EXPECT_EQ(heartbeat.hospital, "st-anna");
  EXPECT_EQ(heartbeat.round, 3U);
  EXPECT_EQ(heartbeat.step, 2U);
  const auto message =
      decode_round_message(encode(RoundMessage{"a", 4, 5, RoundMessageKind::masked_update, {9, 8}}))
          .value();
  EXPECT_EQ(message.hospital, "a");
  EXPECT_EQ(message.round, 4U);
  EXPECT_EQ(message.attempt, 5U);
  EXPECT_EQ(message.kind, RoundMessageKind::masked_update);
  EXPECT_EQ(message.body, (Bytes{9, 8}));
  EXPECT_EQ(decode_run_ended(encode(RunEnded{"why"})).value().reason, "why");
}

TEST(RoundMessagesTest, SummariesNameEverybody) {
  const auto summary = decode_round_summary(encode(sample_summary())).value();
  EXPECT_EQ(summary.round, 7U);
  EXPECT_EQ(summary.attempt, 2U);
  EXPECT_EQ(summary.outcome, RoundOutcome::retried);
  EXPECT_EQ(summary.contributed, (std::vector<std::string>{"st-anna", "riverside"}));
  ASSERT_EQ(summary.absent.size(), 1U);
  EXPECT_EQ(summary.absent[0].hospital, "northgate");
  EXPECT_EQ(summary.absent[0].cause, AbsenceCause::late);
  EXPECT_EQ(summary.absent[0].detail, "step 3 of 4");
  EXPECT_EQ(summary.seconds, 1.5);
  EXPECT_EQ(summary.note, "one dropout recovered");
  // Ten thousand hospitals fit.
  RoundSummary large;
  for (int i = 0; i < 10'000; ++i) large.contributed.push_back("hospital-" + std::to_string(i));
  EXPECT_EQ(decode_round_summary(encode(large)).value().contributed.size(), 10'000U);
}

TEST(RoundMessagesTest, EveryTruncationIsRefused) { expect_every_truncation_refused(kinds()); }

TEST(RoundMessagesTest, FlippedBitsNeverCrash) { decode_with_flipped_bits(kinds()); }

TEST(RoundMessagesTest, UnknownEnumeratorsAndAnotherKindAreMalformed) {
  Bytes bytes = encode(sample_summary());
  const auto wrong = decode_heartbeat(bytes);
  ASSERT_FALSE(wrong);
  EXPECT_EQ(wrong.error().code, Errc::malformed);
  auto summary = sample_summary();
  summary.absent[0].cause = static_cast<AbsenceCause>(6);
  EXPECT_EQ(decode_round_summary(encode(summary)).error().code, Errc::malformed);
}

}  // namespace
}  // namespace hippocrypt::federation
