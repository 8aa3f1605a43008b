#include "base/parallel.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <stdexcept>
#include <vector>

namespace hippocrypt {
namespace {

TEST(ParallelTest, RunsEveryPieceOnceWhateverTheNumberOfThreads) {
  for (const std::size_t threads : {0U, 1U, 2U, 3U, 9U}) {
    std::vector<std::atomic<int>> seen(7);
    std::atomic<bool> good_worker{true};
    run_pieces(seen.size(), threads, [&](std::size_t index, std::size_t worker) {
      ++seen[index];
      if (worker >= std::max<std::size_t>(threads, 1)) good_worker = false;
    });
    for (const auto& count : seen) EXPECT_EQ(count, 1) << threads;
    EXPECT_TRUE(good_worker);
  }
  run_pieces(0, 2, [](std::size_t, std::size_t) { FAIL(); });
}

TEST(ParallelTest, CutsRangesByTheirSizeOnly) {
  for (const std::size_t threads : {1U, 3U}) {
    std::vector<std::atomic<int>> covered(10);
    std::vector<std::atomic<std::size_t>> count_at(10);
    run_ranges(10, 4, threads, [&](std::size_t begin, std::size_t count) {
      count_at[begin] = count;
      for (std::size_t i = 0; i < count; ++i) ++covered[begin + i];
    });
    for (const auto& times : covered) EXPECT_EQ(times, 1);
    EXPECT_EQ(count_at[0], 4U);
    EXPECT_EQ(count_at[4], 4U);
    EXPECT_EQ(count_at[8], 2U);
  }
}

TEST(ParallelTest, AnExceptionLeavesOnTheCallersThread) {
  for (const std::size_t threads : {1U, 2U, 4U}) {
    const auto run = [&] {
      run_pieces(20, threads, [](std::size_t index, std::size_t) {
        if (index % 5 == 3) throw std::length_error{"piece"};
      });
    };
    EXPECT_THROW(run(), std::length_error);
  }
}

}  // namespace
}  // namespace hippocrypt
