#include "federation/report/run_history.hpp"

#include <gtest/gtest.h>

#include <cmath>

namespace hippocrypt::federation::metrics {
namespace {

Metrics metrics_of(std::vector<Event> events) {
  Metrics metrics;
  for (auto& event : events) {
    metrics.lines.push_back({"t" + std::to_string(metrics.lines.size()), std::move(event)});
  }
  return metrics;
}

RunStart start_at(std::uint32_t first_round) {
  RunStart start;
  start.rounds_planned = 4;
  start.first_round = first_round;
  return start;
}

TEST(RunHistoryTest, AnEmptyFileIsAnEmptyHistory) {
  const auto history = history_of({});
  EXPECT_EQ(history.completed(), 0U);
  EXPECT_TRUE(history.started.empty() && !history.end && history.hospitals.empty());
}

TEST(RunHistoryTest, RoundsHospitalsAndLossesComeTogether) {
  const auto history = history_of(
      metrics_of({start_at(1), Step{"a", 1, 1, 2.0}, Step{"a", 1, 2, unknown}, Step{"a", 1, 3, 4.0},
                  Round{1, 1, "retried", {}, {{"b", {"silent", "gone"}}}, ""},
                  Round{1, 2, "closed", {"a"}, {{"b", {"silent", "gone"}}}, "", 3.0},
                  Hospital{"a", 2, "contributed", "", 1.0, 0.5, 1e-5, 8, 1, 2, 1.5},
                  Round{2, 1, "closed", {"a", "b"}, {}, ""}, RunEnd{"finished", "", {}, "", 2}}));
  EXPECT_EQ(history.started, "t0");
  EXPECT_EQ(history.ended, "t8");
  EXPECT_EQ(history.completed(), 2U);
  EXPECT_EQ(history.void_before.at(1), 1U);
  EXPECT_EQ(history.rounds.at(1).attempt, 2U);
  EXPECT_EQ(history.hospitals.at("a").at(1).status, "contributed");
  EXPECT_EQ(history.hospitals.at("a").at(1).loss, 3.0);
  EXPECT_EQ(history.hospitals.at("a").at(2).epsilon, 0.5);
  EXPECT_EQ(history.hospitals.at("b").at(1).status, "silent");
  EXPECT_EQ(history.hospitals.at("b").at(1).detail, "gone");
  EXPECT_EQ(history.hospitals.at("b").at(2).status, "contributed");
  EXPECT_EQ(history.end->status, "finished");
  EXPECT_EQ(history.resumed, 0U);
}

TEST(RunHistoryTest, AHospitalThatTrainedAndIsNotInTheSumIsAbsent) {
  const auto history = history_of(metrics_of(
      {Hospital{"a", 1, "contributed", ""}, Hospital{"b", 1, "sat out", "no budget"},
       Round{1, 1, "closed", {}, {{"a", {"late", "pruned"}}, {"b", {"sat out", ""}}}, ""}}));
  EXPECT_EQ(history.hospitals.at("a").at(1).status, "late");
  EXPECT_EQ(history.hospitals.at("a").at(1).detail, "pruned");
  EXPECT_EQ(history.hospitals.at("b").at(1).status, "sat out");
  EXPECT_EQ(history.hospitals.at("b").at(1).detail, "no budget");
}

TEST(RunHistoryTest, AResumedRunGoesOnAndRepeatsCountOnce) {
  const auto history = history_of(
      metrics_of({start_at(1), Step{"a", 1, 1, 2.0}, Round{1, 1, "closed", {"a"}, {}, ""},
                  RunEnd{"interrupted", "", {}, "", 1}, start_at(2), Step{"a", 1, 1, 6.0},
                  Round{1, 1, "closed", {"a"}, {}, ""}, Round{2, 1, "closed", {"a"}, {}, ""}}));
  EXPECT_EQ(history.resumed, 1U);
  EXPECT_FALSE(history.end.has_value()) << "it went on after that end";
  EXPECT_EQ(history.completed(), 2U);
  EXPECT_TRUE(history.void_before.empty());
  EXPECT_EQ(history.hospitals.at("a").at(1).loss, 6.0);
}

}  // namespace
}  // namespace hippocrypt::federation::metrics
