#include "privacy/audit/server_view.hpp"

#include <gtest/gtest.h>

namespace hippocrypt::privacy::audit {
namespace {

constexpr std::uint64_t tile = 2048;

/// Steps of lots of 0 to 8000 tokens; `padded`: always four tiles, else as many as the lot needs.
std::vector<ObservedStep> steps(bool padded, double seconds_a_token) {
  SeededSequence sequence{1, "steps"};
  std::vector<ObservedStep> list;
  for (int i = 0; i < 40; ++i) {
    ObservedStep step;
    step.lot = sequence.below(8000);
    const std::uint64_t tiles = padded ? 4 : (step.lot + tile - 1) / tile;
    step.messages = 20 * tiles;
    step.bytes_up = 100'000 * tiles;
    step.bytes_down = 60'000 * tiles;
    step.seconds =
        0.5 + 0.02 * sequence.uniform() + seconds_a_token * static_cast<double>(step.lot);
    list.push_back(step);
  }
  return list;
}

TEST(ServerViewTest, ConstantStepsPass) {
  SeededSequence sequence{2, "permutations"};
  for (const CheckResult& result : check_server_view(steps(true, 0), sequence, 20'000)) {
    EXPECT_TRUE(result.passes(default_significance)) << result.name << ": " << result.finding;
  }
}

TEST(ServerViewTest, TilesThatFollowTheLotAreCaught) {
  SeededSequence sequence{2, "permutations"};
  const auto results = check_server_view(steps(false, 0), sequence, 20'000);
  EXPECT_EQ(results[0].p_value, 0.0) << results[0].finding;
}

TEST(ServerViewTest, TimeThatFollowsTheLotIsCaught) {
  SeededSequence sequence{2, "permutations"};
  const auto results = check_server_view(steps(true, 1e-5), sequence, 20'000);
  EXPECT_EQ(results[0].p_value, 1.0);
  EXPECT_LT(results[1].p_value, 1e-4) << results[1].finding;
}

}  // namespace
}  // namespace hippocrypt::privacy::audit
