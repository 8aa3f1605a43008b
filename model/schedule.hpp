#pragma once
// Learning-rate schedules: pure functions of the step, known before training starts, so that no
// patient's data can move them.

#include <cstdint>

#include "base/result.hpp"

namespace hippocrypt::model {

/// How the rate runs after the warm-up: it stays, or falls on a line or a half cosine.
enum class ScheduleKind : std::uint8_t { constant, linear, cosine };
const char* to_string(ScheduleKind kind);

/// Unchecked values.
struct ScheduleOptions {
  ScheduleKind kind = ScheduleKind::constant;
  double peak = 1e-3;           ///< the learning rate after the warm-up
  double final_fraction = 0.0;  ///< of the peak, at the last step; not used by `constant`
  std::uint64_t warmup = 0;  ///< steps on which the rate rises linearly, the last one at the peak
  std::uint64_t steps = 1;   ///< of the whole training
};

/// Checked and immutable.
class Schedule {
 public:
  /// Errors: out_of_range (a peak below 0, a fraction outside [0, 1], no steps; a number that
  /// is NaN). A warm-up longer than the training ends below the peak.
  static Result<Schedule> create(const ScheduleOptions& options);

  /// The learning rate of `step`, counted from 0; the last step's for all beyond it.
  double at(std::uint64_t step) const;
  const ScheduleOptions& options() const { return options_; }

 private:
  explicit Schedule(const ScheduleOptions& options) : options_{options} {}
  ScheduleOptions options_;
};

}  // namespace hippocrypt::model
