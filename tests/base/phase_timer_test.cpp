#include "base/phase_timer.hpp"

#include <gtest/gtest.h>

namespace hippocrypt {
namespace {

TEST(PhaseTimerTest, AddsTheSpansOfAPhaseByTheClockThatItIsGiven) {
  double now = 100;
  PhaseTimer timer{[&] { return now; }};
  {
    const PhaseTimer::Span outer{&timer, "outer"};
    now += 2;
    for (int i = 0; i < 3; ++i) {
      const PhaseTimer::Span inner{&timer, "inner"};
      now += 0.5;
    }
  }
  timer.add("outer", 10);
  const auto seconds = timer.seconds();
  ASSERT_EQ(seconds.size(), 2U);
  EXPECT_DOUBLE_EQ(seconds.at("outer"), 13.5);
  EXPECT_DOUBLE_EQ(seconds.at("inner"), 1.5);
}

TEST(PhaseTimerTest, ASpanWithoutATimerDoesNothing) {
  const PhaseTimer::Span span{nullptr, "nothing"};
}

}  // namespace
}  // namespace hippocrypt
