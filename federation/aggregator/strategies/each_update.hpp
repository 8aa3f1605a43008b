#pragma once
// What the robust rules share: they need every hospital's own update, and count every hospital
// once, because a weight would give a hostile hospital a lever.

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "federation/aggregator/strategies/contributions.hpp"

namespace hippocrypt::federation {

/// Errors: unsupported (only a sum is there), mismatch (an update of another length than `size`),
/// not_finite.
Status check_each_update(std::size_t size, const Contributions& contributions);

/// global + update, in double.
std::vector<float> moved(std::span<const float> global, std::span<const double> update);

/// Squared L2 distance, in double.
double squared_distance(std::span<const float> a, std::span<const float> b);

}  // namespace hippocrypt::federation
