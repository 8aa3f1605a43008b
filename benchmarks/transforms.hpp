#pragma once
// The unit in which the client's costs are given: inverse transforms of many polynomials.

#include <vector>

#include "base/cpu.hpp"
#include "benchmarks/workload.hpp"
#include "crypto/core/params.hpp"

namespace hippocrypt::bench {

class Transforms {
 public:
  explicit Transforms(const crypto::Params& params);
  Transforms(const Transforms&) = delete;  // aligned_out_ points into out_
  Transforms& operator=(const Transforms&) = delete;
  /// All groups, each into the same output. `level` must be one that the machine has.
  void run(SimdLevel level) const;
  std::size_t ring_dim() const { return ring_dim_; }
  double coefficients() const;

 private:
  std::size_t ring_dim_;
  crypto::LanePolys polys_;
  std::vector<std::uint32_t> factors_, quotients_;
  mutable std::vector<std::uint32_t> out_;
  std::uint32_t* aligned_out_;
};

}  // namespace hippocrypt::bench
