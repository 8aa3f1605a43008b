#pragma once
// FedAvg (McMahan et al., arXiv:1602.05629, algorithm 1) with fixed, public weights: a weight that
// follows the private number of patients would give that number away (DESIGN §7).

#include "federation/aggregator/strategies/strategy.hpp"

namespace hippocrypt::federation {

/// The weighted mean of the updates (d = `size`), summed in the order given, in double. Errors:
/// mismatch (an update of another length), not_finite.
Result<std::vector<double>> mean_update(std::size_t size, const Contributions& contributions);

/// global + the mean of the updates.
class FedAvg : public Strategy {
 public:
  Result<std::vector<float>> apply(std::span<const float> global,
                                   const Contributions& contributions) override;
};

}  // namespace hippocrypt::federation
