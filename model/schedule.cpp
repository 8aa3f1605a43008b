#include "model/schedule.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numbers>

namespace hippocrypt::model {

const char* to_string(ScheduleKind kind) {
  switch (kind) {
    case ScheduleKind::constant:
      return "constant";
    case ScheduleKind::linear:
      return "linear";
    case ScheduleKind::cosine:
      return "cosine";
  }
  return "unknown";
}

Result<Schedule> Schedule::create(const ScheduleOptions& options) {
  if (!(options.peak >= 0.0) || !std::isfinite(options.peak)) {
    return Error{Errc::out_of_range,
                 fmt::format("the learning rate is {}; it must be 0 or above", options.peak)};
  }
  if (!(options.final_fraction >= 0.0 && options.final_fraction <= 1.0)) {
    return Error{Errc::out_of_range,
                 fmt::format("the final learning rate is {} of the peak; it must be 0 to 1",
                             options.final_fraction)};
  }
  if (options.steps == 0) return Error{Errc::out_of_range, "a training needs at least one step"};
  return Schedule{options};
}

double Schedule::at(std::uint64_t step) const {
  const auto& [kind, peak, final_fraction, warmup, steps] = options_;
  if (step < warmup) return peak * static_cast<double>(step + 1) / static_cast<double>(warmup);
  if (kind == ScheduleKind::constant || steps <= warmup + 1) return peak;
  const double done =
      std::min(1.0, static_cast<double>(step - warmup) / static_cast<double>(steps - warmup - 1));
  const double height =
      kind == ScheduleKind::linear ? 1.0 - done : 0.5 * (1.0 + std::cos(std::numbers::pi * done));
  return peak * (final_fraction + (1.0 - final_fraction) * height);
}

}  // namespace hippocrypt::model
