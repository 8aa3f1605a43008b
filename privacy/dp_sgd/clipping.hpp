#pragma once
// The sum of a lot's clipped gradients. A unit (patient or note) enters with one flat L2 norm over
// all adapters; clipping the mean of a lot or of a microbatch instead would bound nothing.

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/secret.hpp"

namespace hippocrypt::privacy {

/// Takes one unit's gradient at a time, clips it and adds it. The sum can be had only with noise on
/// it, from PrivateRound::privatize. The counters depend on private data: they stay in the
/// hospital. Adding or removing one unit moves the sum by at most the clip norm, whatever its
/// gradient holds.
class LotAccumulator {
 public:
  /// `size` values a gradient; `clip` > 0 and finite.
  LotAccumulator(std::size_t size, double clip);

  /// Adds gradient * min(1, clip / (norm + 1e-6)); sums and the norm are in double precision. A
  /// gradient that holds a NaN or an infinity adds nothing and is counted as rejected. gradient
  /// (size).
  void add(std::span<const float> gradient);

  std::size_t size() const { return sum_.size(); }
  double clip() const { return clip_; }
  /// Gradients taken, rejected ones included.
  std::uint64_t units() const { return units_; }
  /// Those that were scaled down.
  std::uint64_t clipped() const { return clipped_; }
  /// Those that were not finite.
  std::uint64_t rejected() const { return rejected_; }

 private:
  friend class PrivateRound;             // takes the sum and adds noise to it
  friend struct LotAccumulatorTestPeer;  // defined by the tests only, to measure the sensitivity

  SecretArray<double> sum_;
  double clip_;
  std::uint64_t units_ = 0;
  std::uint64_t clipped_ = 0;
  std::uint64_t rejected_ = 0;
};

}  // namespace hippocrypt::privacy
