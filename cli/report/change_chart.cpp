#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/report/chart.hpp"
#include "cli/report/chart_frame.hpp"
#include "cli/report/html_parts.hpp"
#include "cli/report/svg_text.hpp"

namespace hippocrypt::cli {
namespace {

constexpr double name_column = 170;
constexpr std::size_t rows_with_room = 30;

void draw_row(ChartFrame& frame, const ChangeChart::Row& row, double y, const char* text_css) {
  frame.text(name_column - 10, y + 4, text_css, shortened(row.name));
  frame.add(fmt::format("<g><title>{}: {} before, {} after</title>", markup_text(row.name),
                        figure_text(row.before), figure_text(row.after)));
  if (std::isfinite(row.before) && std::isfinite(row.after)) {
    frame.add(fmt::format("<path d=\"M{} {}H{}\" class=\"change\"/>",
                          coordinate(frame.x(row.before)), coordinate(y),
                          coordinate(frame.x(row.after))));
  }
  const auto dot = [&](double value, const char* css) {
    if (!std::isfinite(value)) return;
    frame.add(fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"4\" class=\"{}\"/>",
                          coordinate(frame.x(value)), coordinate(y), css));
  };
  dot(row.before, "before");
  dot(row.after, "after");
  frame.add("</g>\n");
}

}  // namespace

std::string change_chart(const ChangeChart& chart) {
  double low = INFINITY, high = -INFINITY;
  for (const auto& row : chart.rows) {
    for (const double value : {row.before, row.after}) {
      if (!std::isfinite(value)) continue;
      low = std::min(low, value);
      high = std::max(high, value);
    }
  }
  if (!(low <= high)) return no_chart(chart.title + ": nothing is on record.");
  const double row_height = chart.rows.size() <= rows_with_room ? 22 : 13;
  const char* text_css = chart.rows.size() <= rows_with_room ? "tick end" : "tick end small";
  const double height = ChartFrame::top + ChartFrame::bottom + 8 +
                        row_height * static_cast<double>(chart.rows.size());
  ChartFrame frame{chart.title, height};
  const AxisRange range = axis_range(low, high, 6);
  // The names have a column of their own, left of the axis.
  const double share = (name_column - ChartFrame::left) / (frame.plot_right() - name_column);
  frame.set_x(range.low - share * (range.high - range.low), range.high);
  const auto ticks = static_cast<int>(std::lround((range.high - range.low) / range.step));
  for (int i = 0; i <= ticks; ++i) {
    const double value = range.low + i * range.step;
    frame.vertical(frame.x(value), "grid");
    frame.text(frame.x(value), frame.plot_bottom() + 17, i == ticks ? "tick end" : "tick middle",
               tick_label(value, range.step));
  }
  double y = ChartFrame::top + 4 + row_height / 2;
  for (const auto& row : chart.rows) {
    draw_row(frame, row, y, text_css);
    y += row_height;
  }
  frame.x_label(chart.x_label);
  return std::move(frame).str() +
         legend({{"before", "at the start", true}, {"after", "at the end", true}});
}

}  // namespace hippocrypt::cli
