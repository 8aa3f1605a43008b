#include "base/phase_timer.hpp"

namespace hippocrypt {

void PhaseTimer::add(std::string_view phase, double seconds) {
  const std::scoped_lock lock{mutex_};
  const auto found = seconds_.find(phase);
  if (found == seconds_.end()) {
    seconds_.emplace(phase, seconds);
  } else {
    found->second += seconds;
  }
}

std::map<std::string, double, std::less<>> PhaseTimer::seconds() const {
  const std::scoped_lock lock{mutex_};
  return seconds_;
}

}  // namespace hippocrypt
