#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <map>

#include "cli/report/chart.hpp"
#include "cli/report/chart_frame.hpp"
#include "cli/report/svg_text.hpp"

namespace hippocrypt::cli {
namespace {

constexpr std::size_t most_colours = 8;
constexpr std::size_t most_names = 3;  // of equal series in one legend entry
constexpr double height = 320;
constexpr std::size_t most_points_with_dots = 40;

bool finite(const Point& point) { return std::isfinite(point.x) && std::isfinite(point.y); }

bool has_points(const ChartSeries& series) {
  return std::any_of(series.points.begin(), series.points.end(), finite);
}

bool equal(const ChartSeries& a, const ChartSeries& b) {
  const auto same = [](const Point& p, const Point& q) {
    return p.x == q.x && (p.y == q.y || (!std::isfinite(p.y) && !std::isfinite(q.y)));
  };
  return a.points.size() == b.points.size() &&
         std::equal(a.points.begin(), a.points.end(), b.points.begin(), same);
}

/// Series that lie on each other are one line with all their names.
std::vector<ChartSeries> merge_equal(const std::vector<ChartSeries>& all) {
  std::vector<ChartSeries> merged;
  std::vector<std::size_t> counts;
  for (const auto& series : all) {
    if (!has_points(series)) continue;
    const auto twin = std::find_if(merged.begin(), merged.end(),
                                   [&](const auto& each) { return equal(each, series); });
    if (twin == merged.end()) {
      merged.push_back(series);
      counts.push_back(1);
      continue;
    }
    const auto at = static_cast<std::size_t>(twin - merged.begin());
    if (++counts[at] <= most_names) twin->name += ", " + series.name;
  }
  for (std::size_t i = 0; i < merged.size(); ++i) {
    if (counts[i] > most_names) {
      merged[i].name += fmt::format(" and {} more", counts[i] - most_names);
    }
  }
  return merged;
}

ChartSeries mean_of(const std::vector<ChartSeries>& all) {
  std::map<double, std::pair<double, std::size_t>> sums;
  for (const auto& series : all) {
    for (const auto& point : series.points) {
      if (!finite(point)) continue;
      auto& [sum, count] = sums[point.x];
      sum += point.y;
      ++count;
    }
  }
  ChartSeries mean{"mean", {}};
  for (const auto& [x, sum] : sums) {
    mean.points.push_back({x, sum.first / static_cast<double>(sum.second)});
  }
  return mean;
}

struct Extent {
  double x_low = INFINITY, x_high = -INFINITY, y_low = INFINITY, y_high = -INFINITY;
};

Extent extent_of(const LineChart& chart, const std::vector<ChartSeries>& series) {
  Extent extent;
  for (const auto& each : series) {
    for (const auto& point : each.points) {
      if (!finite(point)) continue;
      extent.x_low = std::min(extent.x_low, point.x);
      extent.x_high = std::max(extent.x_high, point.x);
      extent.y_low = std::min(extent.y_low, point.y);
      extent.y_high = std::max(extent.y_high, point.y);
    }
  }
  const double largest = extent.y_high;
  for (const auto& level : chart.levels) {
    // A budget far above would press the curves onto the axis.
    if (level.value <= 4 * largest) extent.y_high = std::max(extent.y_high, 1.02 * level.value);
  }
  if (chart.from_zero) extent.y_low = std::min(extent.y_low, 0.0);
  return extent;
}

void draw(ChartFrame& frame, const ChartSeries& series, const std::string& css) {
  std::string path;
  bool pen_down = false;
  for (const auto& point : series.points) {
    if (!finite(point)) {
      pen_down = false;
      continue;
    }
    path += fmt::format("{}{} {}", pen_down ? "L" : "M", coordinate(frame.x(point.x)),
                        coordinate(frame.y(point.y)));
    if (!pen_down) path += "h0";  // a point between gaps is a dot
    pen_down = true;
  }
  frame.add(fmt::format("<path d=\"{}\" class=\"{}\"><title>{}</title></path>\n", path, css,
                        markup_text(series.name)));
}

void draw_dots(ChartFrame& frame, const ChartSeries& series, const std::string& css) {
  if (series.points.size() > most_points_with_dots) return;
  for (const auto& point : series.points) {
    if (!finite(point)) continue;
    frame.add(
        fmt::format("<circle cx=\"{}\" cy=\"{}\" r=\"3\" class=\"{}\"><title>{}: {:g}, "
                    "{:.4g}</title></circle>\n",
                    coordinate(frame.x(point.x)), coordinate(frame.y(point.y)), css,
                    markup_text(series.name), point.x, point.y));
  }
}

void draw_axes(ChartFrame& frame, const LineChart& chart, const Extent& extent) {
  const AxisRange range = axis_range(extent.y_low, extent.y_high, 5);
  const double margin = extent.x_high > extent.x_low ? 0 : 0.5;
  frame.set_x(extent.x_low - margin, extent.x_high + margin);
  frame.set_y(range.low, range.high);
  const auto ticks = static_cast<int>(std::lround((range.high - range.low) / range.step));
  for (int i = 0; i <= ticks; ++i) {
    const double value = range.low + i * range.step;
    frame.horizontal(frame.y(value), "grid");
    frame.text(ChartFrame::left - 8, frame.y(value) + 4, "tick end", tick_label(value, range.step));
  }
  frame.integer_ticks(static_cast<std::uint32_t>(std::ceil(extent.x_low)),
                      static_cast<std::uint32_t>(std::floor(extent.x_high)));
  frame.x_label(chart.x_label);
  frame.y_label(chart.y_label);
}

void draw_levels(ChartFrame& frame, const LineChart& chart, const Extent& extent) {
  for (const auto& level : chart.levels) {
    if (level.value > extent.y_high || level.value < extent.y_low) continue;
    frame.horizontal(frame.y(level.value), "level");
    frame.text(ChartFrame::left + 6, frame.y(level.value) - 5, "tick", level.label);
  }
}

}  // namespace

std::string line_chart(const LineChart& chart) {
  const auto series = merge_equal(chart.series);
  if (series.empty()) return no_chart(chart.title + ": nothing is on record.");
  const Extent extent = extent_of(chart, series);
  ChartFrame frame{chart.title, height};
  draw_axes(frame, chart, extent);
  draw_levels(frame, chart, extent);
  std::vector<LegendEntry> entries;
  if (series.size() > most_colours) {
    for (const auto& each : series) draw(frame, each, "line many");
    draw(frame, mean_of(chart.series), "line mean");
    entries = {{"line many legend-many", fmt::format("{} hospitals", chart.series.size())},
               {"line mean", "their mean"}};
  } else {
    for (std::size_t i = 0; i < series.size(); ++i) {
      const std::string css = "s" + std::to_string(i);
      draw(frame, series[i], "line " + css);
      draw_dots(frame, series[i], "dot " + css);
      entries.push_back({"line " + css, series[i].name});
    }
  }
  if (!chart.levels.empty()) entries.push_back({"level", "budget"});
  return std::move(frame).str() + legend(entries);
}

}  // namespace hippocrypt::cli
