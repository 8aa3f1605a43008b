#include "federation/common/quorum.hpp"

#include <gtest/gtest.h>

namespace hippocrypt::federation {
namespace {

TEST(QuorumTest, IsAMajorityUnlessItIsGiven) {
  EXPECT_EQ(quorum_of(0, 1, 1), 1U);
  EXPECT_EQ(quorum_of(0, 2, 1), 2U);
  EXPECT_EQ(quorum_of(0, 3, 1), 2U);
  EXPECT_EQ(quorum_of(0, 4, 1), 3U);
  EXPECT_EQ(quorum_of(0, 100, 1), 51U);
  EXPECT_EQ(quorum_of(1, 100, 1), 1U);
  EXPECT_EQ(quorum_of(7, 8, 0), 7U);
}

TEST(QuorumTest, IsNeverBelowWhatSecureAggregationNeeds) {
  EXPECT_EQ(quorum_of(0, 3, 3), 3U);
  EXPECT_EQ(quorum_of(2, 8, 6), 6U);
  EXPECT_EQ(quorum_of(0, 2, 3), 3U);  // more than there are: no round can count
}

}  // namespace
}  // namespace hippocrypt::federation
