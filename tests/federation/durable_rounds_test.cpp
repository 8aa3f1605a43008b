#include "federation/client/durable_rounds.hpp"

#include <gtest/gtest.h>

#include <set>

#include "base/file.hpp"
#include "tests/support/tiny_site.hpp"
#include "tests/support/version_sentence.hpp"

namespace hippocrypt::federation {
namespace {

using test_support::TinyFederation;
using test_support::TinySite;

class DurableRoundsTest : public ::testing::Test {
 protected:
  DurableRoundsTest()
      : tiny_{std::string{"durable_"} +
              ::testing::UnitTest::GetInstance()->current_test_info()->name()} {
    tiny_.config.privacy.noise_multiplier = 0;  // so that two runs can be compared
    tiny_.config.run.steps_per_round = 3;
    tiny_.config.run.rounds = 4;
  }
  /// A process of a hospital.
  struct Process {
    Process(const TinyFederation& tiny, const std::string& name, CrashHook hook = {})
        : site{tiny, name + ".sqlite"},
          rounds{DurableRounds::open(*site.site, tiny.folder() / name, std::move(hook)).value()} {}
    TinySite site;
    std::unique_ptr<DurableRounds> rounds;
  };
  RoundStart start(const Process& process, std::uint32_t round) const {
    return {round, 1, std::vector<float>(process.site.site->start_values().size(), 0.01F)};
  }
  static Result<Update> train(Process& process, const RoundStart& start, int most_steps = 100) {
    std::atomic<bool> stop{false};
    return process.rounds->train(
        start, stop, [&](const StepReport&) { stop = --most_steps <= 0; },
        [] {
          return DurableRounds::Traffic{5, 7};
        });
  }
  static std::size_t charged(const Process& process) {
    return process.site.site->ledger().rows().size();
  }

  TinyFederation tiny_;
};

TEST_F(DurableRoundsTest, StoppedInARoundItGoesOnWithoutPayingTwice) {
  Process whole{tiny_, "whole"};
  const auto first = train(whole, start(whole, 1)).value();
  const auto second = train(whole, start(whole, 2)).value();
  {
    Process process{tiny_, "cut"};
    EXPECT_EQ(train(process, start(process, 1)).value().values, first.values);
    EXPECT_EQ(train(process, start(process, 2), 2).error().code, Errc::cancelled);
  }
  Process process{tiny_, "cut"};
  EXPECT_EQ(process.rounds->state().round, 1U);
  const auto again = train(process, start(process, 2)).value();
  EXPECT_EQ(again.values, second.values);
  EXPECT_EQ(charged(process), 6U);
  EXPECT_EQ(process.rounds->total({5, 7}).up, 10U) << "5 bytes in either process";
}

TEST_F(DurableRoundsTest, StoppedInARoundTheSameProcessGoesOn) {
  Process whole{tiny_, "whole"};
  const auto first = train(whole, start(whole, 1)).value();
  Process process{tiny_, "cut"};
  EXPECT_FALSE(train(process, start(process, 1), 1));
  EXPECT_EQ(train(process, start(process, 1)).value().values, first.values);
  EXPECT_EQ(charged(process), 3U);
}

TEST_F(DurableRoundsTest, ARoundThatIsAskedForAgainIsAnsweredFromItsFile) {
  std::vector<float> values;
  {
    Process process{tiny_, "again"};
    values = train(process, start(process, 1)).value().values;
    EXPECT_EQ(train(process, start(process, 1)).value().values, values);
  }
  Process process{tiny_, "again"};
  EXPECT_EQ(train(process, start(process, 1)).value().values, values);
  EXPECT_EQ(charged(process), 3U);
  // From other values it would be another round.
  RoundStart other = start(process, 1);
  other.values[0] = 1;
  EXPECT_EQ(train(process, other).error().code, Errc::stale);
}

TEST_F(DurableRoundsTest, AMissedRoundIsPassedOver) {
  Process process{tiny_, "missed"};
  EXPECT_FALSE(train(process, start(process, 1), 1));
  ASSERT_TRUE(train(process, start(process, 3)));
  EXPECT_EQ(process.rounds->state().next_step, 9U);
  EXPECT_EQ(charged(process), 4U);
}

TEST_F(DurableRoundsTest, WithoutBudgetItSitsOutOnceARound) {
  tiny_.config.privacy.noise_multiplier = 1;
  tiny_.config.privacy.budget = 0.01;
  Process process{tiny_, "poor"};
  for (int i = 0; i < 2; ++i) {
    EXPECT_EQ(train(process, start(process, 1)).value().status, UpdateStatus::sat_out);
  }
  EXPECT_EQ(process.rounds->state().rounds_sat_out, 1U);
  EXPECT_EQ(charged(process), 0U);
}

TEST_F(DurableRoundsTest, ADamagedStateIsRefused) {
  {
    Process process{tiny_, "damaged"};
    ASSERT_TRUE(train(process, start(process, 1)));
  }
  const auto file = tiny_.folder() / "damaged" / "rounds.state";
  const Bytes good = read_file(file, 1 << 24).value();
  for (const std::size_t at : {std::size_t{0}, std::size_t{4}, std::size_t{20}, good.size() / 2}) {
    Bytes bytes = good;
    bytes[at] ^= 1;
    ASSERT_TRUE(write_file_atomically(file, bytes));
    const auto state = load_round_state(file);
    ASSERT_FALSE(state) << at;
    EXPECT_NE(state.error().detail.find("rounds.state"), std::string::npos);
  }
}

TEST_F(DurableRoundsTest, AStateOfANewerReleaseSaysSo) {
  {
    Process process{tiny_, "newer"};
    ASSERT_TRUE(train(process, start(process, 1)));
  }
  const auto file = tiny_.folder() / "newer" / "rounds.state";
  Bytes bytes = read_file(file, 1 << 24).value();
  bytes[4] = 2;
  ASSERT_TRUE(write_file_atomically(file, bytes));
  EXPECT_EQ(load_round_state(file).error().code, Errc::unsupported);
  EXPECT_EQ(load_round_state(file).error().detail, file.string() + test_support::newer_sentence(2));
}

TEST_F(DurableRoundsTest, EveryMomentHasAName) {
  std::set<std::string> points;
  tiny_.config.privacy.noise_multiplier = 1;
  Process process{tiny_, "points",
                  [&points](std::string_view point, std::uint64_t) { points.emplace(point); }};
  ASSERT_TRUE(train(process, start(process, 1)));
  for (const char* point : {"round begun", "charged", "drawn", "noised", "journal_torn",
                            "journalled", "round trained", "round kept"}) {
    EXPECT_EQ(points.count(point), 1U) << point;
  }
}

}  // namespace
}  // namespace hippocrypt::federation
