#pragma once
// What would fit: more rounds for an epsilon, and the noise for a number of rounds.

#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "cli/commands/run_budgets.hpp"

namespace hippocrypt::cli {

struct WhatIf {
  std::optional<double> target_epsilon;
  std::optional<std::uint64_t> sigma_for_rounds;
};

struct WhatIfAnswer {
  std::string hospital;
  std::optional<std::uint64_t> rounds;  ///< more rounds, as the run takes them, up to the target
  std::optional<double> sigma;          ///< for that many more rounds within the budget
  std::string no_sigma;                 ///< or why there is none
};

/// Rounds have the run's q, sigma and steps. Errors: invalid_config (a target that is not a number
/// above 0, no rounds, an infinite budget to keep to).
Result<std::vector<WhatIfAnswer>> answer(const WhatIf& question,
                                         const federation::RunRecord& record,
                                         const std::vector<HospitalBudget>& budgets);

std::string to_text(const WhatIf& question, const federation::RunRecord& record,
                    const std::vector<WhatIfAnswer>& answers);
nlohmann::ordered_json to_json(const WhatIf& question, const std::vector<WhatIfAnswer>& answers);

}  // namespace hippocrypt::cli
