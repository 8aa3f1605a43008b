// Whole attempts: the sum, and who may be missing when.

#include "federation/secagg/aggregator/secagg_collector.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "federation/secagg/common/fixed_point.hpp"
#include "tests/federation/secagg/rig.hpp"

namespace hippocrypt::federation::secagg {
namespace {

using testing::HasSubstr;

constexpr int stages = 5;  // keys, shares, masked updates, signatures, opened shares

/// Plays an attempt in which silent[s] say nothing from stage s on. Nothing when it was void.
struct Played {
  std::optional<Contributions> contributions;
  std::string void_reason;
  std::string note;
};
Played play(const Rig& rig, const std::array<Members, stages>& silent) {
  Play play{rig};
  for (int stage = 0; stage < stages; ++stage) {
    play.answer(silent.at(static_cast<std::size_t>(stage)));
    const bool enough = play.collector().can_go_on();
    const PhaseResult result = play.close();
    EXPECT_EQ(enough, result.void_reason.empty()) << result.void_reason;
    if (!result.void_reason.empty()) return {std::nullopt, result.void_reason, {}};
    EXPECT_EQ(result.done, stage + 1 == stages);
  }
  return {play.collector().take().value(), {}, play.collector().note()};
}

/// The last `count` hospitals, which say nothing from one stage on.
std::array<Members, stages> last_silent(const Rig& rig, std::size_t count, int stage) {
  std::array<Members, stages> silent;
  for (std::size_t i = 0; i < count; ++i) {
    silent.at(static_cast<std::size_t>(stage)).insert(static_cast<MemberIndex>(rig.size() - 1 - i));
  }
  return silent;
}

/// The mean is that of the ring's plain sum of exactly these hospitals. With values of 16 bits and
/// weights of at most 40 together a sum has at most 21 bits, so that different sums have different
/// float means: equal means are equal sums in the ring.
void expect_sum_of(const Rig& rig, const Members& members, const Played& played) {
  ASSERT_TRUE(played.contributions.has_value()) << played.void_reason;
  const Contributions& all = *played.contributions;
  EXPECT_TRUE(all.summed);
  EXPECT_EQ(all.round, 1U);
  ASSERT_EQ(all.updates.size(), 1U);
  EXPECT_EQ(all.updates[0],
            decode_mean(rig.plain_sum(members), rig.weight_of(members), rig.params()));
  ASSERT_EQ(all.hospitals.size(), members.size());
  std::size_t i = 0;
  for (const MemberIndex member : members) {
    EXPECT_EQ(all.hospitals[i], rig.name(member));
    EXPECT_EQ(all.weights[i], (*rig.setup().roster)[member].weight);
    ++i;
  }
}

Members without_last(const Rig& rig, std::size_t count) {
  Members members = rig.everybody();
  for (std::size_t i = 0; i < count; ++i) members.erase(std::prev(members.end()));
  return members;
}

TEST(SecAggCollectorTest, SumIsThatOfTheRingForThreeToTwentyHospitals) {
  for (std::size_t hospitals = 3; hospitals <= 20; ++hospitals) {
    Rig::Options options;
    options.hospitals = hospitals;
    options.weighted = true;
    const Rig rig{options};
    expect_sum_of(rig, rig.everybody(), play(rig, {}));
  }
}

TEST(SecAggCollectorTest, SurvivesEveryNumberOfDropoutsAtEveryStage) {
  for (const std::size_t hospitals : {3U, 4U, 5U, 8U, 13U, 20U}) {
    Rig::Options options;
    options.hospitals = hospitals;
    options.weighted = true;
    const Rig rig{options};
    for (int stage = 0; stage < stages; ++stage) {
      // Before the survivors are fixed a sum's minimum counts, then the threshold alone.
      const std::size_t kept = stage < 3 ? rig.params().smallest_sum() : rig.params().threshold();
      const std::size_t most = hospitals - kept;
      for (std::size_t lost = hospitals < 10 ? 1 : most; lost <= most; ++lost) {
        if (lost == 0) continue;
        const auto played = play(rig, last_silent(rig, lost, stage));
        expect_sum_of(rig, stage < 3 ? without_last(rig, lost) : rig.everybody(), played);
      }
      const auto one_more = play(rig, last_silent(rig, most + 1, stage));
      EXPECT_FALSE(one_more.contributions.has_value());
      EXPECT_THAT(one_more.void_reason, HasSubstr("are needed"));
    }
  }
}

TEST(SecAggCollectorTest, SurvivesDropoutsAtAllStagesTogether) {
  Rig::Options options;
  options.hospitals = 11;  // threshold 6, so five may be lost
  const Rig rig{options};
  const std::array<Members, stages> silent{Members{1}, {3}, {5}, {7}, {9}};
  const auto played = play(rig, silent);
  expect_sum_of(rig, {0, 2, 4, 6, 7, 8, 9, 10}, played);
  EXPECT_EQ(played.note, "1 dropped after sharing keys, masks removed");
}

TEST(SecAggCollectorTest, FewerThanTheConfiguredMinimumAreVoid) {
  Rig::Options options;
  options.hospitals = 6;
  options.min_contributors = 5;  // above the threshold of 4
  const Rig rig{options};
  expect_sum_of(rig, without_last(rig, 1), play(rig, last_silent(rig, 1, 2)));
  EXPECT_THAT(play(rig, last_silent(rig, 2, 2)).void_reason,
              HasSubstr("masked updates came from 4 hospitals; 5 are needed"));
  expect_sum_of(rig, rig.everybody(), play(rig, last_silent(rig, 2, 4)));
}

TEST(SecAggCollectorTest, SaysWhomItAwaitsInWhichPhase) {
  Rig::Options options;
  options.hospitals = 5;
  const Rig rig{options};
  Play play{rig};
  const auto everybody = rig.names();
  EXPECT_EQ(play.collector().awaited(),
            (std::set<std::string>{everybody.begin(), everybody.end()}));
  EXPECT_EQ(play.collector().phase(), PhaseKind::setup);
  play.answer({4});
  EXPECT_EQ(play.collector().awaited(), std::set<std::string>{"hospital-4"});
  EXPECT_TRUE(play.collector().can_go_on());
  EXPECT_EQ(play.close().send.size(), 4U);
  EXPECT_EQ(play.collector().phase(), PhaseKind::setup);
  play.answer();
  play.close();
  EXPECT_EQ(play.collector().phase(), PhaseKind::updates);
  EXPECT_TRUE(play.collector().contributors().empty());
  play.answer();
  EXPECT_EQ(play.collector().contributors().size(), 4U);
  play.close();
  EXPECT_EQ(play.collector().phase(), PhaseKind::unmask);
  EXPECT_EQ(play.collector().awaited().size(), 4U);
  play.answer({2});
  EXPECT_EQ(play.close().send.size(), 3U);  // who did not sign is not asked to open
  EXPECT_EQ(play.collector().phase(), PhaseKind::unmask);
  EXPECT_EQ(play.collector().awaited().size(), 3U);
}

TEST(SecAggCollectorTest, PersistsWhatHospitalsAcceptOnceBeforeItIsSent) {
  const Rig rig{{}};
  Play play{rig};
  const std::vector<std::optional<JournalKind>> expected{
      JournalKind::key_book, JournalKind::bundles, JournalKind::sum, std::nullopt, std::nullopt};
  for (const auto& kind : expected) {
    play.answer();
    const auto result = play.close();
    EXPECT_EQ(result.persist_first.has_value(), kind.has_value());
    if (kind) {
      EXPECT_EQ(result.persist_first->kind, static_cast<std::uint32_t>(*kind));
    }
  }
}

TEST(SecAggCollectorTest, ResentMessagesChangeNothing) {
  const Rig rig{{}};
  Play play{rig};
  for (int stage = 0; stage < stages; ++stage) {
    play.answer();
    for (const RoundMessage& message : play.transcript()) {
      const auto status = play.collector().receive(message);
      ASSERT_FALSE(status.has_value());
      EXPECT_EQ(status.error().code, Errc::stale);
    }
    play.close();
  }
  expect_sum_of(rig, rig.everybody(), {play.collector().take().value(), {}, {}});
}

TEST(SecAggCollectorTest, FactoryRefusesParamsOfAnotherRoster) {
  Rig::Options larger;
  larger.hospitals = 5;
  CollectorSetup setup = Rig{{}}.setup();
  setup.params = Rig{larger}.params();
  const auto factory = secagg_collectors(setup);
  ASSERT_FALSE(factory.has_value());
  EXPECT_EQ(factory.error().code, Errc::mismatch);
}

TEST(SecAggCollectorTest, UpdatesInTheClearAreRefused) {
  const Rig rig{{}};
  Play play{rig};
  Update update;
  update.hospital = rig.name(0);
  EXPECT_EQ(play.collector().receive_update(update).error().code, Errc::unsupported);
}

}  // namespace
}  // namespace hippocrypt::federation::secagg
