#include "federation/common/simulation_config.hpp"

#include <gtest/gtest.h>

namespace hippocrypt::federation {
namespace {

TEST(ParseFailureTest, ReadsEveryKind) {
  EXPECT_EQ(parse_failure("crash@3").value(), (Failure{FailureKind::crash, 3, 3, false, 1}));
  EXPECT_EQ(parse_failure("crash@3:restart").value(), (Failure{FailureKind::crash, 3, 3, true, 1}));
  EXPECT_EQ(parse_failure("offline@2-4").value(), (Failure{FailureKind::offline, 2, 4, false, 1}));
  EXPECT_EQ(parse_failure("slow@5:x4").value(), (Failure{FailureKind::slow, 5, 5, false, 4}));
  EXPECT_EQ(parse_failure("slow@5-9:x1.5").value(), (Failure{FailureKind::slow, 5, 9, false, 1.5}));
  EXPECT_EQ(parse_failure("corrupt@6").value(), (Failure{FailureKind::corrupt, 6, 6, false, 1}));
}

TEST(ParseFailureTest, SaysWhatIsWrong) {
  const auto expect = [](const char* word, const char* part) {
    const auto failure = parse_failure(word);
    ASSERT_FALSE(failure) << word;
    EXPECT_EQ(failure.error().code, Errc::invalid_config);
    EXPECT_NE(failure.error().detail.find(part), std::string::npos) << failure.error().detail;
    EXPECT_NE(failure.error().detail.find(word), std::string::npos) << failure.error().detail;
  };
  expect("crash", "no @");
  expect("explode@3", "no known failure");
  expect("crash@0", "no round from 1");
  expect("crash@", "no round from 1");
  expect("offline@4-2", "no round from 1");
  expect("offline@2-", "no round from 1");
  expect("crash@2-3", "one round");
  expect("crash@3:later", "nothing but :restart");
  expect("crash@3:", "nothing but :restart");
  expect("slow@5", "factor above 1");
  expect("slow@5:x1", "factor above 1");
  expect("slow@5:4", "factor above 1");
  expect("slow@5:xinf", "factor above 1");
  expect("corrupt@6:x2", "takes no option");
}

TEST(SiteConfigTest, SpeedAndSlowRoundsMultiply) {
  SiteConfig site;
  EXPECT_TRUE(site.is_plain());
  site.speed = 0.5;
  site.failures = {{FailureKind::slow, 2, 3, false, 4}, {FailureKind::offline, 3, 3, false, 1}};
  EXPECT_FALSE(site.is_plain());
  EXPECT_EQ(site.slowness(1), 2);
  EXPECT_EQ(site.slowness(2), 8);
  EXPECT_FALSE(site.fails(FailureKind::offline, 2));
  EXPECT_TRUE(site.fails(FailureKind::offline, 3));
  EXPECT_FALSE(site.fails(FailureKind::crash, 3));
}

TEST(SimulationConfigTest, LooksAtHeldOutNotesComeEverySoManyRounds) {
  SimulationConfig config;
  EXPECT_FALSE(config.evaluates_before(1));
  EXPECT_EQ(config.evaluations(100), 0U);
  config.evaluate_every = 10;
  std::uint32_t looks = 0;
  for (std::uint32_t round = 2; round <= 50; ++round) looks += config.evaluates_before(round);
  EXPECT_TRUE(config.evaluates_before(1));
  EXPECT_TRUE(config.evaluates_before(11));
  EXPECT_EQ(config.evaluations(50), looks);
  EXPECT_EQ(config.evaluations(51), 5U);
  EXPECT_EQ(config.evaluations(1), 0U);
}

TEST(SiteConfigTest, AMessageTakesItsBytesAndTheWay) {
  SiteConfig site;
  EXPECT_EQ(site.transfer_seconds(1'000'000), 0);
  site.link_mbit = 8;
  site.link_ms = 20;
  EXPECT_DOUBLE_EQ(site.transfer_seconds(1'000'000), 1.02);
}

}  // namespace
}  // namespace hippocrypt::federation
