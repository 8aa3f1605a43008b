#include "tests/support/allocation_meter.hpp"

#include <gtest/gtest.h>

#include <thread>
#include <vector>

namespace hippocrypt::test {
namespace {

constexpr std::size_t mebibyte = std::size_t{1} << 20;

TEST(AllocationMeterTest, CountsWhatIsLiveAtOnce) {
  const AllocationMeter meter;
  { const std::vector<char> first(3 * mebibyte); }
  const std::vector<char> second(2 * mebibyte), third(2 * mebibyte);
  EXPECT_GE(meter.peak_bytes(), 4 * mebibyte);
  EXPECT_LT(meter.peak_bytes(), 5 * mebibyte);
}

TEST(AllocationMeterTest, ForgetsWhatWasLiveBefore) {
  const std::vector<char> before(8 * mebibyte);
  const AllocationMeter meter;
  EXPECT_LT(meter.peak_bytes(), mebibyte);
}

TEST(AllocationMeterTest, SeesOtherThreads) {
  const AllocationMeter meter;
  std::jthread{[] { const std::vector<char> there(2 * mebibyte); }}.join();
  EXPECT_GE(meter.peak_bytes(), 2 * mebibyte);
}

TEST(AllocationMeterTest, CountsAlignedMemory) {
  struct alignas(64) Line {
    char bytes[64];
  };
  const AllocationMeter meter;
  { const std::vector<Line> lines(mebibyte / 64); }
  EXPECT_GE(meter.peak_bytes(), mebibyte);
}

}  // namespace
}  // namespace hippocrypt::test
