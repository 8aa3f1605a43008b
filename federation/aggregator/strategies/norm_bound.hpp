#pragma once
// Norm bounding (Sun et al. 2019, arXiv:1911.07963, section 4): no hospital moves the mean further
// than its share of the bound.

#include "federation/aggregator/strategies/strategy.hpp"

namespace hippocrypt::federation {

/// global + the weighted mean of updates scaled down to an L2 norm of at most `bound`. Errors:
/// unsupported (only a sum is there).
class NormBound : public Strategy {
 public:
  /// `bound` is above 0.
  explicit NormBound(double bound) : bound_{bound} {}
  Result<std::vector<float>> apply(std::span<const float> global,
                                   const Contributions& contributions) override;

 private:
  double bound_;
};

}  // namespace hippocrypt::federation
