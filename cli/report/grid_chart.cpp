#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "cli/report/chart.hpp"
#include "cli/report/chart_frame.hpp"
#include "cli/report/svg_text.hpp"

namespace hippocrypt::cli {
namespace {

constexpr std::uint32_t most_columns = 300;
constexpr double name_column = 170;
constexpr double widest_cell = 22;

/// A row's cells of one drawn column, as one.
struct Group {
  std::uint32_t first, last;  ///< columns, from 1
  GridChart::Cell cell;
};

/// The cell that shows for a group: nothing known is least, a cause most.
const GridChart::Cell& worst(const GridChart::Row& row, std::uint32_t first, std::uint32_t last) {
  const auto rank = [](const GridChart::Cell& cell) {
    return cell.kind == ' ' ? 0 : cell.kind == '+' ? 1 : 2;
  };
  const auto begin = row.cells.begin() + first - 1;
  return *std::max_element(begin, row.cells.begin() + last,
                           [&](const auto& a, const auto& b) { return rank(a) < rank(b); });
}

std::vector<Group> groups_of(const GridChart::Row& row, std::uint32_t columns,
                             std::uint32_t per_group) {
  std::vector<Group> groups;
  for (std::uint32_t first = 1; first <= columns; first += per_group) {
    const std::uint32_t last = std::min(columns, first + per_group - 1);
    groups.push_back({first, last, worst(row, first, last)});
  }
  return groups;
}

const char* css_of(char kind) {
  switch (kind) {
    case '+':
      return "in";
    case ' ':
      return "unknown";
    case 'B':
      return "sat";
    case 'L':
      return "late";
    default:
      return "out";
  }
}

class Grid {
 public:
  explicit Grid(const GridChart& chart)
      : chart_{chart},
        per_group_{(chart.columns + most_columns - 1) / most_columns},
        drawn_{(chart.columns + per_group_ - 1) / per_group_},
        cell_{
            std::min(widest_cell, (ChartFrame::width - ChartFrame::right - name_column) / drawn_)},
        row_{chart.rows.size() <= 30 ? 20.0 : 12.0},
        frame_{chart.title, ChartFrame::top + ChartFrame::bottom +
                                row_ * static_cast<double>(chart.rows.size())} {}

  std::string str() && {
    double y = ChartFrame::top;
    for (const auto& row : chart_.rows) {
      draw(row, y);
      y += row_;
    }
    draw_numbers(y);
    return std::move(frame_).str();
  }

 private:
  double x(std::size_t group) const { return name_column + cell_ * static_cast<double>(group); }

  void draw(const GridChart::Row& row, double y) {
    frame_.text(name_column - 10, y + row_ / 2 + 4, row_ > 15 ? "tick end" : "tick end small",
                shortened(row.name));
    const auto groups = groups_of(row, chart_.columns, per_group_);
    for (std::size_t begin = 0; begin < groups.size();) {
      std::size_t end = begin + 1;
      // A stretch of rounds without anything to say is one rectangle.
      const auto quiet = [](const Group& group) {
        return group.cell.kind == '+' && group.cell.detail.empty();
      };
      while (cell_ < 6 && quiet(groups[begin]) && end < groups.size() && quiet(groups[end])) ++end;
      draw(row.name, groups[begin], groups[end - 1], begin, end, y);
      begin = end;
    }
  }
  void draw(const std::string& name, const Group& first, const Group& last, std::size_t begin,
            std::size_t end, double y) {
    if (first.cell.kind == ' ') return;
    const double gap = cell_ > 6 ? 1 : 0;
    const std::string rounds = first.first == last.last
                                   ? fmt::format("round {}", first.first)
                                   : fmt::format("rounds {} to {}", first.first, last.last);
    frame_.add(fmt::format(
        "<g><title>{}, {}: {}</title><rect x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\" "
        "class=\"cell {}\"/>",
        markup_text(name), rounds,
        first.cell.detail.empty() ? "contributed" : markup_text(first.cell.detail),
        coordinate(x(begin)), coordinate(y + 0.5), coordinate(x(end) - x(begin) - gap),
        coordinate(row_ - 1), css_of(first.cell.kind)));
    if (first.cell.kind != '+' && cell_ >= 10) {
      frame_.text(x(begin) + (cell_ - gap) / 2, y + row_ / 2 + 4, "mark middle",
                  std::string(1, first.cell.kind));
    }
    frame_.add("</g>\n");
  }
  void draw_numbers(double y) {
    const double closest = 34;
    std::uint32_t step = 1;
    for (const std::uint32_t candidate : {1U, 2U, 5U, 10U, 20U, 50U, 100U, 200U, 500U, 1000U, 2000U,
                                          5000U, 10000U, 20000U, 50000U, 100000U}) {
      step = candidate;
      if (cell_ / per_group_ * step >= (step == 1 ? 18 : closest)) break;
    }
    for (std::uint64_t tick = step; tick <= chart_.columns; tick += step) {
      const double middle = (static_cast<double>(tick) - 0.5) / per_group_;
      frame_.text(name_column + cell_ * middle, y + 16, "tick middle", std::to_string(tick));
    }
    frame_.text(name_column + cell_ * drawn_ / 2.0, y + 36, "label middle", chart_.x_label);
  }

  const GridChart& chart_;
  std::uint32_t per_group_;
  std::uint32_t drawn_;  ///< columns
  double cell_, row_;
  ChartFrame frame_;
};

}  // namespace

std::string grid_chart(const GridChart& chart) {
  if (chart.columns == 0 || chart.rows.empty()) {
    return no_chart(chart.title + ": nothing is on record.");
  }
  return Grid{chart}.str();
}

}  // namespace hippocrypt::cli
