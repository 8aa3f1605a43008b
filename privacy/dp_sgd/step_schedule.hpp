#pragma once
// A constant of DP-SGD that changes from step to step by a rule that is fixed before training: a
// function of the step's number and the configuration, never of data or of anything released. So
// plain composition holds, and the ledger is charged with each step's own value.

#include <cstdint>

namespace hippocrypt::privacy {

enum class StepScheduleKind : std::uint8_t { constant, linear, exponential, step };

struct StepSchedule {
  StepScheduleKind kind = StepScheduleKind::constant;
  double last = 0;           ///< the value at the last step
  std::uint64_t steps = 1;   ///< of the whole training
  std::uint64_t stages = 4;  ///< step: as many equally long stretches, each with one value

  /// From `first` at step 0 to `last` at step steps - 1, and `last` beyond. linear: in equal
  /// differences; exponential: in equal ratios; step: in equal ratios from stage to stage. All
  /// values lie between the two.
  double at(double first, std::uint64_t step) const;
};

}  // namespace hippocrypt::privacy
