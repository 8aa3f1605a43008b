#pragma once
// The privacy statement: what a data-protection officer signs, hospital by hospital.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/commands/run_budgets.hpp"

namespace hippocrypt::cli {

std::string statement_text(const federation::RunRecord& record,
                           const std::vector<HospitalBudget>& budgets);
nlohmann::ordered_json statement_json(const federation::RunRecord& record,
                                      const std::vector<HospitalBudget>& budgets);

}  // namespace hippocrypt::cli
