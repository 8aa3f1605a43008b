#include "cli/support/progress.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>
#include <thread>
#include <vector>

namespace hippocrypt::cli {
namespace {

std::size_t count(const std::string& text, char c) {
  return static_cast<std::size_t>(std::count(text.begin(), text.end(), c));
}

TEST(ProgressLines, SayStartQuartersAndEnd) {
  std::ostringstream out;
  Progress progress{out, {.style = ProgressStyle::lines}};
  progress.begin("round 1/2", 8);
  for (int i = 0; i < 8; ++i) progress.advance();
  progress.end("loss 3.10");
  EXPECT_EQ(
      out.str(),
      "round 1/2 ...\nround 1/2: 2/8\nround 1/2: 4/8\nround 1/2: 6/8\nround 1/2: loss 3.10\n");
}

TEST(ProgressLines, HoldNoCarriageReturns) {
  std::ostringstream out;
  {
    Progress progress{out, {.style = ProgressStyle::lines}};
    progress.begin("round", 2);
    progress.advance(1, "st-anna");
    progress.note("a note");
  }
  EXPECT_EQ(count(out.str(), '\r'), 0U);
  EXPECT_NE(out.str().find("a note\n"), std::string::npos);
}

TEST(ProgressBar, RedrawsOneLine) {
  std::ostringstream out;
  Progress progress{out, {.style = ProgressStyle::bar}};
  progress.begin("round 1/2", 4);
  progress.advance(2, "st-anna");
  EXPECT_EQ(out.str(),
            "\rround 1/2 [>                       ] 0/4"
            "\rround 1/2 [============>           ] 2/4 st-anna");
  EXPECT_EQ(count(out.str(), '\n'), 0U);
}

TEST(ProgressBar, CoversWhatALongerLineLeft) {
  std::ostringstream out;
  Progress progress{out, {.style = ProgressStyle::bar}};
  progress.begin("r", 4);
  progress.advance(1, "st-anna");
  out.str("");
  progress.advance(1, "b");
  EXPECT_EQ(out.str(), "\rr [============>           ] 2/4 b      ");
}

TEST(ProgressBar, ClearsItselfBeforeALastingLine) {
  std::ostringstream out;
  Progress progress{out, {.style = ProgressStyle::bar}};
  progress.begin("r", 1);
  const std::size_t width = out.str().size() - 1;
  out.str("");
  progress.end("done");
  EXPECT_EQ(out.str(), "\r" + std::string(width, ' ') + "\rr: done\n");
}

TEST(ProgressBar, StaysNarrowerThanTheTerminal) {
  std::ostringstream out;
  Progress progress{out, {.style = ProgressStyle::bar, .columns = 20}};
  progress.begin("a title that is longer than the terminal is wide", 4);
  EXPECT_EQ(out.str(), "\ra title that is lon");
}

TEST(ProgressBar, ClearsItselfWhenDropped) {
  std::ostringstream out;
  {
    Progress progress{out, {.style = ProgressStyle::bar}};
    progress.begin("r", 2);
  }
  EXPECT_EQ(out.str().back(), '\r');
}

TEST(ProgressBar, StopsAtTheTotal) {
  std::ostringstream out;
  Progress progress{out, {.style = ProgressStyle::bar}};
  progress.begin("r", 3);
  progress.advance(100);
  EXPECT_NE(out.str().find("[========================] 3/3"), std::string::npos);
}

TEST(ProgressQuiet, WritesNothing) {
  std::ostringstream out;
  {
    Progress progress{out, {.style = ProgressStyle::quiet}};
    progress.begin("r", 2);
    progress.advance();
    progress.note("note");
    progress.end("done");
  }
  EXPECT_EQ(out.str(), "");
}

TEST(Progress, IgnoresStragglersAfterTheEnd) {
  std::ostringstream out;
  Progress progress{out, {.style = ProgressStyle::lines}};
  progress.begin("r", 2);
  progress.end("done");
  progress.advance(1, "late");
  EXPECT_EQ(out.str(), "r ...\nr: done\n");
}

TEST(Progress, CountsEveryStepOfManyThreads) {
  std::ostringstream out;
  Progress progress{out, {.style = ProgressStyle::bar}};
  constexpr std::uint64_t each = 500;
  progress.begin("r", 4 * each);
  {
    std::vector<std::jthread> threads;
    for (int t = 0; t < 4; ++t)
      threads.emplace_back([&] {
        for (std::uint64_t i = 0; i < each; ++i) progress.advance();
      });
  }
  EXPECT_NE(out.str().find("] 2000/2000"), std::string::npos);
}

TEST(ProgressDeathTest, RefusesAStageWithoutSteps) {
  std::ostringstream out;
  Progress progress{out, {}};
  EXPECT_DEATH(progress.begin("r", 0), "total > 0");
}

}  // namespace
}  // namespace hippocrypt::cli
