#include "privacy/audit/canaries.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "privacy/audit/statistics.hpp"

namespace hippocrypt::privacy::audit {

std::vector<Scored> toss_canaries(std::size_t count, const Words& coins) {
  HIPPOCRYPT_CHECK(count > 0);
  std::vector<Scored> canaries(count);
  for (Scored& canary : canaries) canary.was_in = (coins() >> 63) != 0;
  const bool any = std::any_of(canaries.begin(), canaries.end(),
                               [](const Scored& canary) { return canary.was_in; });
  if (!any) canaries.front().was_in = true;  // a data set has a unit; with probability 2^-count
  return canaries;
}

Status add_scores(const Mechanism& mechanism, const ClaimedSteps& claimed, double norm_over_clip,
                  std::vector<Scored>& canaries) {
  std::vector<std::size_t> inside;  // direction of each unit
  for (std::size_t i = 0; i < canaries.size(); ++i) {
    if (canaries[i].was_in) inside.push_back(i);
  }
  const auto length = static_cast<float>(claimed.claim.clip * norm_over_clip);
  const AuditedData data{
      inside.size(), canaries.size(),
      [&](std::size_t unit, std::span<float> out) { out[inside[unit]] = length; }};
  HIPPOCRYPT_TRY(const Matrix released, mechanism(data, claimed.steps));
  HIPPOCRYPT_CHECK(released.rows() == claimed.steps && released.cols() == canaries.size());
  for (std::size_t step = 0; step < released.rows(); ++step) {
    for (std::size_t i = 0; i < canaries.size(); ++i) {
      canaries[i].score += static_cast<double>(released(step, i));
    }
  }
  return {};
}

Result<std::vector<Scored>> score_canaries(const Mechanism& mechanism, const Claim& claim,
                                           const CanaryOptions& options, const Words& coins) {
  auto canaries = toss_canaries(options.canaries, coins);
  HIPPOCRYPT_TRY_VOID(
      add_scores(mechanism, {claim, options.steps}, options.norm_over_clip, canaries));
  return canaries;
}

CanaryAudit audit_epsilon(const std::vector<Scored>& scores, double claimed_epsilon, double delta,
                          double significance) {
  CanaryAudit audit;
  audit.bound = best_bound(scores, delta, significance);
  const auto list = fixed_guesses(scores);
  double p = 1;
  for (const Guesses& guesses : list) {
    p = std::min(p, one_run_p_value(guesses, claimed_epsilon, delta));
  }
  audit.result.name = "one-run epsilon";
  audit.result.p_value = std::min(1.0, static_cast<double>(list.size()) * p);
  audit.result.finding = fmt::format(
      "epsilon at least {:.4f} (if Gaussian {:.4f}) at confidence {:g} where {:.4f} is claimed; {} "
      "of {} guesses right, {} canaries",
      audit.bound.epsilon, audit.bound.epsilon_gaussian, 1 - significance, claimed_epsilon,
      audit.bound.guesses.right, audit.bound.guesses.made, audit.bound.guesses.canaries);
  return audit;
}

CheckResult check_canary_weight(const std::vector<Scored>& scores,
                                std::span<const ClaimedSteps> claims) {
  double mean = 0, variance_in = 0, variance_out = 0;
  for (const auto& [claim, steps] : claims) {
    const auto t = static_cast<double>(steps);
    const double q = claim.sampling_rate;
    const double sigma = claim.noise_multiplier;
    const double unit = claim.clip / claim.expected_lot;
    mean += q * t * unit;
    variance_out += t * sigma * sigma * unit * unit;
    variance_in += t * (sigma * sigma + q * (1 - q)) * unit * unit;
  }
  const double inside = std::sqrt(variance_in), outside = std::sqrt(variance_out);
  double sum_in = 0, sum_out = 0, squares = 0;
  std::size_t in = 0;
  for (const Scored& canary : scores) {
    const double off = canary.was_in ? canary.score - mean : canary.score;
    const double z = off / (canary.was_in ? inside : outside);
    (canary.was_in ? sum_in : sum_out) += z;
    squares += z * z;
    if (canary.was_in) ++in;
  }
  const auto count = static_cast<double>(scores.size());
  const double z_in = sum_in / std::sqrt(static_cast<double>(std::max<std::size_t>(1, in)));
  const double z_out =
      sum_out / std::sqrt(static_cast<double>(std::max<std::size_t>(1, scores.size() - in)));
  const double p = std::min(
      {two_sided_normal(z_in), two_sided_normal(z_out), two_sided_chi_square(squares, count)});
  return {"canary weight", std::min(1.0, 3 * p),
          fmt::format("means {:+.2f} and {:+.2f} standard errors off, spread {:.4f} of what is "
                      "claimed; {} canaries in, {} out",
                      z_in, z_out, std::sqrt(squares / count), in, scores.size() - in)};
}

}  // namespace hippocrypt::privacy::audit
