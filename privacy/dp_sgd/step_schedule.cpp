#include "privacy/dp_sgd/step_schedule.hpp"

#include <algorithm>
#include <cmath>

namespace hippocrypt::privacy {
namespace {

/// How far along, from 0 at the first of `count` to 1 at the last.
double share(std::uint64_t index, std::uint64_t count) {
  if (count <= 1) return 0.0;
  return static_cast<double>(std::min(index, count - 1)) / static_cast<double>(count - 1);
}

double geometric(double first, double last, double way) {
  const double value = first * std::pow(last / first, way);
  return std::clamp(value, std::min(first, last), std::max(first, last));
}

}  // namespace

double StepSchedule::at(double first, std::uint64_t step) const {
  switch (kind) {
    case StepScheduleKind::constant:
      return first;
    case StepScheduleKind::linear: {
      const double way = share(step, steps);
      return first * (1.0 - way) + last * way;
    }
    case StepScheduleKind::exponential:
      return geometric(first, last, share(step, steps));
    case StepScheduleKind::step: {
      const std::uint64_t length = std::max<std::uint64_t>(1, (steps + stages - 1) / stages);
      return geometric(first, last, share(step / length, stages));
    }
  }
  return first;
}

}  // namespace hippocrypt::privacy
