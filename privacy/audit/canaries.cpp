#include "privacy/audit/canaries.hpp"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "privacy/audit/statistics.hpp"

namespace hippocrypt::privacy::audit {

Result<std::vector<Scored>> score_canaries(const Mechanism& mechanism, const Claim& claim,
                                           const CanaryOptions& options, const Words& coins) {
  std::vector<Scored> canaries(options.canaries);
  std::vector<std::size_t> inside;  // direction of each unit
  for (std::size_t i = 0; i < canaries.size(); ++i) {
    canaries[i].was_in = (coins() >> 63) != 0;
    if (canaries[i].was_in) inside.push_back(i);
  }
  if (inside.empty()) {  // a mechanism has at least one unit; with probability 2^-m
    canaries[0].was_in = true;
    inside.push_back(0);
  }
  const auto length = static_cast<float>(claim.clip * options.norm_over_clip);
  const AuditedData data{
      inside.size(), options.canaries,
      [&](std::size_t unit, std::span<float> out) { out[inside[unit]] = length; }};
  HIPPOCRYPT_TRY(const Matrix released, mechanism(data, options.steps));
  HIPPOCRYPT_CHECK(released.rows() == options.steps && released.cols() == options.canaries);
  for (std::size_t step = 0; step < released.rows(); ++step) {
    for (std::size_t i = 0; i < canaries.size(); ++i) {
      canaries[i].score += static_cast<double>(released(step, i));
    }
  }
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

CheckResult check_canary_weight(const std::vector<Scored>& scores, const Claim& claim,
                                std::uint64_t steps) {
  const auto t = static_cast<double>(steps);
  const double q = claim.sampling_rate;
  const double unit = claim.clip / claim.expected_lot;
  const double outside = claim.noise_multiplier * std::sqrt(t) * unit;
  const double inside =
      std::sqrt(t * (claim.noise_multiplier * claim.noise_multiplier + q * (1 - q))) * unit;
  double sum_in = 0, sum_out = 0, squares = 0;
  std::size_t in = 0;
  for (const Scored& canary : scores) {
    const double off = canary.was_in ? canary.score - q * t * unit : canary.score;
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
