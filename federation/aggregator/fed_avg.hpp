#pragma once
// FedAvg of adapter updates with equal, fixed weights: a weight that follows the private number of
// patients would give that number away (DESIGN §7).

#include <span>
#include <vector>

#include "base/result.hpp"

namespace hippocrypt::federation {

/// global + mean of `updates`, summed in the order given, in double. Without updates the global
/// vector comes back unchanged. Errors: mismatch (an update of another length), not_finite.
Result<std::vector<float>> fed_avg(std::span<const float> global,
                                   std::span<const std::vector<float>> updates);

}  // namespace hippocrypt::federation
