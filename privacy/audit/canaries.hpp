#pragma once
// Gradient-space canaries: m orthogonal directions of norm C, of which a fair coin each puts some
// into the data set. The mechanism samples, clips, sums and noises them as it would patients; a
// canary's score is the projection of all sums on its direction.

#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "privacy/audit/check_result.hpp"
#include "privacy/audit/mechanism.hpp"
#include "privacy/audit/one_run.hpp"

namespace hippocrypt::privacy::audit {

/// Uniform words for the auditor's coins.
using Words = std::function<std::uint64_t()>;

/// Steps with the same constants.
struct ClaimedSteps {
  Claim claim;
  std::uint64_t steps = 0;
};

struct CanaryOptions {
  std::size_t canaries = 1000;  ///< m
  std::uint64_t steps = 1;
  /// Norm of a canary's gradient over C; far above 1 shows what clipping does about it.
  double norm_over_clip = 1;
};

/// All canaries with a score of 0, each in or out by the highest bit of a word; at least one is in.
std::vector<Scored> toss_canaries(std::size_t count, const Words& coins);

/// Runs the mechanism on the canaries that are in and adds to every score. Errors: those of the
/// mechanism.
Status add_scores(const Mechanism& mechanism, const ClaimedSteps& claimed, double norm_over_clip,
                  std::vector<Scored>& canaries);

/// Both, for steps of one kind.
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

/// "canary weight": the scores, summed over all of these steps, against the law that the claims
/// give them: those inside have mean sum(q T C / L) and variance sum(T C^2 (sigma^2 + q (1 - q)) /
/// L^2), L the expected lot; those outside mean 0 and the noise's variance. Means and spreads. For
/// canaries of norm C or more; the sum of steps is taken for normal. Sees what the bound on epsilon
/// is too blunt for.
CheckResult check_canary_weight(const std::vector<Scored>& scores,
                                std::span<const ClaimedSteps> claims);

}  // namespace hippocrypt::privacy::audit
