#pragma once
// Gradient-space canaries: m orthogonal directions of norm C, of which a fair coin each puts some
// into the data set. The mechanism samples, clips, sums and noises them as it would patients; a
// canary's score is the projection of all sums on its direction.

#include <cstdint>
#include <functional>
#include <vector>

#include "privacy/audit/check_result.hpp"
#include "privacy/audit/mechanism.hpp"
#include "privacy/audit/one_run.hpp"

namespace hippocrypt::privacy::audit {

/// Uniform words for the auditor's coins.
using Words = std::function<std::uint64_t()>;

struct CanaryOptions {
  std::size_t canaries = 1000;  ///< m
  std::uint64_t steps = 1;
  /// Norm of a canary's gradient over C; far above 1 shows what clipping does about it.
  double norm_over_clip = 1;
};

/// Errors: those of the mechanism.
Result<std::vector<Scored>> score_canaries(const Mechanism& mechanism, const Claim& claim,
                                           const CanaryOptions& options, const Words& coins);

/// The lower bound at `significance` beside what is claimed. "one-run epsilon": the p-value is that
/// of fixed_guesses() at the claim. With a delta of 1e-5 and 1000 canaries it cannot fall far below
/// 1e-4, whatever the mechanism does: 2 m delta is what a mechanism may give away at once.
struct CanaryAudit {
  EpsilonBound bound;
  CheckResult result;
};
CanaryAudit audit_epsilon(const std::vector<Scored>& scores, double claimed_epsilon, double delta,
                          double significance);

/// "canary weight": the scores against the law that the claim gives them, all else being right:
/// those inside N(q T C, T C^2 (sigma^2 + q (1 - q))), those outside N(0, T C^2 sigma^2), both over
/// expected_lot; means and spreads. For canaries of norm C or more and T q (1 - q) of some size, as
/// the sum of T coins is taken for normal. Sees what the bound on epsilon is too blunt for.
CheckResult check_canary_weight(const std::vector<Scored>& scores, const Claim& claim,
                                std::uint64_t steps);

}  // namespace hippocrypt::privacy::audit
