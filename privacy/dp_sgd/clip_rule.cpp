#include "privacy/dp_sgd/clip_rule.hpp"

#include <algorithm>
#include <cmath>

namespace hippocrypt::privacy {

double ClipRule::gradient_sensitivity() const {
  const auto own = static_cast<double>(counter);
  return std::sqrt((grid.sensitivity - own) * (grid.sensitivity + own));
}

double ClipRule::target(std::size_t size) const {
  // A norm that was found in another way than the values differs by their rounding, 2^-24 each.
  const double whole = gradient_sensitivity();
  return std::max(0.0, whole - std::ldexp(whole, -16) - std::sqrt(static_cast<double>(size)) / 2);
}

}  // namespace hippocrypt::privacy
