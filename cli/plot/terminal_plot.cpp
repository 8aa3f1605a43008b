#include "cli/plot/terminal_plot.hpp"

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <string_view>

#include <fmt/core.h>

namespace hippocrypt::cli {
namespace {

constexpr std::size_t label_columns = 8;  // numbers, a blank and the axis
constexpr int ticks = 5;

struct Marks {
  const char* axis;
  const char* tick;
  const char* corner;
  const char* floor;
  const char* budget;
  const char* boundary;
};

constexpr Marks unicode_marks{"│", "┤", "└", "─", "╌", "┊"};
constexpr Marks ascii_marks{"|", "+", "+", "-", "-", ":"};

/// A grid of one-column characters; row 0 is the top.
class Canvas {
 public:
  Canvas(std::size_t columns, std::size_t rows)
      : columns_{columns}, cells_(columns * rows, std::string{" "}) {}
  std::string& at(std::size_t column, std::size_t row) { return cells_[row * columns_ + column]; }

 private:
  std::size_t columns_;
  std::vector<std::string> cells_;
};

class Drawing {
 public:
  Drawing(const EpsilonPlot& plot, const TerminalPlotOptions& options)
      : plot_{plot},
        marks_{options.unicode ? unicode_marks : ascii_marks},
        columns_{std::max<std::size_t>(options.columns, 40) - label_columns},
        rows_{std::max<std::size_t>(options.rows, 4)},
        width_{columns_ + label_columns},
        scale_{epsilon_scale(plot, ticks)},
        rounds_{static_cast<double>(longest(plot))},
        canvas_{columns_, rows_} {}

  std::string text() {
    draw_budgets();
    draw_boundaries();
    for (std::size_t i = 0; i < plot_.curves.size(); ++i) draw_curve(i);
    std::string text = cut(plot_.title) + '\n' + body() + floor() + legend();
    for (const std::string& line : plot_.caption) text += wrap(line);
    return text;
  }

 private:
  static char letter(std::size_t curve) { return static_cast<char>('a' + curve % 26); }
  /// At most a line of characters of one column each.
  std::string cut(const std::string& line) const {
    std::size_t shown = 0;
    for (std::size_t i = 0; i < line.size(); ++i) {
      const bool begins = (static_cast<unsigned char>(line[i]) & 0xC0U) != 0x80U;
      if (begins && shown++ == width_) return line.substr(0, i);
    }
    return line;
  }
  /// Broken between words; words are ASCII.
  std::string wrap(const std::string& line) const {
    std::string text;
    std::string rest = line;
    while (rest.size() > width_) {
      const std::size_t blank = rest.rfind(' ', width_);
      if (blank == std::string::npos || blank == 0) break;
      text += rest.substr(0, blank) + '\n';
      rest.erase(0, blank + 1);
    }
    return text + cut(rest) + '\n';
  }
  long row_of(double epsilon) const {
    const auto last = static_cast<double>(rows_ - 1);
    return std::lround(last * (1.0 - epsilon / scale_.top));
  }
  std::size_t column_of(double rounds) const {
    return static_cast<std::size_t>(
        std::lround(static_cast<double>(columns_ - 1) * rounds / rounds_));
  }

  void draw_budgets() {
    for (const double budget : budgets_of(plot_)) {
      if (budget > scale_.top) continue;
      const auto row = static_cast<std::size_t>(row_of(budget));
      for (std::size_t x = 0; x < columns_; ++x) {
        if (marks_.budget[0] != '-' || x % 2 == 0) canvas_.at(x, row) = marks_.budget;
      }
    }
  }
  void draw_boundaries() {
    for (const EpsilonCurve& curve : plot_.curves) {
      for (const RunBoundary& boundary : curve.boundaries) {
        const std::size_t x = column_of(static_cast<double>(boundary.rounds_before));
        for (std::size_t y = 0; y < rows_; ++y) canvas_.at(x, y) = marks_.boundary;
      }
    }
  }
  void draw_curve(std::size_t index) {
    const std::string mark(1, letter(index));
    for (std::size_t x = 0; x < columns_; ++x) {
      const double rounds = rounds_ * static_cast<double>(x) / static_cast<double>(columns_ - 1);
      const double epsilon = value_at(plot_.curves[index].epsilon, rounds);
      if (!std::isfinite(epsilon) || epsilon > scale_.top) continue;
      std::string& cell = canvas_.at(x, static_cast<std::size_t>(row_of(epsilon)));
      const bool is_taken = cell.size() == 1 && (std::isalpha(cell[0]) != 0 || cell == "*");
      cell = is_taken && cell != mark ? "*" : mark;
    }
  }

  std::string body() {
    std::vector<std::string> labels(rows_);
    for (double value = 0.0; value <= scale_.top * (1.0 + 1e-9); value += scale_.step) {
      labels[static_cast<std::size_t>(row_of(value))] = tick_text(value);
    }
    std::string text;
    for (std::size_t y = 0; y < rows_; ++y) {
      text += fmt::format("{:>6} ", labels[y]) + (labels[y].empty() ? marks_.axis : marks_.tick);
      std::string line;
      for (std::size_t x = 0; x < columns_; ++x) line += canvas_.at(x, y);
      line.erase(line.find_last_not_of(' ') + 1);
      text += line + '\n';
    }
    return text;
  }
  std::string floor() const {
    std::string line(label_columns - 1, ' ');
    line += marks_.corner;
    for (std::size_t x = 0; x < columns_; ++x) line += marks_.floor;
    const std::string end = fmt::format("{:.0f}", rounds_);
    std::string numbers(label_columns, ' ');
    numbers += '0';
    const std::string middle = "rounds";
    numbers += std::string((columns_ - middle.size()) / 2 - 1, ' ') + middle;
    numbers += std::string(width_ - end.size() - numbers.size(), ' ') + end;
    return line + '\n' + numbers + '\n';
  }
  std::string legend() const {
    std::string text;
    for (std::size_t i = 0; i < plot_.curves.size(); ++i) {
      const EpsilonCurve& curve = plot_.curves[i];
      std::string line = fmt::format("{} {}: ", letter(i), curve.hospital);
      line += curve.epsilon.empty() ? std::string{"nothing spent"}
                                    : fmt::format("epsilon {:.4f} (RDP {:.4f})",
                                                  curve.epsilon.back(), curve.rdp.back());
      if (std::isfinite(curve.budget)) {
        line += fmt::format(" of {:g}{}", curve.budget,
                            curve.budget > scale_.top ? " (above the plot)" : "");
      }
      for (const RunBoundary& boundary : curve.boundaries) {
        line += fmt::format("; {} from round {}", boundary.run, boundary.rounds_before + 1);
      }
      text += cut(line) + '\n';
    }
    return text;
  }

  const EpsilonPlot& plot_;
  Marks marks_;
  std::size_t columns_;
  std::size_t rows_;
  std::size_t width_;
  AxisScale scale_;
  double rounds_;
  Canvas canvas_;
};

}  // namespace

std::string terminal_plot(const EpsilonPlot& plot, const TerminalPlotOptions& options) {
  return Drawing{plot, options}.text();
}

bool is_locale_unicode() {
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"}) {
    const char* value = std::getenv(name);
    if (value == nullptr || *value == '\0') continue;
    const std::string_view locale{value};
    return locale.find("UTF-8") != std::string_view::npos ||
           locale.find("utf8") != std::string_view::npos;
  }
  return false;
}

}  // namespace hippocrypt::cli
