#pragma once
// SCAFFOLD (Karimireddy et al. 2020, arXiv:1910.06378, algorithm 1), the server's part. The global
// vector is [w, c], twice the adapter's length; an update is [delta w, delta c_i].

#include "federation/aggregator/strategies/strategy.hpp"

namespace hippocrypt::federation {

struct ScaffoldOptions {
  double learning_rate = 1;        ///< eta_g, of w
  std::uint64_t total_weight = 1;  ///< of all hospitals of the federation, in a round or not
};

/// w += eta_g·mean(delta w); c += (weight of those in the round / total weight)·mean(delta c_i), so
/// that c stays the weighted mean of all hospitals' c_i. Carries nothing else: c is in the vector.
/// Works on a sum alone. Errors: mismatch (a vector of odd length).
class Scaffold : public Strategy {
 public:
  explicit Scaffold(ScaffoldOptions options) : options_{options} {}

  Result<std::vector<float>> apply(std::span<const float> global,
                                   const Contributions& contributions) override;

 private:
  ScaffoldOptions options_;
};

}  // namespace hippocrypt::federation
