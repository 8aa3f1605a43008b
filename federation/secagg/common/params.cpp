#include "federation/secagg/common/params.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <numeric>

#include "base/check.hpp"

namespace hippocrypt::federation::secagg {
namespace {

Error refused(std::string sentence) { return {Errc::invalid_config, std::move(sentence)}; }

std::string text(std::uint64_t number) { return std::to_string(number); }

std::uint64_t sum_of(const std::vector<std::uint32_t>& weights) {
  return std::accumulate(weights.begin(), weights.end(), std::uint64_t{0});
}

/// ceil(log2(value)), value >= 1.
std::uint32_t bits_above(std::uint64_t value) {
  return static_cast<std::uint32_t>(std::bit_width(value - 1));
}

Status check_members(const ParamsLiteral& literal) {
  const std::size_t hospitals = literal.weights.size();
  if (literal.min_contributors < 3) {
    return refused("min_contributors = " + text(literal.min_contributors) +
                   ", but of two contributors each learns the other's update by subtracting its "
                   "own from the sum; set it to 3 or more");
  }
  if (hospitals < literal.min_contributors) {
    return refused("secure aggregation needs at least min_contributors = " +
                   text(literal.min_contributors) + " hospitals and " + text(hospitals) +
                   " are configured: add hospitals, or turn [secagg] off and say that the "
                   "aggregator sees every update");
  }
  if (hospitals > max_hospitals) {
    return refused(text(hospitals) +
                   " hospitals; secure aggregation shares secrets among at most " +
                   text(max_hospitals));
  }
  if (std::find(literal.weights.begin(), literal.weights.end(), 0U) != literal.weights.end()) {
    return refused("a hospital's weight is 0; weights are whole numbers from 1");
  }
  return {};
}

Status check_threshold(const ParamsLiteral& literal) {
  const std::size_t hospitals = literal.weights.size();
  if (std::uint64_t{literal.colluders} + 2 > hospitals) {
    return refused("colluders = " + text(literal.colluders) + " of " + text(hospitals) +
                   " hospitals would know the update of the one that is left; at most " +
                   text(hospitals - 2) + " make sense");
  }
  if (literal.threshold > hospitals) {
    return refused("threshold = " + text(literal.threshold) + " is more than the " +
                   text(hospitals) + " hospitals; no round could ever be unmasked");
  }
  if (2 * std::uint64_t{literal.threshold} <= hospitals + literal.colluders) {
    return refused("threshold = " + text(literal.threshold) + " is too small: with " +
                   text(hospitals) + " hospitals and colluders = " + text(literal.colluders) +
                   " two sums could be opened in one round; leave it 0 or set it to at least " +
                   text((hospitals + literal.colluders) / 2 + 1));
  }
  return {};
}

Status check_numbers(const ParamsLiteral& literal) {
  if (!std::isfinite(literal.range) || literal.range <= 0) {
    return refused("range must be a positive number: the largest absolute value of an update");
  }
  if (literal.value_bits < 8 || literal.value_bits > 30) {
    return refused("value_bits = " + text(literal.value_bits) + " is outside 8 to 30");
  }
  const std::uint64_t weights = sum_of(literal.weights);
  const std::uint32_t needed = literal.value_bits + bits_above(weights);
  if (needed > ring_bits) {
    const std::uint32_t room =
        bits_above(weights) + 8 <= ring_bits ? ring_bits - bits_above(weights) : 0;
    return refused(
        "the sum could overflow: value_bits = " + text(literal.value_bits) +
        " and weights that sum to " + text(weights) + " need " + text(needed) +
        " bits and the ring has " + text(ring_bits) +
        (room > 0 ? "; set value_bits to at most " + text(room) + " or make the weights smaller"
                  : "; make the weights smaller: they may sum to 2^24 at most"));
  }
  return {};
}

}  // namespace

Params::Params(ParamsLiteral literal)
    : literal_{std::move(literal)},
      hospitals_{static_cast<std::uint32_t>(literal_.weights.size())},
      weight_sum_{sum_of(literal_.weights)} {}

Result<Params> Params::create(const ParamsLiteral& literal) {
  HIPPOCRYPT_TRY_VOID(check_members(literal));
  ParamsLiteral filled = literal;
  if (filled.threshold == 0) {
    filled.threshold =
        static_cast<std::uint32_t>((literal.weights.size() + literal.colluders) / 2 + 1);
  }
  HIPPOCRYPT_TRY_VOID(check_threshold(filled));
  HIPPOCRYPT_TRY_VOID(check_numbers(filled));
  return Params{std::move(filled)};
}

std::uint32_t Params::smallest_sum() const {
  return std::max(literal_.threshold, literal_.min_contributors);
}

double Params::largest_step() const {
  return static_cast<double>((std::uint64_t{1} << (literal_.value_bits - 1)) - 1);
}

std::string Params::describe() const {
  const std::uint32_t before = hospitals_ - smallest_sum();
  const std::uint32_t after = hospitals_ - threshold();
  return "secure aggregation: threshold " + text(threshold()) + " of " + text(hospitals_) +
         " hospitals; a sum holds at least " + text(smallest_sum()) + ", so " + text(before) +
         " may be missing from it, and " + text(after) + " when it is unmasked; " +
         (colluders() == 0
              ? "no hospital may conspire with a dishonest aggregator"
              : "up to " + text(colluders()) + " may conspire with a dishonest aggregator");
}

Hash256 Params::fingerprint() const {
  Sha256 hash;
  hash.add_field("hippocrypt secagg params 1");
  hash.add_u64(hospitals_);
  for (const std::uint32_t weight : literal_.weights) hash.add_u64(weight);
  hash.add_u64(literal_.threshold).add_u64(literal_.colluders).add_u64(literal_.min_contributors);
  hash.add_u64(literal_.value_bits).add_u64(std::bit_cast<std::uint64_t>(literal_.range));
  return hash.finish();
}

}  // namespace hippocrypt::federation::secagg
