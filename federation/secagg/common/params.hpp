#pragma once
// What a federation's secure aggregation promises, checked before anything runs.

#include <cstdint>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "base/sha256.hpp"

namespace hippocrypt::federation::secagg {

/// Bits of the ring that sums are taken in.
inline constexpr std::uint32_t ring_bits = 32;
/// Points of GF(2^8) but 0.
inline constexpr std::size_t max_hospitals = 255;

struct ParamsLiteral {
  std::vector<std::uint32_t> weights;  ///< public, one a hospital of the run
  std::uint32_t threshold = 0;         ///< 0: the smallest t with 2t > hospitals + colluders
  std::uint32_t colluders = 0;         ///< hospitals that may conspire with the aggregator
  std::uint32_t min_contributors = 3;  ///< fewer in a sum: the round is void
  std::uint32_t value_bits = 24;       ///< of one value, its sign included
  double range = 8.0;                  ///< larger values are clamped
};

class Params {
 public:
  /// Errors: invalid_config, with a sentence that names the numbers to change.
  static Result<Params> create(const ParamsLiteral& literal);

  std::uint32_t hospitals() const { return hospitals_; }
  /// Shares that rebuild a secret, and signatures that a hospital wants to see before it unmasks.
  std::uint32_t threshold() const { return literal_.threshold; }
  /// Fewest hospitals that a sum may hold: threshold and min_contributors both hold.
  std::uint32_t smallest_sum() const;
  std::uint32_t colluders() const { return literal_.colluders; }
  std::uint32_t min_contributors() const { return literal_.min_contributors; }
  const std::vector<std::uint32_t>& weights() const { return literal_.weights; }
  std::uint64_t weight_sum() const { return weight_sum_; }
  double range() const { return literal_.range; }
  /// 2^(value_bits-1) - 1: what the range becomes.
  double largest_step() const;
  /// The distance of neighbouring values: a mean is off by at most half of it.
  double scale() const { return range() / largest_step(); }

  /// One sentence for the user: threshold, dropouts, colluders.
  std::string describe() const;
  /// Two parties agree on all of it or on nothing.
  Hash256 fingerprint() const;

 private:
  explicit Params(ParamsLiteral literal);
  ParamsLiteral literal_;
  std::uint32_t hospitals_ = 0;
  std::uint64_t weight_sum_ = 0;
};

}  // namespace hippocrypt::federation::secagg
