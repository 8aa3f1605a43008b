#include "actors/gateways/fair_queue.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace hippocrypt::actors {
namespace {

std::vector<std::string> drain(FairQueue<char, int>& queue) {
  std::vector<std::string> order;
  while (auto next = queue.pop()) order.push_back(next->first + std::to_string(next->second));
  return order;
}

TEST(FairQueueTest, OneOfEachInTurnAndEachInItsOrder) {
  FairQueue<char, int> queue;
  for (const int item : {1, 2, 3, 4}) queue.push('a', item);
  queue.push('b', 1);
  queue.push('c', 1);
  queue.push('c', 2);
  EXPECT_EQ(queue.size(), 7U);
  EXPECT_EQ(drain(queue), (std::vector<std::string>{"a1", "b1", "c1", "a2", "c2", "a3", "a4"}));
  EXPECT_EQ(queue.size(), 0U);
}

TEST(FairQueueTest, WhoHadNothingWaitingIsLastButWaitsForOneRoundOnly) {
  FairQueue<char, int> queue;
  for (int item = 0; item < 100; ++item) queue.push('a', item);
  EXPECT_EQ(queue.pop()->second, 0);
  queue.push('b', 7);
  EXPECT_EQ(queue.pop()->first, 'a');
  EXPECT_EQ(queue.pop()->first, 'b');
  EXPECT_EQ(queue.pop()->second, 2);
}

TEST(FairQueueTest, ADroppedPeerLeavesTheOthersInTheirTurn) {
  FairQueue<char, int> queue;
  for (const char peer : {'a', 'b', 'c'}) {
    for (const int item : {1, 2}) queue.push(peer, item);
  }
  EXPECT_EQ(queue.drop('b'), 2U);
  EXPECT_EQ(queue.drop('b'), 0U);
  EXPECT_EQ(queue.size(), 4U);
  EXPECT_EQ(drain(queue), (std::vector<std::string>{"a1", "c1", "a2", "c2"}));
  EXPECT_FALSE(queue.pop());
}

}  // namespace
}  // namespace hippocrypt::actors
