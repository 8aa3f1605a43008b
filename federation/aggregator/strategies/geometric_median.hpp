#pragma once
// The geometric median of the updates by smoothed Weiszfeld steps (Pillutla, Kakade and Harchaoui
// 2022, "Robust Aggregation for Federated Learning", arXiv:1912.13445, algorithm 2).

#include "federation/aggregator/strategies/strategy.hpp"

namespace hippocrypt::federation {

/// Weiszfeld stops when a step moves the point by less than this share of the updates' largest
/// distance from it, or after so many steps; the point is then within a rounding of the optimum for
/// well-spread updates, and always inside their convex hull.
inline constexpr double weiszfeld_tolerance = 1e-6;
inline constexpr int weiszfeld_steps = 200;
/// Distances below this share of the largest one are taken for it, so that a point on an update
/// does not stay there for the division by zero.
inline constexpr double weiszfeld_smoothing = 1e-6;

/// global + the point with the least sum of distances to the updates. Every hospital counts once.
/// Errors: unsupported (only a sum is there).
class GeometricMedian : public Strategy {
 public:
  Result<std::vector<float>> apply(std::span<const float> global,
                                   const Contributions& contributions) override;
};

}  // namespace hippocrypt::federation
