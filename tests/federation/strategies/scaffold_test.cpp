#include "federation/aggregator/strategies/scaffold.hpp"

#include <gtest/gtest.h>

#include "contributions_of.hpp"

namespace hippocrypt::federation {
namespace {

using test_support::contributions_of;

TEST(ScaffoldTest, MovesTheControlVariateByTheShareOfThoseInTheRound) {
  // Two hospitals of weights 3 and 1 in a federation of 8: half of the weight is there.
  Scaffold strategy{{2.0, 8}};
  const auto all = contributions_of({{1, 4}, {5, 8}}, {3, 1});
  EXPECT_EQ(strategy.apply(std::vector<float>{10, 20}, all).value(),
            (std::vector<float>{10 + 2 * 2, 20 + 2.5F}));
  EXPECT_EQ(strategy.apply(std::vector<float>{10, 20}, test_support::summed(all)).value(),
            (std::vector<float>{10 + 2 * 2, 20 + 2.5F}));
  EXPECT_TRUE(strategy.save().empty());
}

TEST(ScaffoldTest, RefusesAVectorThatIsNoPair) {
  Scaffold strategy{{1.0, 1}};
  const auto refused = strategy.apply(std::vector<float>{1, 2, 3}, contributions_of({{1, 2, 3}}));
  EXPECT_EQ(refused.error().code, Errc::mismatch);
  EXPECT_EQ(strategy.apply(std::vector<float>{1, 2}, contributions_of({{1}})).error().code,
            Errc::mismatch);
}

}  // namespace
}  // namespace hippocrypt::federation
