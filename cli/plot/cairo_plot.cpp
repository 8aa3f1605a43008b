#include "cli/plot/cairo_plot.hpp"

#include <cairo-svg.h>
#include <cairo.h>
#include <algorithm>
#include <array>
#include <cmath>
#include <memory>
#include <numbers>

#include <fmt/core.h>

namespace hippocrypt::cli {
namespace {

constexpr double width = 1600.0;
constexpr double height = 900.0;
constexpr double left = 110.0;
constexpr double right = 1290.0;
constexpr double top = 80.0;
constexpr double line_height = 27.0;

struct Colour {
  double red, green, blue;
};

// Okabe and Ito's palette, which the colour-blind can tell apart.
constexpr std::array<Colour, 7> palette{{{0.00, 0.45, 0.70},
                                         {0.84, 0.37, 0.00},
                                         {0.00, 0.62, 0.45},
                                         {0.80, 0.47, 0.65},
                                         {0.90, 0.62, 0.00},
                                         {0.34, 0.71, 0.91},
                                         {0.25, 0.25, 0.25}}};
constexpr Colour ink{0.13, 0.13, 0.13};
constexpr Colour faint{0.86, 0.86, 0.86};
constexpr Colour budget_colour{0.75, 0.10, 0.10};

enum class Anchor { start, middle, end };

using SurfacePointer = std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)>;
using ContextPointer = std::unique_ptr<cairo_t, decltype(&cairo_destroy)>;

class Picture {
 public:
  Picture(cairo_t* context, const EpsilonPlot& plot)
      : cairo_{context},
        plot_{plot},
        bottom_{height - 95.0 - line_height * static_cast<double>(plot.caption.size())},
        scale_{epsilon_scale(plot, 6)},
        rounds_{static_cast<double>(longest(plot))} {}

  void draw() {
    colour({1.0, 1.0, 1.0});
    cairo_paint(cairo_);
    text(left, 48.0, 26.0, Anchor::start, plot_.title);
    draw_grid();
    draw_boundaries();
    cairo_save(cairo_);
    cairo_rectangle(cairo_, left, top - 12.0, right - left + 18.0, bottom_ - top + 14.0);
    cairo_clip(cairo_);
    draw_budgets();
    for (std::size_t i = 0; i < plot_.curves.size(); ++i) draw_curve(i);
    cairo_restore(cairo_);
    draw_legend();
    double y = bottom_ + 92.0;
    for (const std::string& line : plot_.caption) {
      text(left, y, 18.0, Anchor::start, line);
      y += line_height;
    }
  }

 private:
  double x_of(double rounds) const { return left + (right - left) * rounds / rounds_; }
  double y_of(double epsilon) const { return bottom_ - (bottom_ - top) * epsilon / scale_.top; }
  void colour(const Colour& c, double alpha = 1.0) {
    cairo_set_source_rgba(cairo_, c.red, c.green, c.blue, alpha);
  }
  static const Colour& colour_of(std::size_t curve) { return palette[curve % palette.size()]; }

