#include "cli/plot/epsilon_plot.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/core.h>

namespace hippocrypt::cli {
namespace {

constexpr double far_above = 4.0;  // a budget this many times the largest epsilon is not drawn

}  // namespace

AxisScale axis_scale(double value, int ticks) {
  if (!(value > 0.0) || std::isinf(value)) return {1.0, 1.0 / ticks};
  const double raw = value / ticks;
  const double power = std::pow(10.0, std::floor(std::log10(raw)));
  double step = 10.0 * power;
  for (const double factor : {5.0, 2.0, 1.0}) {
    if (raw <= factor * power * (1.0 + 1e-9)) step = factor * power;
  }
  return {step * std::ceil(value / step * (1.0 - 1e-9)), step};
}

AxisScale epsilon_scale(const EpsilonPlot& plot, int ticks) {
  double largest = 0.0;
  for (const EpsilonCurve& curve : plot.curves) {
    for (const auto* values : {&curve.epsilon, &curve.rdp}) {
      for (const double value : *values) {
        if (std::isfinite(value)) largest = std::max(largest, value);
      }
    }
  }
  double shown = largest;
  for (const double budget : budgets_of(plot)) {
    if (largest == 0.0 || budget <= far_above * largest) shown = std::max(shown, budget);
  }
  return axis_scale(1.04 * shown, ticks);
}

std::size_t longest(const EpsilonPlot& plot) {
  std::size_t rounds = 1;
  for (const EpsilonCurve& curve : plot.curves) rounds = std::max(rounds, curve.epsilon.size());
  return rounds;
}

std::vector<double> budgets_of(const EpsilonPlot& plot) {
  std::vector<double> budgets;
  for (const EpsilonCurve& curve : plot.curves) {
    if (std::isfinite(curve.budget)) budgets.push_back(curve.budget);
  }
  std::sort(budgets.begin(), budgets.end());
  budgets.erase(std::unique(budgets.begin(), budgets.end()), budgets.end());
  return budgets;
}

double value_at(const std::vector<double>& values, double rounds) {
  if (rounds <= 0.0) return 0.0;
  const auto size = static_cast<double>(values.size());
  if (rounds > size) return std::numeric_limits<double>::infinity();
  const auto below = static_cast<std::size_t>(std::ceil(rounds)) - 1;
  const double before = below == 0 ? 0.0 : values[below - 1];
  return before + (rounds - static_cast<double>(below)) * (values[below] - before);
}

std::string tick_text(double value) { return fmt::format("{:.6g}", value); }

}  // namespace hippocrypt::cli
