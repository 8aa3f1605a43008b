#include "federation/aggregator/plain_collector.hpp"

#include <gtest/gtest.h>

#include <limits>

namespace hippocrypt::federation {
namespace {

using Names = std::vector<std::string>;

Update update_of(const std::string& hospital, std::vector<float> values) {
  Update update;
  update.hospital = hospital;
  update.round = 7;
  update.values = std::move(values);
  return update;
}

class PlainCollectorTest : public testing::Test {
 protected:
  PlainCollectorTest() { EXPECT_TRUE(collector_.begin(7, 1, {"b", "a", "c"}).empty()); }
  Errc error_of(const std::string& hospital, std::vector<float> values) {
    return collector_.receive_update(update_of(hospital, std::move(values))).error().code;
  }
  PlainCollector collector_{{{"a", 1}, {"b", 2}, {"c", 3}, {"d", 4}}, 2};
};

TEST_F(PlainCollectorTest, GathersOnePhaseOfUpdatesInTheConfigsOrder) {
  EXPECT_EQ(collector_.phase(), PhaseKind::updates);
  EXPECT_FALSE(collector_.can_go_on());
  ASSERT_TRUE(collector_.receive_update(update_of("a", {1, 2})).has_value());
  ASSERT_TRUE(collector_.receive_update(update_of("b", {3, 4})).has_value());
  EXPECT_TRUE(collector_.can_go_on());
  EXPECT_EQ(collector_.awaited(), std::set<std::string>{"c"});
  EXPECT_EQ(collector_.contributors(), (Names{"b", "a"}));
  const PhaseResult closed = collector_.close_phase();
  EXPECT_TRUE(closed.done && closed.send.empty() && !closed.persist_first);
  EXPECT_TRUE(collector_.awaited().empty());
  const Contributions all = collector_.take().value();
  EXPECT_EQ(all.round, 7U);
  EXPECT_EQ(all.hospitals, (Names{"b", "a"}));
  EXPECT_FALSE(all.summed);
  EXPECT_EQ(all.updates, (std::vector<std::vector<float>>{{3, 4}, {1, 2}}));
  EXPECT_EQ(all.weights, (std::vector<std::uint32_t>{2, 1}));
}

TEST_F(PlainCollectorTest, CountsARepeatedUpdateOnce) {
  ASSERT_TRUE(collector_.receive_update(update_of("a", {1, 2})).has_value());
  EXPECT_EQ(error_of("a", {9, 9}), Errc::stale);
  collector_.close_phase();
  EXPECT_EQ(collector_.take().value().updates.front(), (std::vector<float>{1, 2}));
}

TEST_F(PlainCollectorTest, WhoIsNotAwaitedChangesNothing) {
  EXPECT_EQ(error_of("d", {1, 2}), Errc::stale);
  collector_.close_phase();
  EXPECT_EQ(error_of("a", {1, 2}), Errc::stale);
}

TEST_F(PlainCollectorTest, AFaultyUpdateIsRefusedAndAwaitedStill) {
  EXPECT_EQ(error_of("a", {1}), Errc::mismatch);
  EXPECT_EQ(error_of("a", {1, std::numeric_limits<float>::quiet_NaN()}), Errc::not_finite);
  EXPECT_EQ(collector_.awaited().count("a"), 1U);
  EXPECT_TRUE(collector_.receive_update(update_of("a", {1, 2})).has_value());
}

TEST_F(PlainCollectorTest, WithoutContributorsTheAttemptIsVoid) {
  const PhaseResult closed = collector_.close_phase();
  EXPECT_FALSE(closed.done);
  EXPECT_EQ(closed.void_reason, "nobody contributed");
}

TEST_F(PlainCollectorTest, GathersAnewAfterARestart) {
  PlainCollector again{{{"a", 1}}, 1};
  ASSERT_TRUE(again.restore(3, 2, {"a"}, {}).has_value());
  EXPECT_EQ(again.awaited(), std::set<std::string>{"a"});
  EXPECT_TRUE(again.remind("a").empty());
  const std::vector<JournalEntry> entries(1);
  EXPECT_EQ(again.restore(3, 2, {"a"}, entries).error().code, Errc::mismatch);
}

}  // namespace
}  // namespace hippocrypt::federation
