#pragma once
// How a run ended, as text: at the end of a simulation, and of a hospital's part in a federation.

#include <string>
#include <vector>

#include "cli/commands/run_budgets.hpp"
#include "federation/common/run_record.hpp"

namespace hippocrypt::cli {

/// Losses, steps and failures, a row a hospital.
std::string loss_table(const federation::RunRecord& record);
/// Every round of every hospital, unless that is more than anybody reads.
std::string rounds_or_where(const federation::RunRecord& record,
                            const std::vector<HospitalBudget>& budgets);
/// How it ended, who failed, and the account that is nearest to its budget.
std::string end_summary(const federation::RunRecord& record,
                        const std::vector<HospitalBudget>& budgets);

}  // namespace hippocrypt::cli
