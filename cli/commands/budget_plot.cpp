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
    const privacy::BudgetReportRow* last = nullptr;
    for (const auto& row : budget.report.rows) {
      if (last != nullptr && row.run != last->run) {
        curve.boundaries.push_back({curve.epsilon.size(), row.run});
      }
      if (last != nullptr && row.is_of_the_round_of(*last)) {
        curve.epsilon.pop_back();  // a point is a round, not a row
        curve.rdp.pop_back();
      }
      curve.epsilon.push_back(row.epsilon);
      curve.rdp.push_back(row.rdp);
      last = &row;
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
