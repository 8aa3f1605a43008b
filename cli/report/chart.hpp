#pragma once
// Charts as inline SVG, coloured by the page's style sheet (report.css). All text that comes from
// outside is escaped. Every chart has a text for those who do not see it.

#include <cstdint>
#include <string>
#include <vector>

namespace hippocrypt::cli {

struct Point {
  double x, y;  ///< y not finite: a gap
};

struct ChartSeries {
  std::string name;
  std::vector<Point> points;
};

/// A dashed horizontal line.
struct ChartLevel {
  double value;
  std::string label;
};

struct LineChart {
  std::string title;  ///< read out, and shown when pointed at
  std::string x_label, y_label;
  std::vector<ChartSeries> series;
  std::vector<ChartLevel> levels = {};
  bool from_zero = false;
};

/// Lines with a legend. Equal series become one. Above eight, they are thin and alike, and their
/// mean is drawn over them. Without a finite point: a sentence instead of a chart.
std::string line_chart(const LineChart& chart);

struct BarChart {
  std::string title;
  std::string x_label, y_label;
  std::vector<std::string> parts;  ///< names of what is stacked
  struct Bar {
    std::uint32_t x;
    std::vector<double> heights;  ///< as many as parts
  };
  std::vector<Bar> bars;
  std::string (*text_of)(double) = nullptr;  ///< of heights and ticks
};
std::string bar_chart(const BarChart& chart);

/// A dot where something was and a dot where it is now, a row each.
struct ChangeChart {
  std::string title;
  std::string x_label;
  struct Row {
    std::string name;
    double before, after;
  };
  std::vector<Row> rows;
};
std::string change_chart(const ChangeChart& chart);

/// Rows of cells; a cell is a letter that says what it is, and a sentence.
struct GridChart {
  std::string title;
  std::string x_label;
  std::uint32_t columns = 0;  ///< numbered from 1
  struct Cell {
    char kind = ' ';     ///< '+' contributed, or the letter of a cause; ' ' nothing known
    std::string detail;  ///< shown when pointed at
  };
  struct Row {
    std::string name;
    std::vector<Cell> cells;  ///< as many as columns
  };
  std::vector<Row> rows;
};
/// Columns beyond 300 are put together, the worst of each group showing.
std::string grid_chart(const GridChart& chart);

/// Ticks of an axis that is not bound to begin at 0.
struct AxisRange {
  double low, high, step;
};
/// At steps of 1, 2 or 5 times a power of ten, about `ticks` of them.
AxisRange axis_range(double low, double high, int ticks);

}  // namespace hippocrypt::cli
