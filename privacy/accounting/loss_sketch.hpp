#pragma once
// A step's loss on few points, for bounds on its moments.

#include <vector>

#include "privacy/accounting/loss_pmf.hpp"

namespace hippocrypt::privacy {

/// About a thousand points instead of up to millions: cells far from 0 are merged, their mass split
/// between the ends so that its mean is kept. By convexity every exponential moment is at most a
/// little larger.
class LossSketch {
 public:
  explicit LossSketch(const LossPmf& loss);

  /// An upper bound on log sum_i mass_i e^(theta l_i), any theta.
  double log_moment(double theta) const;

 private:
  std::vector<double> losses_;
  std::vector<double> log_masses_;
};

}  // namespace hippocrypt::privacy