  void text(double x, double y, double size, Anchor anchor, const std::string& line) {
    cairo_select_font_face(cairo_, "sans-serif", CAIRO_FONT_SLANT_NORMAL, CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(cairo_, size);
    cairo_text_extents_t extents;
    cairo_text_extents(cairo_, line.c_str(), &extents);
    const double shift = anchor == Anchor::start ? 0.0 : anchor == Anchor::middle ? 0.5 : 1.0;
    colour(ink);
    cairo_move_to(cairo_, x - shift * extents.x_advance, y);
    cairo_show_text(cairo_, line.c_str());
  }
  void line(double x1, double y1, double x2, double y2, double thickness) {
    cairo_set_line_width(cairo_, thickness);
    cairo_move_to(cairo_, x1, y1);
    cairo_line_to(cairo_, x2, y2);
    cairo_stroke(cairo_);
  }
  void dashes(double on, double off) {
    const std::array<double, 2> pattern{on, off};
    cairo_set_dash(cairo_, pattern.data(), on > 0.0 ? 2 : 0, 0.0);
  }

  void draw_grid() {
    for (double value = 0.0; value <= scale_.top * (1.0 + 1e-9); value += scale_.step) {
      colour(faint);
      line(left, y_of(value), right, y_of(value), 1.0);
      text(left - 12.0, y_of(value) + 6.0, 18.0, Anchor::end, tick_text(value));
    }
    const double step = std::max(1.0, axis_scale(rounds_, 10).step);
    for (double round = 0.0; round <= rounds_; round += step) {
      colour(ink);
      line(x_of(round), bottom_, x_of(round), bottom_ + 7.0, 1.5);
      text(x_of(round), bottom_ + 30.0, 18.0, Anchor::middle, tick_text(round));
    }
    colour(ink);
    line(left, top, left, bottom_, 1.5);
    line(left, bottom_, right, bottom_, 1.5);
    text(0.5 * (left + right), bottom_ + 60.0, 20.0, Anchor::middle,
         "rounds on the data set, all runs");
    cairo_save(cairo_);
    cairo_translate(cairo_, 38.0, 0.5 * (top + bottom_));
    cairo_rotate(cairo_, -0.5 * std::numbers::pi);
    text(0.0, 0.0, 20.0, Anchor::middle, "epsilon spent");
    cairo_restore(cairo_);
  }
  void draw_boundaries() {
    for (std::size_t i = 0; i < plot_.curves.size(); ++i) {
      for (const RunBoundary& boundary : plot_.curves[i].boundaries) {
        const double x = x_of(static_cast<double>(boundary.rounds_before));
        colour(ink, 0.45);
        dashes(2.0, 5.0);
        line(x, top, x, bottom_, 1.5);
        dashes(0.0, 0.0);
        // Hospitals' runs often begin together: one name is enough.
        const bool is_first = std::none_of(
            plot_.curves.begin(), plot_.curves.begin() + static_cast<std::ptrdiff_t>(i),
            [&](const EpsilonCurve& earlier) { return has(earlier, boundary); });
        if (is_first) text(x + 6.0, bottom_ - 12.0, 16.0, Anchor::start, boundary.run);
      }
    }
  }
  static bool has(const EpsilonCurve& curve, const RunBoundary& wanted) {
    return std::any_of(
        curve.boundaries.begin(), curve.boundaries.end(), [&](const RunBoundary& boundary) {
          return boundary.rounds_before == wanted.rounds_before && boundary.run == wanted.run;
        });
  }
  void draw_budgets() {
    for (const double budget : budgets_of(plot_)) {
      if (budget > scale_.top) continue;
      colour(budget_colour);
      dashes(14.0, 9.0);
      line(left, y_of(budget), right, y_of(budget), 2.5);
      dashes(0.0, 0.0);
    }
  }
  /// Through 0 and all finite values.
  void trace(const std::vector<double>& values) {
    cairo_move_to(cairo_, x_of(0.0), y_of(0.0));
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (!std::isfinite(values[i])) break;
      cairo_line_to(cairo_, x_of(static_cast<double>(i + 1)), y_of(values[i]));
    }
    cairo_stroke(cairo_);
  }
  /// Curves that lie on each other stay visible: the first is the widest.
  double thickness_of(std::size_t curve) const {
    return 3.0 + 3.0 * static_cast<double>(plot_.curves.size() - 1 - curve);
  }
  void draw_curve(std::size_t index) {
    const EpsilonCurve& curve = plot_.curves[index];
    cairo_set_line_join(cairo_, CAIRO_LINE_JOIN_ROUND);
    colour(colour_of(index), 0.8);
    dashes(2.0, 4.0);
    cairo_set_line_width(cairo_, 1.8);
    trace(curve.rdp);
    dashes(0.0, 0.0);
    colour(colour_of(index));
    cairo_set_line_width(cairo_, thickness_of(index));
    trace(curve.epsilon);
    if (curve.epsilon.size() > 40) return;
    for (std::size_t i = 0; i < curve.epsilon.size(); ++i) {
      if (!std::isfinite(curve.epsilon[i])) break;
      cairo_arc(cairo_, x_of(static_cast<double>(i + 1)), y_of(curve.epsilon[i]),
                2.0 + thickness_of(index), 0.0, 2.0 * std::numbers::pi);
      cairo_fill(cairo_);
    }
  }
  void draw_legend() {
    const double x = right + 32.0;
    double y = top + 10.0;
    for (std::size_t i = 0; i < plot_.curves.size(); ++i) {
      const EpsilonCurve& curve = plot_.curves[i];
      colour(colour_of(i));
      line(x, y, x + 34.0, y, std::min(thickness_of(i), 9.0));
      text(x + 46.0, y + 6.0, 19.0, Anchor::start, curve.hospital);
      const std::string figure =
          curve.epsilon.empty()
              ? std::string{"nothing spent"}
              : fmt::format("{:.4g}, RDP {:.4g}", curve.epsilon.back(), curve.rdp.back());
      text(x + 46.0, y + 29.0, 16.0, Anchor::start, figure);
      y += 62.0;
    }
    for (const double budget : budgets_of(plot_)) {
      colour(budget_colour);
      dashes(9.0, 5.0);
      line(x, y, x + 34.0, y, 2.5);
      dashes(0.0, 0.0);
      const char* place = budget > scale_.top ? " (above)" : "";
      text(x + 46.0, y + 6.0, 19.0, Anchor::start, fmt::format("budget {:g}{}", budget, place));
      y += 38.0;
    }
    colour(ink, 0.8);
    dashes(2.0, 4.0);
    line(x, y, x + 34.0, y, 1.8);
    dashes(0.0, 0.0);
    text(x + 46.0, y + 6.0, 19.0, Anchor::start, "RDP bound alone");
  }

