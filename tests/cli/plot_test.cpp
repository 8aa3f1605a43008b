#include "cli/plot/epsilon_plot.hpp"

#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <limits>
#include <sstream>

#include "cli/plot/cairo_plot.hpp"
#include "cli/plot/terminal_plot.hpp"
#include "cli/support/text_table.hpp"
#include "tests/support/temporary_folder.hpp"

namespace hippocrypt::cli {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

EpsilonPlot sample() {
  EpsilonPlot plot{"Privacy spent: demo", {"unit: patient; delta 1e-05"}, {}};
  plot.curves.push_back(
      {"st-anna", {1.0, 2.0, 3.0, 4.0}, {2.0, 3.0, 4.0, 5.0}, {{2, "demo-2"}}, 8});
  plot.curves.push_back({"riverside", {1.0, 2.0}, {2.0, 3.0}, {}, infinity});
  return plot;
}

std::string read(const std::filesystem::path& file) {
  std::ostringstream text;
  text << std::ifstream{file, std::ios::binary}.rdbuf();
  return text.str();
}

TEST(AxisScale, HasRoundSteps) {
  EXPECT_EQ(axis_scale(8.32, 5).step, 2.0);
  EXPECT_EQ(axis_scale(8.32, 5).top, 10.0);
  EXPECT_EQ(axis_scale(100.0, 10).step, 10.0);
  EXPECT_EQ(axis_scale(100.0, 10).top, 100.0);
  EXPECT_NEAR(axis_scale(0.0031, 5).step, 0.001, 1e-15);
  EXPECT_GT(axis_scale(0.0, 5).top, 0.0);
}

TEST(EpsilonScale, HoldsCurvesAndBudgetsThatAreNotFarAbove) {
  EpsilonPlot plot = sample();
  EXPECT_GE(epsilon_scale(plot, 5).top, 8.0);
  plot.curves[0].budget = 1000.0;
  EXPECT_GE(epsilon_scale(plot, 5).top, 5.0);
  EXPECT_LT(epsilon_scale(plot, 5).top, 10.0);
  EXPECT_EQ(budgets_of(plot), std::vector<double>{1000.0});
  EXPECT_EQ(longest(plot), 4U);
}

TEST(ValueAt, IsLinearAndEndsWithTheCurve) {
  EXPECT_EQ(value_at({1.0, 3.0}, 0.0), 0.0);
  EXPECT_EQ(value_at({1.0, 3.0}, 0.5), 0.5);
  EXPECT_EQ(value_at({1.0, 3.0}, 1.0), 1.0);
  EXPECT_EQ(value_at({1.0, 3.0}, 1.5), 2.0);
  EXPECT_EQ(value_at({1.0, 3.0}, 2.0), 3.0);
  EXPECT_TRUE(std::isinf(value_at({1.0, 3.0}, 2.1)));
}

TEST(TerminalPlot, KeepsToItsWidth) {
  for (const std::size_t columns : {40U, 61U, 80U, 200U}) {
    for (const bool unicode : {true, false}) {
      std::istringstream lines{terminal_plot(sample(), {columns, 14, unicode})};
      for (std::string line; std::getline(lines, line);) {
        EXPECT_LE(display_width(line), columns) << line;
        if (!unicode) {
          EXPECT_EQ(display_width(line), line.size()) << "not ASCII: " << line;
        }
      }
    }
  }
}

TEST(TerminalPlot, ShowsCurvesBudgetBoundaryAndLegend) {
  const std::string text = terminal_plot(sample(), {100, 14, true});
  for (const char* part :
       {"Privacy spent: demo", "a st-anna: epsilon 4.0000 (RDP 5.0000) of 8", "demo-2 from round 3",
        "b riverside: epsilon 2.0000", "╌", "┊", "rounds", "unit: patient; delta 1e-05", "*"}) {
    EXPECT_NE(text.find(part), std::string::npos) << part << '\n' << text;
  }
  // The first curve goes on alone where the second ended: its letter is in the upper rows only.
  EXPECT_NE(text.find("aaa"), std::string::npos) << text;
}

TEST(TerminalPlot, SurvivesEmptyAndInfiniteCurves) {
  EpsilonPlot plot{"t", {}, {{"x", {}, {}, {}, infinity}, {"y", {infinity}, {infinity}, {}, 3.0}}};
  const std::string text = terminal_plot(plot, {});
  EXPECT_NE(text.find("a x: nothing spent"), std::string::npos) << text;
  EXPECT_NE(text.find("b y: epsilon inf"), std::string::npos) << text;
}

TEST(CairoPlot, WritesPngAndSvg) {
  const test_support::TemporaryFolder folder;
  ASSERT_TRUE(write_png(sample(), folder.path() / "e.png").has_value());
  ASSERT_TRUE(write_svg(sample(), folder.path() / "e.svg").has_value());
  const std::string png = read(folder.path() / "e.png");
  EXPECT_EQ(png.substr(0, 8), "\x89PNG\r\n\x1a\n");
  EXPECT_EQ(png.substr(16, 8), std::string("\0\0\x06\x40\0\0\x03\x84", 8));  // 1600 x 900
  const std::string svg = read(folder.path() / "e.svg");
  EXPECT_NE(svg.find("<svg"), std::string::npos);
  EXPECT_NE(svg.find("</svg>"), std::string::npos);
  // More of a curve is another picture.
  EpsilonPlot longer = sample();
  longer.curves[0].epsilon.back() = 4.5;
  ASSERT_TRUE(write_png(longer, folder.path() / "f.png").has_value());
  EXPECT_NE(read(folder.path() / "f.png"), png);
}

TEST(CairoPlot, NamesTheFileThatItCannotWrite) {
  for (const Status& status :
       {write_png(sample(), "/nowhere/e.png"), write_svg(sample(), "/nowhere/e.svg")}) {
    ASSERT_FALSE(status.has_value());
    EXPECT_EQ(status.error().code, Errc::io);
    EXPECT_NE(status.error().detail.find("/nowhere/e."), std::string::npos);
  }
}

}  // namespace
}  // namespace hippocrypt::cli
