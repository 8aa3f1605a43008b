#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/plot/epsilon_plot.hpp"
#include "cli/report/chart.hpp"
#include "cli/report/chart_frame.hpp"
#include "cli/report/svg_text.hpp"

namespace hippocrypt::cli {
namespace {

constexpr double height = 220;

double total(const BarChart::Bar& bar) {
  double sum = 0;
  for (const double part : bar.heights) sum += std::isfinite(part) ? part : 0;
  return sum;
}

void draw_ticks(ChartFrame& frame, const BarChart& chart, const AxisScale& scale) {
  frame.set_y(0, scale.top);
  for (int i = 0; i * scale.step <= scale.top * (1 + 1e-9); ++i) {
    const double value = i * scale.step;
    frame.horizontal(frame.y(value), "grid");
    frame.text(ChartFrame::left - 8, frame.y(value) + 4, "tick end", chart.text_of(value));
  }
}

void draw_bar(ChartFrame& frame, const BarChart& chart, const BarChart::Bar& bar, double width) {
  std::string detail = fmt::format("{} {}:", chart.x_label, bar.x);
  double base = 0;
  std::string rectangles;
  for (std::size_t part = 0; part < bar.heights.size(); ++part) {
    const double height_of_part = bar.heights[part];
    if (!std::isfinite(height_of_part)) continue;
    detail += fmt::format(" {} {}", chart.parts[part], chart.text_of(height_of_part));
    const double above = frame.y(base + height_of_part);
    rectangles +=
        fmt::format("<rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" class=\"bar b{}\"/>",
                    coordinate(frame.x(bar.x) - width / 2), coordinate(above), coordinate(width),
                    coordinate(std::max(0.0, frame.y(base) - above)), part);
    base += height_of_part;
  }
  frame.add("<g><title>" + markup_text(detail) + "</title>" + rectangles + "</g>\n");
}

}  // namespace

std::string bar_chart(const BarChart& chart) {
  double largest = 0;
  for (const auto& bar : chart.bars) largest = std::max(largest, total(bar));
  if (largest <= 0) return no_chart(chart.title + ": nothing is on record.");
  ChartFrame frame{chart.title, height};
  const std::uint32_t first = chart.bars.front().x, last = chart.bars.back().x;
  frame.set_x(first - 0.5, last + 0.5);
  draw_ticks(frame, chart, axis_scale(largest, 4));
  const double slot = frame.x(1) - frame.x(0);
  const double width = std::clamp(0.7 * slot, 0.6, 40.0);
  for (const auto& bar : chart.bars) draw_bar(frame, chart, bar, width);
  frame.integer_ticks(first, last);
  frame.x_label(chart.x_label);
  frame.y_label(chart.y_label);
  std::vector<LegendEntry> entries;
  for (std::size_t i = 0; i < chart.parts.size() && chart.parts.size() > 1; ++i) {
    entries.push_back({"block b" + std::to_string(i), chart.parts[i]});
  }
  return std::move(frame).str() + (entries.empty() ? std::string{} : legend(entries));
}

}  // namespace hippocrypt::cli
