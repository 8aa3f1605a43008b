#pragma once
// Contributions of hospitals h0, h1, … for the tests of strategies.

#include <string>
#include <utility>
#include <vector>

#include "federation/aggregator/strategies/contributions.hpp"

namespace hippocrypt::test_support {

inline federation::Contributions contributions_of(std::vector<std::vector<float>> updates,
                                                  std::vector<std::uint32_t> weights = {}) {
  federation::Contributions all;
  all.weights = weights.empty() ? std::vector<std::uint32_t>(updates.size(), 1) : weights;
  for (std::size_t i = 0; i < all.weights.size(); ++i) {
    all.hospitals.push_back("h" + std::to_string(i));
  }
  all.updates = std::move(updates);
  return all;
}

/// What secure aggregation would show of them.
inline federation::Contributions summed(const federation::Contributions& all) {
  federation::Contributions out = all;
  std::vector<double> sum(all.updates.front().size());
  double total = 0;
  for (std::size_t i = 0; i < all.updates.size(); ++i) {
    total += all.weights[i];
    for (std::size_t k = 0; k < sum.size(); ++k) {
      sum[k] += all.weights[i] * static_cast<double>(all.updates[i][k]);
    }
  }
  out.summed = true;
  out.updates.assign(1, {});
  for (const double value : sum) out.updates[0].push_back(static_cast<float>(value / total));
  return out;
}

}  // namespace hippocrypt::test_support
