#include "federation/client/lot_packing.hpp"

#include <gtest/gtest.h>

#include <functional>

#include "base/random.hpp"
#include "privacy/audit/server_view.hpp"

namespace hippocrypt::federation {
namespace {

using Passes = std::vector<std::vector<std::size_t>>;

TEST(LotPackingTest, OnePassTakesAllThatFits) {
  const StepRoom room{1, 100, 40};
  EXPECT_EQ(room.lot_capacity(), 100U);
  const std::vector<std::uint32_t> tokens{40, 40, 20};
  EXPECT_EQ(split_lot({0, 1, 2}, tokens, room), (Passes{{0, 1, 2}}));
  EXPECT_EQ(split_lot({}, tokens, room), (Passes{{}}));
}

TEST(LotPackingTest, UnitsStayWholeAndEmptyPassesAreThere) {
  const StepRoom room{3, 100, 40};
  const std::vector<std::uint32_t> tokens{40, 40, 30, 10};
  EXPECT_EQ(split_lot({0, 1, 2, 3}, tokens, room), (Passes{{0, 1}, {2, 3}, {}}));
  EXPECT_EQ(split_lot({}, tokens, room), (Passes{{}, {}, {}}));
}

TEST(LotPackingTest, WhateverKeepsToTheCapacityFits) {
  SeededSequence random{1, "lots"};
  for (int trial = 0; trial < 2000; ++trial) {
    const StepRoom room{1 + random.below(5), 50 + random.below(50), 1 + random.below(50)};
    std::vector<std::uint32_t> tokens;
    std::vector<std::size_t> lot;
    std::size_t used = 0;
    while (true) {  // mostly the longest, which waste most
      const auto length = static_cast<std::uint32_t>(
          random.below(3) > 0 ? room.max_unit_tokens : 1 + random.below(room.max_unit_tokens));
      if (used + length > room.lot_capacity()) break;
      used += length;
      lot.push_back(tokens.size());
      tokens.push_back(length);
    }
    const auto passes = split_lot(lot, tokens, room);  // ends the process if it needs more
    ASSERT_EQ(passes.size(), room.passes);
    for (const auto& pass : passes) {
      std::size_t sum = 0;
      for (const std::size_t unit : pass) sum += tokens[unit];
      ASSERT_LE(sum, room.pass_tokens);
    }
  }
}

TEST(LotPackingTest, TheRoomComesFromTheConfiguration) {
  TrainingConfig training;
  training.accumulate = 3;
  training.max_patient_tokens = 200;
  EncryptionConfig encryption;
  encryption.train_tiles = 2;
  encryption.tile_tokens = 512;
  const StepRoom room = step_room(training, encryption);
  EXPECT_EQ(room.lot_capacity(), 1024U + 2U * (1024U - 199U));
}

using Packing = std::function<Passes(const std::vector<std::size_t>& lot,
                                     std::span<const std::uint32_t> tokens, const StepRoom& room)>;

/// What the server sees of steps whose passes are packed like this: every pass is padded to the
/// same tiles, so their number is all that could follow the lot.
std::vector<privacy::audit::CheckResult> server_view(const Packing& packing) {
  const StepRoom room{4, 100, 40};
  SeededSequence random{1, "lots"};
  std::vector<privacy::audit::ObservedStep> steps;
  for (int i = 0; i < 60; ++i) {
    std::vector<std::uint32_t> tokens;
    std::vector<std::size_t> lot;
    std::size_t used = 0;
    const std::size_t wanted = random.below(room.lot_capacity() - room.max_unit_tokens);
    while (used < wanted) {
      tokens.push_back(static_cast<std::uint32_t>(1 + random.below(room.max_unit_tokens)));
      used += tokens.back();
      lot.push_back(lot.size());
    }
    const std::uint64_t passes = packing(lot, tokens, room).size();
    steps.push_back({used, 8 * passes, 8 * passes * 24 * room.pass_tokens,
                     8 * passes * 16 * room.pass_tokens, random.uniform()});
  }
  return privacy::audit::check_server_view(steps, random, 10'000);
}

TEST(LotPackingTest, ThePlantedBugOfTilesThatFollowTheLotIsCaught) {
  for (const auto& result : server_view(split_lot)) {
    EXPECT_TRUE(result.passes(1e-3)) << result.name << ": " << result.finding;
  }
  const auto leaves_out_empty_passes = [](const std::vector<std::size_t>& lot,
                                          std::span<const std::uint32_t> tokens,
                                          const StepRoom& room) {
    Passes passes = split_lot(lot, tokens, room);
    while (passes.size() > 1 && passes.back().empty()) passes.pop_back();
    return passes;
  };
  const auto caught = server_view(leaves_out_empty_passes);
  EXPECT_EQ(caught.front().name, "server bytes");
  EXPECT_FALSE(caught.front().passes(1e-3)) << caught.front().finding;
}

}  // namespace
}  // namespace hippocrypt::federation
