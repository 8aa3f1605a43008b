#pragma once
// Which token comes next: the likeliest, or one drawn from the distribution that the logits give,
// sharpened by a temperature and cut to its likeliest part (top-k, Fan et al. 2018; top-p, Holtzman
// et al. 2020, section 3.1).

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/random.hpp"
#include "base/result.hpp"

namespace hippocrypt::model {

/// Unchecked values.
struct SamplingLiteral {
  double temperature = 0.0;  ///< 0: greedy, the likeliest token
  std::size_t top_k = 0;     ///< draw from the k likeliest only; 0: from all
  double top_p = 1.0;        ///< ... from the fewest likeliest whose probabilities reach p
};

/// Checked and immutable.
class SamplingConfig {
 public:
  /// Errors: out_of_range (a temperature below 0, a top_p outside (0, 1]), not_finite.
  static Result<SamplingConfig> create(SamplingLiteral literal);
  const SamplingLiteral* operator->() const { return &literal_; }
  bool greedy() const { return literal_.temperature == 0.0; }

 private:
  explicit SamplingConfig(SamplingLiteral literal) : literal_{literal} {}
  SamplingLiteral literal_;
};

/// A token that can be drawn, with its probability.
struct Candidate {
  std::uint32_t token;
  double probability;
};

/// Whom the draw is from: temperature first, then top-k, then top-p on what top-k left. The
/// probabilities add up to 1; the likeliest comes first where anything was cut, and of equal logits
/// the lower token. Greedy leaves one. Errors: not_finite (a logit that is NaN or infinite);
/// out_of_range (no logits).
Result<std::vector<Candidate>> candidates(std::span<const float> logits,
                                          const SamplingConfig& config);

/// One token. Greedy takes nothing from `random`, anything else one draw. Errors: the same.
Result<std::uint32_t> sample(std::span<const float> logits, const SamplingConfig& config,
                             SeededSequence& random);

}  // namespace hippocrypt::model
