#include <gtest/gtest.h>

#include "tests/federation/sample_messages.hpp"
#include "tests/support/golden_frames.hpp"

namespace hippocrypt::federation {
namespace {

TEST(GoldenFramesTest, EveryMessageHasItsBytes) {
  test_support::expect_golden_frames("federation/golden", test::sample_frames(), 16, 0xffff);
}

}  // namespace
}  // namespace hippocrypt::federation
