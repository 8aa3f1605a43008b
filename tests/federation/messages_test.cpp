#include "federation/common/messages.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "base/random.hpp"
#include "tests/federation/sample_messages.hpp"

namespace hippocrypt::federation {
namespace {

using namespace test;  // NOLINT(google-build-using-namespace): the samples of these tests

/// Every kind of message with whether its decoder accepts the bytes.
struct Kind {
  const char* name;
  Bytes bytes;
  std::function<bool(ByteView)> accepts;
};

std::vector<Kind> kinds() {
  return {
      {"join", encode(sample_join()), [](ByteView b) { return decode_join(b).has_value(); }},
      {"round_start", encode(RoundStart{3, 2, {1, 2, 3}}),
       [](ByteView b) { return decode_round_start(b).has_value(); }},
      {"update", encode(sample_update()), [](ByteView b) { return decode_update(b).has_value(); }},
      {"final", encode(FinalAdapter{{4, 5}}),
       [](ByteView b) { return decode_final_adapter(b).has_value(); }},
      {"progress", encode(sample_progress()),
       [](ByteView b) { return decode_progress(b).has_value(); }},
      {"report", encode(sample_report()), [](ByteView b) { return decode_report(b).has_value(); }},
  };
}

TEST(MessagesTest, RoundTrip) {
  const auto update = decode_update(encode(sample_update())).value();
  EXPECT_EQ(update.hospital, "st-anna");
  EXPECT_EQ(update.round, 7U);
  EXPECT_EQ(update.status, UpdateStatus::sat_out);
  EXPECT_EQ(update.reason, "no budget left");
  EXPECT_EQ(update.values, (std::vector<float>{1.5F, -2.0F, 0.0F}));
  const auto start = decode_round_start(encode(RoundStart{3, 2, {1, 2}})).value();
  EXPECT_EQ(start.round, 3U);
  EXPECT_EQ(start.values, (std::vector<float>{1, 2}));
  EXPECT_EQ(decode_final_adapter(encode(FinalAdapter{{4}})).value().values,
            (std::vector<float>{4}));
  const auto report = decode_report(encode(sample_report())).value();
  EXPECT_EQ(report.loss_after, 2.25);
  EXPECT_EQ(report.steps, 32U);
  const auto progress = decode_progress(encode(sample_progress())).value();
  EXPECT_EQ(progress.kind, ProgressKind::round);
  EXPECT_EQ(progress.text, "3 contributed");
  Hash256 hash{};
  hash[31] = 9;
  EXPECT_EQ(decode_join(encode(Join{"x", hash, {}})).value().adapter_fingerprint, hash);
}

TEST(MessagesTest, EveryTruncationIsRefused) {
  for (const auto& kind : kinds()) {
    EXPECT_TRUE(kind.accepts(kind.bytes)) << kind.name;
    for (std::size_t length = 0; length < kind.bytes.size(); ++length) {
      EXPECT_FALSE(kind.accepts(ByteView{kind.bytes}.first(length))) << kind.name << ' ' << length;
    }
  }
}

TEST(MessagesTest, NoMessageIsTakenForAnother) {
  const auto all = kinds();
  for (const auto& left : all) {
    for (const auto& right : all) {
      EXPECT_EQ(left.accepts(right.bytes), left.name == right.name) << left.name << right.name;
    }
  }
}

TEST(MessagesTest, MutatedFramesNeverCrash) {
  SeededSequence random{5, "mutations"};
  for (const auto& kind : kinds()) {
    for (int i = 0; i < 500; ++i) {
      Bytes bytes = kind.bytes;
      bytes[random.below(bytes.size())] ^= static_cast<std::uint8_t>(1 + random.below(255));
      static_cast<void>(kind.accepts(bytes));
    }
  }
}

TEST(MessagesTest, LongReasonsOfOurOwnAreCut) {
  Update update = sample_update();
  update.reason.assign(5000, 'x');
  EXPECT_EQ(decode_update(encode(update)).value().reason.size(), max_text_bytes);
}

}  // namespace
}  // namespace hippocrypt::federation
