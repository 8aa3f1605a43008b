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
       "9d694d6b100b1d352bd72510edf1cb97df6bfe89e81fbf2c8063d00a68f88bdd"},
      {"round_start", encode(RoundStart{3, 2, {1, 2, 3}}),
       [](ByteView b) { return decode_round_start(b).has_value(); },
       "99f6de8d3ab11b4f105c22a282b0e591ef649a2e19024f7b89d042f24a355030"},
      {"update", encode(sample_update()), [](ByteView b) { return decode_update(b).has_value(); },
       "a590fe2523c54f5e5f47b39d332572c9b52caf8ab5cab48d3ee6673a2abe84b0"},
      {"final", encode(FinalAdapter{{4, 5}}),
       [](ByteView b) { return decode_final_adapter(b).has_value(); },
       "8750604878091437e421e2db27965f223a17d27e476a4eb44b94f82be2621023"},
      {"progress", encode(sample_progress()),
       [](ByteView b) { return decode_progress(b).has_value(); },
       "b24cf09c4bd53d4a81a38811c8371bf7b5b1be226fba46f208ec820fcad10cb7"},
      {"report", encode(sample_report()), [](ByteView b) { return decode_report(b).has_value(); },
       "e97adfccb0a920a6b584ca3b0ee9a7f66f6ebea2c0c5182257bd6bb8ae4173e5"},
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
