#include "federation/client/work_slots.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <thread>
#include <vector>

namespace hippocrypt::federation {
namespace {

TEST(WorkSlotsTest, NeverMoreAtWorkThanThereAreSlots) {
  WorkSlots slots{3};
  std::atomic<int> at_work{0}, most{0}, done{0};
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      for (int k = 0; k < 50; ++k) {
        const auto slot = WorkSlots::acquire(&slots);
        const int now = ++at_work;
        for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
        }
        std::this_thread::yield();
        --at_work;
        ++done;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  EXPECT_LE(most, 3);
  EXPECT_EQ(done, 16 * 50);
}

TEST(WorkSlotsTest, ASlotIsGivenBackOnce) {
  WorkSlots slots{1};
  {
    auto first = WorkSlots::acquire(&slots);
    auto moved = std::move(first);
    moved.release();
    const auto second = WorkSlots::acquire(&slots);  // would wait for ever otherwise
  }
  const auto third = WorkSlots::acquire(&slots);
}

TEST(WorkSlotsTest, NoSlotsAreNoLimit) {
  const auto first = WorkSlots::acquire(nullptr);
  const auto second = WorkSlots::acquire(nullptr);
}

TEST(WaitOutTest, EndsAtOnceWhenStoppedOrWithNothingToWaitFor) {
  const std::atomic<bool> stop{true}, go{false};
  wait_out(std::chrono::hours{1}, stop);
  wait_out(std::chrono::seconds{-1}, go);
  wait_out(std::chrono::microseconds{1}, go);
}

}  // namespace
}  // namespace hippocrypt::federation
