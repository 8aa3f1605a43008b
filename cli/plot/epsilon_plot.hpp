#pragma once
// What is drawn: epsilon against rounds, and the scale of its axes.

#include <cstddef>
#include <string>
#include <vector>

namespace hippocrypt::cli {

/// Where a run's rounds end and another's begin.
struct RunBoundary {
  std::size_t rounds_before;
  std::string run;  ///< that begins
};

/// A hospital's account, over all rounds on record for its data set.
struct EpsilonCurve {
  std::string hospital;
  std::vector<double> epsilon;  ///< after round 1, 2 ...; infinite values are not drawn
  std::vector<double> rdp;      ///< as many: the Renyi bound, never below epsilon
  std::vector<RunBoundary> boundaries;
  double budget = 0;  ///< may be infinite
};

struct EpsilonPlot {
  std::string title;
  std::vector<std::string> caption;  ///< lines below: unit, relation, delta
  std::vector<EpsilonCurve> curves;
};

/// Ticks at multiples of `step` from 0 to `top`.
struct AxisScale {
  double top;
  double step;
};

/// A scale of steps of 1, 2 or 5 times a power of ten that holds `value` with about `ticks` ticks.
AxisScale axis_scale(double value, int ticks);
/// The scale of epsilons: of all curves, and of the budgets too, unless they are so far above that
/// the curves would lie on the axis.
AxisScale epsilon_scale(const EpsilonPlot& plot, int ticks);
/// Rounds on the axis, at least 1.
std::size_t longest(const EpsilonPlot& plot);
/// The finite budgets, each once, ascending.
std::vector<double> budgets_of(const EpsilonPlot& plot);
/// A curve's value after `rounds` rounds, linear between them and from 0 at 0; infinity beyond its
/// end.
double value_at(const std::vector<double>& values, double rounds);
/// 0.5, 2, 1000: as few digits as a tick needs.
std::string tick_text(double value);

}  // namespace hippocrypt::cli
