#include "privacy/accounting/calibration.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/core.h>

#include "privacy/accounting/budget_accountant.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double largest_noise = 1e9;
constexpr double smallest_noise = 1e-3;
constexpr double tolerance = 1e-7;

/// Epsilon after the target's steps with some noise.
class EpsilonOfNoise {
 public:
  EpsilonOfNoise(const NoiseTarget& target, Accountant accountant,
                 std::span<const SampledGaussian> spent)
      : target_{target}, accountant_{accountant} {
    for (const SampledGaussian& event : spent) {
      rdp_.add(event);
      pld_.add(event);
    }
  }

  double operator()(double noise) {
    const SampledGaussian event{target_.sampling_rate, noise, target_.steps};
    if (accountant_ != Accountant::rdp) {
      const Result<double> pld = pld_.epsilon_with(event, 1, target_.delta);
      if (pld.has_value()) return *pld;
      if (accountant_ == Accountant::pld) return infinity;
    }
    RdpAccountant rdp = rdp_;  // a copy, which forgets the curve of this noise again
    return rdp.epsilon_with(event, 1, target_.delta).epsilon;
  }

 private:
  NoiseTarget target_;
  Accountant accountant_;
  RdpAccountant rdp_;
  PldAccountant pld_;
};

Error unreachable(const NoiseTarget& target) {
  return {Errc::out_of_range,
          fmt::format("no noise up to {:g} times the clip keeps epsilon to {:g} at delta {:g}; "
                      "raise epsilon or delta",
                      largest_noise, target.epsilon, target.delta)};
}

}  // namespace

Result<double> noise_multiplier_for(const NoiseTarget& target, Accountant accountant,
                                    std::span<const SampledGaussian> spent) {
  HIPPOCRYPT_TRY_VOID(check_target(target));
  if (accountant == Accountant::pld) {
    HIPPOCRYPT_TRY_VOID(pld_epsilon({}, target.delta));
  }
  EpsilonOfNoise epsilon_of{target, accountant, spent};
  double enough = 1.0;
  double at_enough = epsilon_of(enough);
  double too_little = 0.0;
  double at_too_little = infinity;
  while (at_enough > target.epsilon) {
    too_little = enough;
    at_too_little = at_enough;
    enough *= 2.0;
    if (enough > largest_noise) return unreachable(target);
    at_enough = epsilon_of(enough);
  }
  while (too_little == 0.0) {
    const double half = 0.5 * enough;
    if (half < smallest_noise) return enough;
    const double epsilon = epsilon_of(half);
    (epsilon <= target.epsilon ? enough : too_little) = half;
    (epsilon <= target.epsilon ? at_enough : at_too_little) = epsilon;
  }
  // log epsilon is nearly a straight line over log sigma.
  for (int tries = 0; enough - too_little > tolerance * enough; ++tries) {
    const double low = std::log(too_little);
    const double high = std::log(enough);
    const double rise = std::log(at_too_little / target.epsilon);
    const double fall = std::log(target.epsilon / at_enough);
    double part = 0.5;
    if (tries % 3 != 2 && std::isfinite(rise / (rise + fall))) part = rise / (rise + fall);
    // Aim a little at the side that closes the bracket.
    const double nudge = 0.3 * tolerance / (high - low);
    part = std::clamp(part + (tries % 2 == 0 ? nudge : -nudge), 1e-3 * nudge, 1.0 - 1e-3 * nudge);
    const double middle = std::exp(low + part * (high - low));
    if (!(middle > too_little && middle < enough)) break;
    const double epsilon = epsilon_of(middle);
    (epsilon <= target.epsilon ? enough : too_little) = middle;
    (epsilon <= target.epsilon ? at_enough : at_too_little) = epsilon;
  }
  return enough;
}

std::uint64_t steps_for(const SampledGaussian& step, double epsilon, double delta,
                        std::span<const SampledGaussian> spent) {
  BudgetAccountant account;
  for (const SampledGaussian& event : spent) account.add(event);
  return account.rounds_that_fit({step.sampling_rate, step.noise_multiplier, 1}, delta, epsilon);
}

}  // namespace hippocrypt::privacy
