#include "federation/session/for_aggregator.hpp"

#include <gtest/gtest.h>

namespace hippocrypt::federation {
namespace {

TEST(ForAggregatorTest, ReasonsStayAtTheHospital) {
  Update update;
  update.hospital = "st-anna";
  update.round = 3;
  update.reason = "note n7 of patient P-0042 is a conversation";
  for (const auto status : {UpdateStatus::failed, UpdateStatus::sat_out}) {
    update.status = status;
    const Update told = for_aggregator(update);
    EXPECT_EQ(told.reason, "");
    EXPECT_EQ(told.status, status);
    EXPECT_EQ(told.hospital, "st-anna");
    EXPECT_EQ(told.round, 3U);
  }
}

TEST(ForAggregatorTest, LengthsDoNotSayWhyThereIsNoUpdate) {
  Update failed, sat_out;
  failed.status = UpdateStatus::failed;
  failed.reason = "note n7 of patient P-0042 is a conversation";
  sat_out.status = UpdateStatus::sat_out;
  sat_out.round = 0xffffffff;
  EXPECT_EQ(encode(for_aggregator(failed)).size(), encode(for_aggregator(sat_out)).size());
}

TEST(ForAggregatorTest, AContributionStaysAsItIs) {
  Update update;
  update.values = {1, 2, 3};
  EXPECT_EQ(for_aggregator(update).values, update.values);
}

}  // namespace
}  // namespace hippocrypt::federation
