// The aggregator is killed at a phase boundary, or in the middle of a phase, and goes on.

#include <gtest/gtest.h>

#include "federation/secagg/common/fixed_point.hpp"
#include "tests/federation/secagg/rig.hpp"

namespace hippocrypt::federation::secagg {
namespace {

Rig::Options five() {
  Rig::Options options;
  options.hospitals = 5;
  options.weighted = true;
  return options;
}

/// A collector that knows nothing but the journal.
std::unique_ptr<Collector> restored(const Rig& rig, const std::vector<JournalEntry>& journal) {
  auto collector = rig.collector();
  const Status status = collector->restore(1, 1, rig.names(), journal);
  EXPECT_TRUE(status.has_value()) << (status ? "" : to_string(status.error()));
  return collector;
}

/// Tells everybody who is awaited what the collector would tell a hospital that came back, and
/// hands over what they answer. Answers to what they had been told before are stale.
void remind_all(Play& play, const Rig& rig, const Members& silent) {
  const auto awaited = play.collector().awaited();
  for (const MemberIndex member : rig.everybody()) {
    const auto messages = play.collector().remind(rig.name(member));
    EXPECT_TRUE(messages.empty() || awaited.contains(rig.name(member)));
    if (silent.contains(member)) continue;
    if (awaited.contains(rig.name(member)) && messages.empty()) {  // keys: nothing to remind of
      EXPECT_TRUE(play.collector()
                      .receive(play.said_by(member, RoundMessageKind::key_advert,
                                            play.client(member).advert()))
                      .has_value());
    }
    for (const Outgoing& outgoing : messages) {
      const auto status = play.collector().receive(play.reply(outgoing).value());
      EXPECT_TRUE(status.has_value() || status.error().code == Errc::stale)
          << to_string(status.error());
    }
  }
}

TEST(SecAggResumeTest, GoesOnFromEveryPointToTheSameSum) {
  const Rig rig{five()};
  const Members rest{0, 1, 2, 4};
  const auto expected = decode_mean(rig.plain_sum(rest), rig.weight_of(rest), rig.params());
  for (int phase = 0; phase < 5; ++phase) {
    for (const bool has_answers : {false, true}) {  // killed before or after the phase's answers
      Play play{rig};
      const auto silent_in = [](int at) { return at >= 2 ? Members{3} : Members{}; };
      for (int before = 0; before < phase; ++before) {
        play.answer(silent_in(before));
        EXPECT_EQ(play.close().void_reason, "");
      }
      if (has_answers) play.answer(silent_in(phase));
      play.replace_collector(restored(rig, play.journal()));
      // The signatures are gathered anew where the shares were being opened.
      for (int again = std::min(phase, 3); again < 5; ++again) {
        remind_all(play, rig, silent_in(again));
        EXPECT_EQ(play.collector().awaited().size(), again == 2 ? 1U : 0U);
        EXPECT_EQ(play.close().void_reason, "") << phase;
      }
      EXPECT_EQ(play.collector().take().value().updates.at(0), expected) << phase;
    }
  }
}

TEST(SecAggResumeTest, BroughtToTheSamePhase) {
  const Rig rig{five()};
  Play play{rig};
  const std::vector<PhaseKind> expected{PhaseKind::setup, PhaseKind::setup, PhaseKind::updates,
                                        PhaseKind::unmask};
  for (std::size_t phase = 0; phase < expected.size(); ++phase) {
    const auto collector = restored(rig, play.journal());
    EXPECT_EQ(collector->phase(), expected[phase]);
    EXPECT_EQ(collector->awaited(), play.collector().awaited());
    EXPECT_EQ(collector->contributors(), play.collector().contributors());
    play.answer();
    play.close();
  }
}

TEST(SecAggResumeTest, WhatIsInTheSumIsRecognisedAfterwards) {
  const Rig rig{five()};
  Play play{rig};
  play.advance(3);
  play.replace_collector(restored(rig, play.journal()));
  for (const RoundMessage& message : play.transcript()) {
    if (message.kind != RoundMessageKind::masked_update) continue;
    EXPECT_EQ(play.collector().receive(message).error().code, Errc::stale);
    RoundMessage other = message;
    other.body.back() ^= 1;
    EXPECT_EQ(play.collector().receive(other).error().code, Errc::mismatch);
  }
}

TEST(SecAggResumeTest, SharesOpenedForTheOneBeforeAreNoFault) {
  const Rig rig{five()};
  Play play{rig};
  play.advance(4);
  play.answer();
  const RoundMessage opened = play.transcript().back();
  ASSERT_EQ(opened.kind, RoundMessageKind::unmask_shares);
  play.replace_collector(restored(rig, play.journal()));
  EXPECT_EQ(play.collector().receive(opened).error().code, Errc::stale);
  EXPECT_EQ(play.collector().awaited().size(), 5U);
}

TEST(SecAggResumeTest, RemindsOnlyWhoIsAwaited) {
  const Rig rig{five()};
  Play play{rig};
  play.answer({4});
  play.close();
  EXPECT_TRUE(play.collector().remind(rig.name(4)).empty());
  EXPECT_TRUE(play.collector().remind("stranger").empty());
  ASSERT_EQ(play.collector().remind(rig.name(0)).size(), 1U);
  EXPECT_EQ(play.collector().remind(rig.name(0))[0].message.body, play.pending_for(0));
}

Errc restore_error(const Rig& rig, const std::vector<JournalEntry>& journal) {
  const Status status = rig.collector()->restore(1, 1, rig.names(), journal);
  EXPECT_FALSE(status.has_value());
  return status ? Errc::io : status.error().code;
}

TEST(SecAggResumeTest, JournalsThatDoNotFitAreRefused) {
  const Rig rig{five()};
  Play play{rig};
  play.advance(3);
  const auto journal = play.journal();
  ASSERT_EQ(journal.size(), 3U);
  EXPECT_EQ(restore_error(rig, {journal[1]}), Errc::malformed);
  EXPECT_EQ(restore_error(rig, {journal[0], journal[2]}), Errc::malformed);
  EXPECT_EQ(restore_error(rig, {journal[0], journal[0]}), Errc::malformed);
  for (std::size_t i = 0; i < journal.size(); ++i) {
    auto changed = journal;
    changed[i].kind = 9;
    EXPECT_EQ(restore_error(rig, changed), Errc::malformed);
    changed = journal;
    changed[i].round = 2;
    EXPECT_EQ(restore_error(rig, changed), Errc::mismatch);
    changed = journal;
    changed[i].attempt = 2;
    EXPECT_EQ(restore_error(rig, changed), Errc::mismatch);
    changed = journal;
    changed[i].body.pop_back();
    EXPECT_EQ(restore_error(rig, changed), Errc::malformed);
    changed = journal;
    changed[i].body.push_back(0);
    EXPECT_EQ(restore_error(rig, changed), Errc::malformed);
  }
  Rig::Options other = five();
  other.seed = 2;
  EXPECT_EQ(restore_error(Rig{other}, journal), Errc::mismatch);
  other = five();
  other.values = 41;
  EXPECT_EQ(restore_error(Rig{other}, journal), Errc::mismatch);
}

TEST(SecAggResumeTest, SumsOfStrangersAreRefused) {
  const Rig rig{five()};
  Play play{rig};
  play.answer();
  play.close();
  play.answer({4});
  play.close();
  play.answer();
  play.close();
  auto journal = play.journal();
  constexpr std::size_t first_member = 32 + 2;
  journal[2].body[first_member] = 4;  // it shared no keys
  EXPECT_EQ(restore_error(rig, journal), Errc::malformed);
  journal[2].body[first_member] = 5;  // beyond the roster
  EXPECT_EQ(restore_error(rig, journal), Errc::out_of_range);
  journal = play.journal();
  journal[2].body[0] ^= 1;
  EXPECT_EQ(restore_error(rig, journal), Errc::mismatch);
  journal = play.journal();
  journal[1].body[2] = 9;  // a sender beyond the roster
  EXPECT_EQ(restore_error(rig, journal), Errc::out_of_range);
}

}  // namespace
}  // namespace hippocrypt::federation::secagg
