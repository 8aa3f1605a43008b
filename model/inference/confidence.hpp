#pragma once
// How sure a share is that was counted on few questions.

#include <cstddef>

namespace hippocrypt::model {

struct Interval {
  double low = 0.0, high = 1.0;
};

/// 95 % score interval of a share of `successes` in `trials` (Wilson 1927): right for small counts
/// and for shares near 0 and 1. Without trials it is everything.
Interval wilson_interval(std::size_t successes, std::size_t trials);

}  // namespace hippocrypt::model
