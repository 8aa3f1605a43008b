#include "federation/client/lot_packing.hpp"

#include <gtest/gtest.h>

#include "base/random.hpp"

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

}  // namespace
}  // namespace hippocrypt::federation
