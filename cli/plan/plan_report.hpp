#pragma once
// A plan as people and programs read it.

#include <nlohmann/json.hpp>
#include <string>

#include "cli/plan/run_plan.hpp"

namespace hippocrypt::cli {

/// Tables and sentences.
std::string plan_text(const RunPlan& plan);
/// Bytes, seconds and epsilons as numbers; what is not known or has no bound is null.
nlohmann::ordered_json plan_json(const RunPlan& plan);

}  // namespace hippocrypt::cli
