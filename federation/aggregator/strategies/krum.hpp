#pragma once
// Krum (Blanchard et al. 2017, "Machine Learning with Adversaries", section 4): the one update that
// is closest to its neighbours.

#include "federation/aggregator/strategies/strategy.hpp"

namespace hippocrypt::federation {

/// Hospitals that a round needs for krum to withstand `faulty` of them: 2·faulty + 3.
constexpr std::size_t krum_minimum(std::size_t faulty) { return 2 * faulty + 3; }

/// global + the update whose n − faulty − 2 nearest others are nearest in sum of squared distances;
/// of equals the one named first in the configuration. Every hospital counts once. Costs n²·d.
/// Errors: unsupported (only a sum is there), out_of_range (fewer than 2·faulty + 3 contributors:
/// the guarantee would be gone).
class Krum : public Strategy {
 public:
  explicit Krum(std::size_t faulty) : faulty_{faulty} {}
  Result<std::vector<float>> apply(std::span<const float> global,
                                   const Contributions& contributions) override;

 private:
  std::size_t faulty_;
};

}  // namespace hippocrypt::federation
