#pragma once
// What a training would cost, before there is any: every accountant's epsilon of planned steps.

#include <cstdint>
#include <iosfwd>
#include <optional>

#include "base/result.hpp"

namespace hippocrypt::cli {

struct PlanQuestion {
  std::optional<double> sampling_rate;
  std::optional<double> noise_multiplier;
  std::optional<std::uint64_t> steps;
  double delta = 1e-5;
  std::optional<double> target_epsilon;
};

/// Prints epsilon of (q, sigma, steps); with a target also the steps that fit it and the sigma that
/// it needs. Sigma may be missing where a target is given. Errors: invalid_config (a flag is
/// missing or its value is not allowed; named).
Status show_plan(const PlanQuestion& question, bool as_json, std::ostream& out);

}  // namespace hippocrypt::cli
