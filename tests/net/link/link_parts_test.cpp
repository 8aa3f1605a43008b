// Parts of Listener and Connector that need no socket.

#include <gtest/gtest.h>

#include "net/link/proxy.hpp"
#include "net/link/rate_limiter.hpp"
#include "net/link/strangers.hpp"

namespace hippocrypt::net {
namespace {

using std::chrono::milliseconds;

TEST(ProxyTest, ReadsItsAddress) {
  EXPECT_EQ(parse_proxy("http://proxy.example:3128/").value().host, "proxy.example");
  EXPECT_EQ(parse_proxy("http://proxy.example:3128").value().port, "3128");
  EXPECT_EQ(parse_proxy("http://[::1]:8080").value().host, "::1");
  for (const char* text : {"", "proxy:3128", "http://proxy", "http://proxy:0", "http://proxy:70000",
                           "http://:80", "https://proxy:80", "http://a@b:80", "http://p:80/x"}) {
    EXPECT_FALSE(parse_proxy(text).has_value()) << text;
  }
}

TEST(StrangersTest, TheOldestOfTheFullestAddressGoes) {
  Strangers strangers{5, 3};
  EXPECT_FALSE(strangers.add(1, "a") || strangers.add(2, "b") || strangers.add(3, "b"));
  EXPECT_FALSE(strangers.add(4, "b"));
  EXPECT_EQ(strangers.add(5, "b"), 2U);  // its address is full
  EXPECT_FALSE(strangers.add(6, "c"));
  EXPECT_EQ(strangers.add(7, "d"), 3U);  // the pool is full; "a" and "c" stay
  EXPECT_EQ(strangers.size(), 5U);
  strangers.remove(1);
  EXPECT_FALSE(strangers.add(8, "a"));
}

TEST(RateLimiterTest, AllowsABurstAndThenTheRate) {
  const RateLimiter::Clock::time_point start{};
  RateLimiter limiter{10, start};
  for (int i = 0; i < 10; ++i) EXPECT_EQ(limiter.take(start).count(), 0);
  EXPECT_NEAR(static_cast<double>(limiter.take(start).count()), 100, 1);
  EXPECT_EQ(limiter.take(start + milliseconds{101}).count(), 0);
  EXPECT_GT(limiter.take(start + milliseconds{101}).count(), 0);
  RateLimiter open{0, start};
  for (int i = 0; i < 1000; ++i) EXPECT_EQ(open.take(start).count(), 0);
}

}  // namespace
}  // namespace hippocrypt::net
