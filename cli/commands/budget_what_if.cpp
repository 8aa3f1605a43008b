#include "cli/commands/budget_what_if.hpp"

#include <fmt/format.h>

#include <cmath>

#include "privacy/accounting/calibration.hpp"

namespace hippocrypt::cli {
namespace {

using nlohmann::ordered_json;

Status check(const WhatIf& question) {
  if (question.target_epsilon.has_value() &&
      !(*question.target_epsilon > 0.0 && std::isfinite(*question.target_epsilon))) {
    return Error{Errc::invalid_config, fmt::format("--target-epsilon is {}; allowed is a number "
                                                   "above 0",
                                                   *question.target_epsilon)};
  }
  if (question.sigma_for_rounds == std::uint64_t{0}) {
    return Error{Errc::invalid_config, "--sigma-for-rounds is 0; allowed is 1 or more"};
  }
  return {};
}

/// Errors: invalid_config for an infinite budget; a sigma that does not exist is part of the
/// answer.
Status add_sigma(WhatIfAnswer& answer, std::uint64_t rounds, const federation::RunRecord& record,
                 const privacy::BudgetReport& report) {
  if (!std::isfinite(report.budget)) {
    return Error{Errc::invalid_config,
                 fmt::format("--sigma-for-rounds: {} has no budget to keep to", answer.hospital)};
  }
  const privacy::NoiseTarget target{report.budget, record.delta, record.sampling_rate,
                                    rounds * record.steps_per_round};
  const auto sigma =
      privacy::noise_multiplier_for(target, privacy::Accountant::smaller, report.events());
  if (sigma.has_value()) {
    answer.sigma = *sigma;
  } else {
    answer.no_sigma = sigma.error().detail;
  }
  return {};
}

}  // namespace

Result<std::vector<WhatIfAnswer>> answer(const WhatIf& question,
                                         const federation::RunRecord& record,
                                         const std::vector<HospitalBudget>& budgets) {
  HIPPOCRYPT_TRY_VOID(check(question));
  std::vector<WhatIfAnswer> answers;
  for (const HospitalBudget& budget : budgets) {
    WhatIfAnswer one{budget.name, std::nullopt, std::nullopt, {}};
    if (question.target_epsilon.has_value()) {
      privacy::BudgetAccountant account;
      for (const auto& event : budget.report.events()) account.add(event);
      const privacy::SampledGaussian round{record.sampling_rate, record.noise_multiplier,
                                           record.steps_per_round};
      one.rounds = account.rounds_that_fit(round, record.delta, *question.target_epsilon);
    }
    if (question.sigma_for_rounds.has_value()) {
      HIPPOCRYPT_TRY_VOID(add_sigma(one, *question.sigma_for_rounds, record, budget.report));
    }
    answers.push_back(std::move(one));
  }
  return answers;
}

std::string to_text(const WhatIf& question, const federation::RunRecord& record,
                    const std::vector<WhatIfAnswer>& answers) {
  std::string text;
  for (const WhatIfAnswer& one : answers) {
    if (one.rounds.has_value()) {
      text += fmt::format("{}: {} more rounds of {} steps at sigma {:g} keep epsilon to {:g}\n",
                          one.hospital, *one.rounds, record.steps_per_round,
                          record.noise_multiplier, *question.target_epsilon);
    }
    if (one.sigma.has_value()) {
      text +=
          fmt::format("{}: {} more rounds of {} steps fit its budget at sigma {:.6g} or more\n",
                      one.hospital, *question.sigma_for_rounds, record.steps_per_round, *one.sigma);
    } else if (!one.no_sigma.empty()) {
      text += fmt::format("{}: {} more rounds do not fit: {}\n", one.hospital,
                          *question.sigma_for_rounds, one.no_sigma);
    }
  }
  return text;
}

ordered_json to_json(const WhatIf& question, const std::vector<WhatIfAnswer>& answers) {
  ordered_json hospitals = ordered_json::array();
  for (const WhatIfAnswer& one : answers) {
    ordered_json hospital{{"name", one.hospital}};
    if (one.rounds.has_value()) hospital["rounds_that_fit"] = *one.rounds;
    if (question.sigma_for_rounds.has_value()) {
      hospital["sigma"] = one.sigma.has_value() ? ordered_json(*one.sigma) : ordered_json(nullptr);
      if (!one.no_sigma.empty()) hospital["no_sigma"] = one.no_sigma;
    }
    hospitals.push_back(std::move(hospital));
  }
  ordered_json document;
  if (question.target_epsilon.has_value()) document["target_epsilon"] = *question.target_epsilon;
  if (question.sigma_for_rounds.has_value()) document["rounds"] = *question.sigma_for_rounds;
  document["hospitals"] = std::move(hospitals);
  return document;
}

}  // namespace hippocrypt::cli
