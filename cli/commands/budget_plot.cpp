#include "cli/commands/budget_plot.hpp"

#include <fmt/format.h>

namespace hippocrypt::cli {

EpsilonPlot budget_plot(const federation::RunRecord& record,
                        const std::vector<HospitalBudget>& budgets) {
  EpsilonPlot plot;
  plot.title = "Privacy spent: " + record.run;
  std::string unit = "patient";
  for (const HospitalBudget& budget : budgets) {
    EpsilonCurve curve;
    curve.hospital = budget.name;
    curve.budget = budget.report.budget;
    for (const auto& row : budget.report.rows) {
      const std::size_t before = curve.epsilon.size();
      if (before > 0 && row.run != budget.report.rows[before - 1].run) {
        curve.boundaries.push_back({before, row.run});
      }
      curve.epsilon.push_back(row.epsilon);
      curve.rdp.push_back(row.rdp);
    }
    if (!curve.epsilon.empty()) unit = to_string(budget.report.unit);
    plot.curves.push_back(std::move(curve));
  }
  plot.caption = {
      fmt::format("unit: {}; neighbours: one {} added or removed; delta {:g}; DP-SGD with Poisson "
                  "sampling",
                  unit, unit, record.delta),
      "epsilon is the smaller of two upper bounds (PLD and RDP), of everything on record for each "
      "data set"};
  return plot;
}

}  // namespace hippocrypt::cli
