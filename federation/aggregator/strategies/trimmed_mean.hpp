#pragma once
// Coordinate-wise median and trimmed mean (Yin et al. 2018, arXiv:1803.01498, definitions 1 and 2).

#include "federation/aggregator/strategies/strategy.hpp"

namespace hippocrypt::federation {

/// Of every value, the mean of what is left when the floor(trim·n) largest and as many of the
/// smallest of the n hospitals are cut off. Every hospital counts once, whatever its weight.
/// Errors: unsupported (only a sum is there).
class TrimmedMean : public Strategy {
 public:
  /// `trim` is from 0, below 0.5.
  explicit TrimmedMean(double trim) : trim_{trim} {}
  Result<std::vector<float>> apply(std::span<const float> global,
                                   const Contributions& contributions) override;

 private:
  double trim_;
};

/// Of every value, the median over hospitals; of an even number of them, the mean of the two in the
/// middle. Every hospital counts once. Errors: unsupported (only a sum is there).
class Median : public Strategy {
 public:
  Result<std::vector<float>> apply(std::span<const float> global,
                                   const Contributions& contributions) override;
};

}  // namespace hippocrypt::federation
