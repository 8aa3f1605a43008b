// What a run prints: one line a round, at most one a hospital and round.

#include "cli/support/round_console.hpp"

#include <gtest/gtest.h>

#include <limits>
#include <sstream>

namespace hippocrypt::cli {
namespace {

namespace metrics = federation::metrics;

class RoundConsoleTest : public ::testing::Test {
 protected:
  void start(std::uint32_t hospitals) {
    metrics::RunStart start;
    start.rounds_planned = 20;
    start.steps_per_round = 4;
    for (std::uint32_t i = 0; i < hospitals; ++i) start.budgets["h" + std::to_string(i)] = 8;
    console_.hear(start);
  }
  void contribute(const std::string& name, double epsilon = 1.92, double budget = 8) {
    metrics::Hospital part{name, 7, "contributed", ""};
    part.seconds = 238;
    part.epsilon = epsilon;
    part.budget = budget;
    part.bytes_up = 21'000'000;
    console_.hear(part);
  }
  void close(std::map<std::string, metrics::Absence> absent = {}, double loss = 1.284) {
    metrics::Round round;
    round.round = 7;
    round.outcome = "closed";
    round.contributed = {"h0", "h1"};
    round.absent = std::move(absent);
    round.seconds = 252;
    round.bytes_up = 147'000'000;
    round.loss = loss;
    console_.hear(round);
  }
  std::string text() const { return out_.str(); }

  std::ostringstream out_;
  Progress progress_{out_, {ProgressStyle::ends, 80}};
  RoundConsole console_{progress_};
};

TEST_F(RoundConsoleTest, OneLineARoundAndAHospital) {
  start(3);
  console_.hear(metrics::Step{"h0", 7, 1, 1.5});
  contribute("h0");
  contribute("h1", 2, std::numeric_limits<double>::infinity());
  close({{"h2", {"late", "40 s after the deadline"}}});
  EXPECT_EQ(text(),
            "round 7/20: 2 contributed, 1 absent; training loss 1.2840; 4 m 12 s; 147 MB up\n"
            "  h0  ok    3 m 58 s  21.0 MB up  eps 1.92/8.00\n"
            "  h1  ok    3 m 58 s  21.0 MB up  eps 2.00/unlimited\n"
            "  h2  late  40 s after the deadline\n");
}

TEST_F(RoundConsoleTest, TheNextRoundSaysHowTheLossMoved) {
  start(2);
  close({}, 1.3);
  close({}, 1.25);
  EXPECT_NE(text().find("training loss 1.2500 (-0.0500)"), std::string::npos) << text();
}

TEST_F(RoundConsoleTest, WhatHospitalsSawOfTheirHeldOutNotesIsTheirMean) {
  start(2);
  metrics::Round round;
  round.round = 3;
  round.outcome = "closed";
  round.heldout_loss = 4.75;
  round.aggregation_error = 0.25;
  console_.hear(round);
  EXPECT_NE(text().find("; held-out loss before it 4.7500; aggregation error 0.25\n"),
            std::string::npos)
      << text();
}

TEST_F(RoundConsoleTest, OfManyHospitalsOnlyTheRemarkableGetALine) {
  start(100);
  for (int i = 0; i < 98; ++i) contribute("h" + std::to_string(i));
  contribute("h98", 7.5);
  close({{"h99", {"silent", ""}}});
  std::istringstream lines{text()};
  std::size_t count = 0;
  for (std::string line; std::getline(lines, line);) ++count;
  EXPECT_EQ(count, 3U) << text();
  EXPECT_NE(text().find("\n  h98  ok    3 m 58 s  21.0 MB up  eps 7.50/8.00\n"), std::string::npos);
  EXPECT_NE(text().find("\n  h99  silent\n"), std::string::npos);
}

TEST_F(RoundConsoleTest, AVoidAttemptSaysSo) {
  start(2);
  metrics::Round round;
  round.round = 3;
  round.outcome = "retried";
  round.note = "2 of 3 needed";
  console_.hear(round);
  EXPECT_EQ(text(), "round 3/20: retried, 0 contributed; 2 of 3 needed\n");
}

TEST_F(RoundConsoleTest, NotesAndFailuresAreSaid) {
  start(2);
  console_.hear(metrics::Note{"h0", 0, "120 training units"});
  console_.hear(metrics::Note{"h0", 3, "sits out"});  // its round says that
  console_.hear(metrics::RunEnd{"finished", "", {{"h1", "gone"}}, "", 20, 1});
  EXPECT_EQ(text(), "h0: 120 training units\n");
  console_.hear(metrics::RunEnd{"failed", "", {{"h1", "gone"}}, "", 20, 1});
  EXPECT_NE(text().find("h1 did not end well: gone\n"), std::string::npos);
}

}  // namespace
}  // namespace hippocrypt::cli
