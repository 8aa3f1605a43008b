#include "cli/commands/run_summary.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "cli/support/text_table.hpp"

namespace hippocrypt::cli {
namespace {

/// "-" where there is none, as for a hospital that could not take part.
std::string loss_text(double loss) {
  return std::isfinite(loss) ? fmt::format("{:.4f}", loss) : std::string{"-"};
}

std::string change_text(double before, double after) {
  const double change = 100 * (after / before - 1);
  return std::isfinite(change) ? fmt::format("{:+.2f} %", change) : std::string{"-"};
}

}  // namespace

std::string loss_table(const federation::RunRecord& record) {
  TextTable table{{{"hospital"},
                   {"held-out loss before", Align::right},
                   {"after", Align::right},
                   {"change", Align::right},
                   {"steps", Align::right},
                   {"rounds sat out", Align::right},
                   {"failure"}}};
  for (const auto& hospital : record.hospitals) {
    table.add_row({hospital.name, loss_text(hospital.loss_before), loss_text(hospital.loss_after),
                   change_text(hospital.loss_before, hospital.loss_after),
                   std::to_string(hospital.steps), std::to_string(hospital.rounds_sat_out),
                   hospital.failure});
  }
  return table.str();
}

std::string rounds_or_where(const federation::RunRecord& record,
                            const std::vector<HospitalBudget>& budgets) {
  constexpr std::size_t most_rows = 100;
  std::size_t rows = 0;
  for (const auto& budget : budgets) rows += budget.report.rows.size();
  if (rows <= most_rows) return round_table(budgets);
  return fmt::format("({} rows of rounds: hippocrypt budget {})\n", rows, record.run);
}

std::string end_summary(const federation::RunRecord& record,
                        const std::vector<HospitalBudget>& budgets) {
  std::vector<std::string> failing;
  for (const auto& hospital : record.hospitals) {
    if (hospital.failure.empty()) continue;
    failing.push_back("failed:  " + hospital.name + ": " + hospital.failure + '\n');
  }
  std::string text = fmt::format("outcome: {}, {} of {} rounds; {} of {} hospitals ended well\n",
                                 to_string(record.status), record.rounds, record.rounds_planned,
                                 record.hospitals.size() - failing.size(), record.hospitals.size());
  for (const auto& line : failing) text += line;
  const auto share = [](const HospitalBudget& budget) {
    const auto& report = budget.report;
    return std::isfinite(report.budget) ? report.spent.epsilon / report.budget : 0.0;
  };
  const auto worst =
      std::max_element(budgets.begin(), budgets.end(),
                       [&](const auto& a, const auto& b) { return share(a) < share(b); });
  if (worst == budgets.end()) return text;
  const auto& report = worst->report;
  const bool endless = !std::isfinite(report.budget);
  return text + fmt::format("privacy: worst epsilon {:.2f} of {} at {}; {} more rounds fit\n",
                            report.spent.epsilon,
                            endless ? "no limit" : fmt::format("{:g}", report.budget), worst->name,
                            endless ? "any number of" : std::to_string(report.rounds_that_fit));
}

}  // namespace hippocrypt::cli
