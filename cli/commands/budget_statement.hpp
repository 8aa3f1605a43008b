#pragma once
// The privacy statement: what a data-protection officer signs, hospital by hospital.

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "cli/commands/run_budgets.hpp"

namespace hippocrypt::cli {

/// Epsilon at `delta` that can be shown without secret sampling, for data in which every unit is
/// used once in 1/q steps, as when lots are shuffled: the Gaussian mechanism with the precision of
/// ceil(q T) releases.
Result<double> epsilon_without_amplification(const std::vector<privacy::SampledGaussian>& events,
                                             double delta);

std::string statement_text(const federation::RunRecord& record,
                           const std::vector<HospitalBudget>& budgets);
nlohmann::ordered_json statement_json(const federation::RunRecord& record,
                                      const std::vector<HospitalBudget>& budgets);

}  // namespace hippocrypt::cli
