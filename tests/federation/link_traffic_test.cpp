#include "federation/plan/link_traffic.hpp"

#include <gtest/gtest.h>

namespace hippocrypt::federation {
namespace {

TEST(LinkTrafficTest, OneShortFrameHasItsHeadersCounted) {
  // Block header 40, WebSocket 10 and a mask of 4, one TLS record of 22; an acknowledgement back.
  const Traffic one = on_link({100, 0}, {1, 0});
  EXPECT_EQ(one.up, 100U + 40U + 14U + 22U);
  EXPECT_EQ(one.down, 40U + 2U + 22U);
  const Traffic back = on_link({0, 100}, {0, 1});
  EXPECT_EQ(back.down, 100U + 40U + 10U + 22U);
  EXPECT_EQ(back.up, 40U + 6U + 22U) << "who connects masks";
  EXPECT_EQ(on_link({0, 0}, {0, 0}), (Traffic{0, 0}));
}

TEST(LinkTrafficTest, LongFramesCostLittle) {
  // 3 MiB in blocks of 1 MiB, in records of 16 KiB.
  const std::uint64_t bytes = 3U << 20;
  const Traffic on = on_link({bytes, bytes}, {1, 1});
  EXPECT_GT(on.up, bytes);
  EXPECT_LT(static_cast<double>(on.up), 1.002 * static_cast<double>(bytes));
  EXPECT_LT(static_cast<double>(on.down), 1.002 * static_cast<double>(bytes));
  const Traffic many = on_link({64U * (64U << 10), 0}, {64, 0});
  EXPECT_LT(static_cast<double>(many.up), 1.003 * 64 * (64 << 10));
}

TEST(LinkTrafficTest, RatesAndTimesAreEachOthersReverse) {
  const LinkRate rate = link_rate({1'250'000, 2'500'000}, 2);
  EXPECT_DOUBLE_EQ(rate.up, 5);
  EXPECT_DOUBLE_EQ(rate.down, 10);
  EXPECT_DOUBLE_EQ(seconds_on_link({1'250'000, 2'500'000}, rate), 2);
  EXPECT_DOUBLE_EQ(seconds_on_link({1'250'000, 2'500'000}, {5, 20}), 2);
  EXPECT_DOUBLE_EQ(seconds_on_link({1'250'000, 2'500'000}, {5, 5}), 4);
}

}  // namespace
}  // namespace hippocrypt::federation
