#pragma once
// The accounts of a run's hospitals as a plot.

#include <vector>

#include "cli/commands/run_budgets.hpp"
#include "cli/plot/epsilon_plot.hpp"

namespace hippocrypt::cli {

EpsilonPlot budget_plot(const federation::RunRecord& record,
                        const std::vector<HospitalBudget>& budgets);

}  // namespace hippocrypt::cli
