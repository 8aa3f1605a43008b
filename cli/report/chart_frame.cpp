#include "cli/report/chart_frame.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/report/svg_text.hpp"

namespace hippocrypt::cli {

AxisRange axis_range(double low, double high, int ticks) {
  if (!(high > low)) {
    const double margin = low == 0 ? 1 : 0.05 * std::abs(low);
    low -= margin;
    high += margin;
  }
  const double raw = (high - low) / ticks;
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  double step = 10 * power;
  for (const double factor : {5.0, 2.0, 1.0}) {
    if (raw <= factor * power * (1 + 1e-9)) step = factor * power;
  }
  return {step * std::floor(low / step + 1e-9), step * std::ceil(high / step - 1e-9), step};
}

std::string tick_label(double value, double step) {
  const int digits = std::clamp(static_cast<int>(-std::floor(std::log10(step) + 1e-9)), 0, 6);
  return fmt::format("{:.{}f}", value, digits);
}

ChartFrame::ChartFrame(const std::string& title, double height) : height_{height} {
  const std::string text = markup_text(title);
  body_ = fmt::format(
      "<svg class=\"chart\" viewBox=\"0 0 {} {}\" role=\"img\" aria-label=\"{}\">"
      "<title>{}</title>\n",
      coordinate(width), coordinate(height), text, text);
}

double ChartFrame::x(double value) const {
  return left + (value - x_low_) / (x_high_ - x_low_) * (plot_right() - left);
}

double ChartFrame::y(double value) const {
  return plot_bottom() - (value - y_low_) / (y_high_ - y_low_) * (plot_bottom() - top);
}

void ChartFrame::text(double x, double y, const char* css, const std::string& text) {
  body_ += fmt::format("<text x=\"{}\" y=\"{}\" class=\"{}\">{}</text>\n", coordinate(x),
                       coordinate(y), css, markup_text(text));
}

void ChartFrame::horizontal(double at, const char* css) {
  body_ += fmt::format("<path d=\"M{} {}H{}\" class=\"{}\"/>\n", left, coordinate(at), plot_right(),
                       css);
}

void ChartFrame::vertical(double at, const char* css) {
  body_ += fmt::format("<path d=\"M{} {}V{}\" class=\"{}\"/>\n", coordinate(at), top,
                       coordinate(plot_bottom()), css);
}

void ChartFrame::integer_ticks(std::uint32_t first, std::uint32_t last) {
  constexpr double closest = 34;  // user units between labels
  std::uint32_t step = 1;
  for (int i = 0; x(first + step) - x(first) < closest && step < last - first; ++i) {
    step *= i % 3 == 1 ? 5 : 2;
    if (i % 3 == 1) step /= 2;  // 1 2 5 10 20 50
  }
  for (std::uint64_t tick = (first + step - 1) / step * step; tick <= last; tick += step) {
    if (tick < first) continue;
    text(x(static_cast<double>(tick)), plot_bottom() + 17, "tick middle", std::to_string(tick));
  }
}

void ChartFrame::x_label(const std::string& label) {
  text((left + plot_right()) / 2, height_ - 8, "label middle", label);
}

void ChartFrame::y_label(const std::string& label) {
  const double middle = (top + plot_bottom()) / 2;
  body_ += fmt::format(
      "<text x=\"12\" y=\"{0}\" class=\"label middle\" transform=\"rotate(-90 12 "
      "{0})\">{1}</text>\n",
      coordinate(middle), markup_text(label));
}

std::string ChartFrame::str() && { return std::move(body_) + "</svg>\n"; }

std::string legend(const std::vector<LegendEntry>& entries) {
  std::string out = "<ul class=\"legend\">";
  for (const auto& entry : entries) {
    const char* shape = entry.dot ? "<circle cx=\"17\" cy=\"6\" r=\"4\" class=\"{}\"/>"
                                  : "<path d=\"M1 6H33\" class=\"{}\"/>";
    out += "<li><svg width=\"34\" height=\"12\" aria-hidden=\"true\">" +
           fmt::format(fmt::runtime(shape), entry.css) + "</svg>" + markup_text(entry.name) +
           "</li>";
  }
  return out + "</ul>\n";
}

std::string no_chart(const std::string& what) {
  return "<p class=\"none\">" + markup_text(what) + "</p>\n";
}

}  // namespace hippocrypt::cli