  cairo_t* cairo_;
  const EpsilonPlot& plot_;
  double bottom_;
  AxisScale scale_;
  double rounds_;
};

Error cannot_write(const std::filesystem::path& file, cairo_status_t status) {
  return {Errc::io,
          fmt::format("cannot write {}: {}; does its folder exist, and may you write there?",
                      file.string(), cairo_status_to_string(status))};
}

/// Draws and reports what went wrong on the way.
cairo_status_t draw_on(cairo_surface_t* surface, const EpsilonPlot& plot) {
  const ContextPointer context{cairo_create(surface), &cairo_destroy};
  Picture{context.get(), plot}.draw();
  return cairo_status(context.get());
}

}  // namespace

Status write_png(const EpsilonPlot& plot, const std::filesystem::path& file) {
  const SurfacePointer surface{
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(width),
                                 static_cast<int>(height)),
      &cairo_surface_destroy};
  cairo_status_t status = draw_on(surface.get(), plot);
  if (status == CAIRO_STATUS_SUCCESS) {
    status = cairo_surface_write_to_png(surface.get(), file.c_str());
  }
  if (status != CAIRO_STATUS_SUCCESS) return cannot_write(file, status);
  return {};
}

Status write_svg(const EpsilonPlot& plot, const std::filesystem::path& file) {
  const SurfacePointer surface{cairo_svg_surface_create(file.c_str(), width, height),
                               &cairo_surface_destroy};
  cairo_status_t status = draw_on(surface.get(), plot);
  cairo_surface_finish(surface.get());
  if (status == CAIRO_STATUS_SUCCESS) status = cairo_surface_status(surface.get());
  if (status != CAIRO_STATUS_SUCCESS) return cannot_write(file, status);
  return {};
}

}  // namespace hippocrypt::cli
