#include "federation/common/messages.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "base/random.hpp"

namespace hippocrypt::federation {
namespace {

Update sample_update() {
  Update update;
  update.hospital = "st-anna";
  update.round = 7;
  update.attempt = 2;
  update.status = UpdateStatus::sat_out;
  update.reason = "no budget left";
  update.values = {1.5F, -2.0F, 0.0F};
  return update;
}

Report sample_report() {
  Report report;
  report.hospital = "st-anna";
  report.loss_before = 2.5;
  report.loss_after = 2.25;
  report.epsilon = 3.5;
  report.steps = 32;
  report.bytes_up = 1000;
  report.failure = "none";
  return report;
}

Progress sample_progress() {
  Progress progress;
  progress.kind = ProgressKind::round;
  progress.source = "aggregator";
  progress.round = 2;
  progress.loss = 0.5;
  progress.text = "3 contributed";
  return progress;
}

/// Every kind of message with whether its decoder accepts the bytes.
struct Kind {
  const char* name;
  Bytes bytes;
  std::function<bool(ByteView)> accepts;
  const char* golden;  ///< SHA-256 of the bytes: a change of format must be seen
};

std::vector<Kind> kinds() {
  Hash256 hash{};
  hash[0] = 1;
  return {
      {"join", encode(Join{"st-anna", hash, hash}),
       [](ByteView b) { return decode_join(b).has_value(); },
       "e625c0fb9897205d460de70f0e50c9d306331ec131b82b55dbef99d21455158e"},
      {"round_start", encode(RoundStart{3, 2, {1, 2, 3}}),
       [](ByteView b) { return decode_round_start(b).has_value(); },
       "6419e823e216655c9585594b94c9323ac37409de038f4fda12bf1bc3ba00c5c8"},
      {"update", encode(sample_update()), [](ByteView b) { return decode_update(b).has_value(); },
       "fbd1c7a2321ce27447e28cf11b4e8ed5b4e6a1b570b2328104b6018fd289ae44"},
      {"final", encode(FinalAdapter{{4, 5}}),
       [](ByteView b) { return decode_final_adapter(b).has_value(); },
       "5cd3f0e47d5edc9bf106680f3b585fd4ea8ae88b112ac3ffb8afa3436f0af63e"},
      {"progress", encode(sample_progress()),
       [](ByteView b) { return decode_progress(b).has_value(); },
       "687d2c197cd23e6adc6cc8145d9cdf2d63b7a07c8d88573bff0fc72afc053818"},
      {"report", encode(sample_report()), [](ByteView b) { return decode_report(b).has_value(); },
       "a91140a8892755de92fbefb78841c8cab5f7d11e9876ebe1e081b16c8ac4555d"},
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

TEST(MessagesTest, BytesAreStable) {
  for (const auto& kind : kinds()) EXPECT_EQ(to_hex(sha256(kind.bytes)), kind.golden) << kind.name;
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
