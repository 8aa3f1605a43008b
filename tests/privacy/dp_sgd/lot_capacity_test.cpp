#include "privacy/dp_sgd/lot_capacity.hpp"

#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>

namespace hippocrypt::privacy {
namespace {

TEST(DropToCapacity, DropsOnlyWhatItMustAndKeepsTheOrder) {
  SeededUniformSource source{SeededSequence{7, "drop"}};
  const std::vector<std::uint32_t> lengths(10, 100);
  std::vector<std::size_t> lot{0, 2, 4, 6, 8};
  EXPECT_EQ(drop_to_capacity(lot, lengths, 500, source), 0U);
  EXPECT_EQ(lot.size(), 5U);
  EXPECT_EQ(drop_to_capacity(lot, lengths, 299, source), 3U);
  EXPECT_EQ(lot.size(), 2U);
  EXPECT_TRUE(std::is_sorted(lot.begin(), lot.end()));
  EXPECT_EQ(drop_to_capacity(lot, lengths, 0, source), 2U);
  EXPECT_TRUE(lot.empty());
}

TEST(DropToCapacity, ChoosesEveryUnitEquallyOften) {
  SeededUniformSource source{SeededSequence{8, "drop"}};
  const std::vector<std::uint32_t> lengths(5, 10);
  std::vector<int> kept(5, 0);
  constexpr int trials = 20'000;
  for (int i = 0; i < trials; ++i) {
    std::vector<std::size_t> lot{0, 1, 2, 3, 4};
    drop_to_capacity(lot, lengths, 20, source);
    for (const std::size_t unit : lot) ++kept[unit];
  }
  for (const int count : kept) EXPECT_NEAR(count, trials * 0.4, 5.0 * std::sqrt(trials * 0.24));
}

TEST(DropToCapacityDeathTest, NeedsALengthForEveryUnit) {
  SeededUniformSource source{SeededSequence{9, "drop"}};
  const std::vector<std::uint32_t> lengths(2, 10);
  std::vector<std::size_t> lot{2};
  EXPECT_DEATH(drop_to_capacity(lot, lengths, 0, source), "without a length");
}

}  // namespace
}  // namespace hippocrypt::privacy
