#include "federation/aggregator/round_coordinator.hpp"

#include <gtest/gtest.h>

#include <limits>

#include "base/random.hpp"

namespace hippocrypt::federation {
namespace {

template <class Kind>
const Kind* find(const std::vector<Effect>& effects) {
  for (const auto& effect : effects) {
    if (const auto* found = std::get_if<Kind>(&effect)) return found;
  }
  return nullptr;
}

Update contribution(const std::string& hospital, std::uint32_t round, std::vector<float> values) {
  Update update;
  update.hospital = hospital;
  update.round = round;
  update.values = std::move(values);
  return update;
}

RoundCoordinator two_hospitals(std::uint32_t rounds) {
  return RoundCoordinator{{{"a", "b"}, rounds}, {0, 0}};
}

TEST(RoundCoordinatorTest, StartsWhenEverybodyHasJoinedAndPersistsFirst) {
  auto core = two_hospitals(1);
  EXPECT_TRUE(core.on_join("b").empty());
  const auto effects = core.on_join("a");
  ASSERT_EQ(effects.size(), 2U);
  EXPECT_EQ(std::get<PersistGlobal>(effects[0]).round, 0U);
  EXPECT_EQ(std::get<StartRound>(effects[1]).to, (std::vector<std::string>{"a", "b"}));
}

TEST(RoundCoordinatorTest, PersistsBeforeItAnnounces) {
  auto core = two_hospitals(2);
  core.on_join("a");
  core.on_join("b");
  EXPECT_TRUE(core.on_update(contribution("a", 1, {2, 0})).empty());
  const auto effects = core.on_update(contribution("b", 1, {0, 4}));
  ASSERT_EQ(effects.size(), 3U);
  EXPECT_EQ(std::get<PersistGlobal>(effects[0]).values, (std::vector<float>{1, 2}));
  EXPECT_EQ(std::get<RoundClosed>(effects[1]).contributed.size(), 2U);
  EXPECT_EQ(std::get<StartRound>(effects[2]).round, 2U);
}

TEST(RoundCoordinatorTest, NamesWhoSatOutAndAveragesTheRest) {
  auto core = two_hospitals(1);
  core.on_join("a");
  core.on_join("b");
  Update sits_out;
  sits_out.hospital = "b";
  sits_out.round = 1;
  sits_out.status = UpdateStatus::sat_out;
  sits_out.reason = "no budget";
  EXPECT_TRUE(core.on_update(sits_out).empty());
  const auto effects = core.on_update(contribution("a", 1, {2, 6}));
  EXPECT_EQ(find<RoundClosed>(effects)->absent.at("b"), "no budget");
  EXPECT_EQ(find<Finish>(effects)->values, (std::vector<float>{2, 6}));
  EXPECT_TRUE(core.finished());
}

TEST(RoundCoordinatorTest, RefusesStrangersRepeatsAndPastRounds) {
  auto core = two_hospitals(2);
  core.on_join("a");
  EXPECT_EQ(find<Refused>(core.on_join("a"))->error.code, Errc::mismatch);
  EXPECT_EQ(find<Refused>(core.on_join("x"))->error.code, Errc::mismatch);
  core.on_join("b");
  const auto refused = [&core](const Update& update) {
    return find<Refused>(core.on_update(update))->error.code;
  };
  EXPECT_EQ(refused(contribution("x", 1, {0, 0})), Errc::mismatch);
  EXPECT_EQ(refused(contribution("a", 2, {0, 0})), Errc::mismatch);
  core.on_update(contribution("a", 1, {1, 1}));
  EXPECT_EQ(refused(contribution("a", 1, {9, 9})), Errc::mismatch);
  core.on_update(contribution("b", 1, {1, 1}));
  EXPECT_EQ(core.global(), (std::vector<float>{1, 1}));
}

TEST(RoundCoordinatorTest, AFaultyUpdateIsRefusedAndDoesNotHoldUpTheRound) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const auto& faulty : {std::vector<float>{0}, std::vector<float>{0, nan}}) {
    auto core = two_hospitals(1);
    core.on_join("a");
    core.on_join("b");
    const auto effects = core.on_update(contribution("a", 1, faulty));
    EXPECT_EQ(find<Refused>(effects)->error.code,
              faulty.size() == 1 ? Errc::mismatch : Errc::not_finite);
    const auto end = core.on_update(contribution("b", 1, {2, 4}));
    EXPECT_EQ(find<RoundClosed>(end)->absent.count("a"), 1U);
    EXPECT_EQ(core.global(), (std::vector<float>{2, 4}));
    EXPECT_TRUE(core.finished());
  }
}

TEST(RoundCoordinatorTest, ALostHospitalIsNotAwaited) {
  auto core = two_hospitals(2);
  core.on_join("a");
  const auto start = core.on_lost("b", "bad data");  // before it could join
  EXPECT_EQ(find<StartRound>(start)->to, (std::vector<std::string>{"a"}));
  const auto effects = core.on_update(contribution("a", 1, {1, 1}));
  EXPECT_EQ(find<RoundClosed>(effects)->absent.at("b"), "lost: bad data");
  const auto end = core.on_lost("a", "killed");
  EXPECT_NE(find<Finish>(end), nullptr);
  EXPECT_EQ(core.global(), (std::vector<float>{1, 1}));
}

TEST(RoundCoordinatorTest, EndsWhenNobodyIsLeftBeforeTheStart) {
  auto core = two_hospitals(3);
  core.on_lost("a", "x");
  EXPECT_NE(find<Finish>(core.on_lost("b", "y")), nullptr);
  EXPECT_TRUE(core.finished());
}

/// Any order of answers, losses and repeats closes every round once and ends the run.
TEST(RoundCoordinatorTest, SurvivesRandomInterleavings) {
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    SeededSequence random{seed, "coordinator"};
    const std::vector<std::string> names{"a", "b", "c", "d"};
    RoundCoordinator core{{names, 5}, {0}};
    for (const auto& name : names) core.on_join(name);
    std::uint32_t closed = 0;
    for (int event = 0; event < 400 && !core.finished(); ++event) {
      const auto& name = names[random.below(names.size())];
      const auto effects = random.below(60) == 0
                               ? core.on_lost(name, "cut")
                               : core.on_update(contribution(
                                     name, core.round() - (random.below(9) == 0 ? 1 : 0), {1}));
      for (const auto& effect : effects) closed += std::holds_alternative<RoundClosed>(effect);
      ASSERT_LE(core.global()[0], static_cast<float>(closed));
    }
    EXPECT_TRUE(core.finished()) << seed;
    EXPECT_EQ(closed, core.round()) << seed;
  }
}

}  // namespace
}  // namespace hippocrypt::federation
