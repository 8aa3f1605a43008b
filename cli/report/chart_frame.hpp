#pragma once
// Internal to cli/report: an SVG with axes, ticks and labels.

#include <string>
#include <string_view>
#include <vector>

#include "cli/report/chart.hpp"

namespace hippocrypt::cli {

/// An SVG under construction.
class ChartFrame {
 public:
  static constexpr double width = 900;
  static constexpr double left = 88, right = 16, top = 10, bottom = 46;

  ChartFrame(const std::string& title, double height);

  void set_x(double low, double high) { x_low_ = low, x_high_ = high; }
  void set_y(double low, double high) { y_low_ = low, y_high_ = high; }
  double x(double value) const;
  double y(double value) const;
  double plot_bottom() const { return height_ - bottom; }
  double plot_right() const { return width - right; }

  void add(std::string_view markup) { body_ += markup; }
  void text(double x, double y, const char* css, const std::string& text);
  void horizontal(double at, const char* css);
  void vertical(double at, const char* css);
  /// Whole numbers along the bottom, as many as fit.
  void integer_ticks(std::uint32_t first, std::uint32_t last);
  void x_label(const std::string& label);
  void y_label(const std::string& label);
  std::string str() &&;

 private:
  double height_;
  double x_low_ = 0, x_high_ = 1, y_low_ = 0, y_high_ = 1;
  std::string body_;
};

/// 0.5, 2, 1000: as few digits as a tick of that step needs.
std::string tick_label(double value, double step);

struct LegendEntry {
  std::string css;  ///< of the line, or with `dot` of the dot
  std::string name;
  bool dot = false;
};
std::string legend(const std::vector<LegendEntry>& entries);
/// In place of a chart that would be empty.
std::string no_chart(const std::string& what);

}  // namespace hippocrypt::cli
