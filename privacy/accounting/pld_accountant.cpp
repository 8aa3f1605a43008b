#include "privacy/accounting/pld_accountant.hpp"

#include <algorithm>
#include <cmath>
#include <limits>

#include <fmt/core.h>

#include "base/check.hpp"
#include "privacy/accounting/analytic_gaussian.hpp"
#include "privacy/accounting/loss_composition.hpp"

namespace hippocrypt::privacy {
namespace {

using MechanismKey = std::pair<double, double>;  // q, sigma

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double cells_per_deviation = 30.0;
// What the grid may add to epsilon, by the estimate of grid_cost().
constexpr double tolerated_excess = 1e-5;
// Above it another accountant is better.
constexpr double largest_excess = 1e-2;

using Step = PldAccountant::Step;

/// Roughly what a spacing adds to epsilon: connecting dots adds up to h^2/6 (or, where a step's
/// deviation s is below h, about 0.4 s h) to the variance of every step and half of that to its
/// mean; epsilon lies about 6 deviations from the middle.
double grid_cost(std::span<const Step> steps, double spacing) {
  double variance = 0.0;
  double added = 0.0;
  for (const Step& step : steps) {
    const auto count = static_cast<double>(step.steps);
    variance += count * step.deviation * step.deviation;
    added += count * std::min(spacing * spacing / 6.0, 0.4 * step.deviation * spacing);
  }
  return 0.5 * added * (1.0 + 6.0 / std::sqrt(variance));
}

/// A power of two, at least 30 cells for every standard deviation of each step that matters, finer
/// where many steps would add up their errors.
double choose_spacing(std::span<const Step> steps) {
  double variance = 0.0;
  for (const Step& step : steps) {
    variance += static_cast<double>(step.steps) * step.deviation * step.deviation;
  }
  double finest = infinity;
  for (const Step& step : steps) {
    const double part = static_cast<double>(step.steps) * step.deviation * step.deviation;
    if (part >= 1e-3 * variance) finest = std::min(finest, step.deviation);
  }
  double spacing = std::exp2(std::floor(std::log2(finest / cells_per_deviation)));
  while (grid_cost(steps, spacing) > tolerated_excess) spacing *= 0.5;
  return spacing;
}

/// So far that all that is cut off is a small part of delta; in steps of 1/2, so that a growing
/// account finds its losses again.
double choose_reach(std::span<const Step> steps, double delta) {
  double count = 0.0;
  for (const Step& step : steps) count += static_cast<double>(step.steps);
  const double probability = 1e-9 * delta / count;  // Phi(-x) <= e^(-x^2 / 2) / 2
  return std::min(12.0, 0.5 * std::ceil(2.0 * std::sqrt(-2.0 * std::log(2.0 * probability))));
}

/// Plain Gaussians are one: 1 / sigma^2 adds up.
double combined_sigma(const PldMechanisms& mechanisms) {
  double precision = 0.0;
  for (const auto& [key, steps] : mechanisms) {
    if (key.first == 1.0) precision += static_cast<double>(steps) / (key.second * key.second);
  }
  return 1.0 / std::sqrt(precision);
}

/// At most max_pld_mechanisms, by bins of equal width in log sigma for every q. Errors:
/// limit_exceeded (too many different q).
Result<PldMechanisms> merge_neighbours(const PldMechanisms& mechanisms) {
  if (mechanisms.size() <= max_pld_mechanisms) return mechanisms;
  std::map<double, std::pair<double, double>> range;  // q: smallest and largest sigma
  for (const auto& [key, steps] : mechanisms) {
    auto& [low, high] = range.try_emplace(key.first, key.second, key.second).first->second;
    low = std::min(low, key.second);
    high = std::max(high, key.second);
  }
  if (range.size() > max_pld_mechanisms) {
    return Error{Errc::limit_exceeded,
                 fmt::format("the account has {} different sampling rates and the limit of the PLD "
                             "accountant is {}; use the RDP figure",
                             range.size(), max_pld_mechanisms)};
  }
  const double bins = std::floor(static_cast<double>(max_pld_mechanisms / range.size()));
  PldMechanisms merged;
  double first_of_bin = 0.0;
  double bin_before = -1.0;
  for (const auto& [key, steps] : mechanisms) {  // ascending in q, then in sigma
    const auto& [low, high] = range.at(key.first);
    const double width = std::log(high / low);
    const bool is_first = key.second == low;
    const double bin =
        is_first || !(width > 0.0)
            ? 0.0
            : std::min(bins - 1.0, std::floor(bins * std::log(key.second / low) / width));
    if (is_first || bin != bin_before) first_of_bin = key.second;
    bin_before = bin;
    merged[{key.first, first_of_bin}] += steps;
  }
  return merged;
}

Error too_little_noise(double sigma) {
  return {Errc::unsupported,
          fmt::format("the PLD accountant needs a noise multiplier of at least {} and this one is "
                      "{:g}; use the RDP figure",
                      smallest_loss_sigma, sigma)};
}

}  // namespace

PldAccountant::PldAccountant(std::shared_ptr<PldWorkspace> workspace)
    : workspace_{std::move(workspace)} {
  HIPPOCRYPT_CHECK(workspace_ != nullptr);
}

void PldAccountant::add(const SampledGaussian& event) {
  HIPPOCRYPT_CHECK(event.sampling_rate >= 0.0 && event.sampling_rate <= 1.0);
  HIPPOCRYPT_CHECK(event.noise_multiplier >= 0.0);
  mechanisms_ = with(event, 1);
}

PldMechanisms PldAccountant::with(const SampledGaussian& event, std::uint64_t count) const {
  PldMechanisms mechanisms = mechanisms_;
  const bool is_spent = event.sampling_rate > 0.0 && event.steps > 0 && count > 0;
  if (is_spent) mechanisms[{event.sampling_rate, event.noise_multiplier}] += event.steps * count;
  return mechanisms;
}

std::uint64_t PldAccountant::steps() const {
  std::uint64_t total = 0;
  for (const auto& [key, steps] : mechanisms_) total += steps;
  return total;
}

Result<double> PldAccountant::epsilon(double delta) { return epsilon_of(mechanisms_, delta); }

Result<double> PldAccountant::epsilon_with(const SampledGaussian& event, std::uint64_t count,
                                           double delta) {
  return epsilon_of(with(event, count), delta);
}

Result<double> PldAccountant::epsilon_on(std::span<const Step> steps, const LossGrid& grid,
                                         double delta) {
  std::vector<std::shared_ptr<const LossPmfs>> held;
  std::vector<LossTerm> removing;
  std::vector<LossTerm> adding;
  for (const Step& step : steps) {
    HIPPOCRYPT_TRY(auto pmfs, workspace_->losses(step.mechanism, grid));
    removing.push_back({&pmfs->remove, step.steps});
    adding.push_back({&pmfs->add, step.steps});
    held.push_back(std::move(pmfs));
  }
  HIPPOCRYPT_TRY(const ComposedLoss removed,
                 ComposedLoss::compose(removing, delta, workspace_->fft()));
  HIPPOCRYPT_TRY(const ComposedLoss added, ComposedLoss::compose(adding, delta, workspace_->fft()));
  return std::max(removed.epsilon(delta), added.epsilon(delta));
}

Result<double> PldAccountant::epsilon_of(const PldMechanisms& mechanisms, double delta) {
  if (!(delta >= smallest_pld_delta && delta < 1.0)) {
    return Error{Errc::out_of_range,
                 fmt::format("the PLD accountant's delta is {:g}; allowed is a value from {:g} to "
                             "below 1",
                             delta, smallest_pld_delta)};
  }
  if (mechanisms.empty()) return 0.0;
  const auto lock = workspace_->lock();
  if (const auto known = workspace_->figure(mechanisms, delta)) return *known;
  const Result<double> epsilon = computed_epsilon(mechanisms, delta);
  workspace_->remember(mechanisms, delta, epsilon);
  return epsilon;
}

Result<double> PldAccountant::computed_epsilon(const PldMechanisms& mechanisms, double delta) {
  std::vector<Step> steps;
  HIPPOCRYPT_TRY(const PldMechanisms composed, merge_neighbours(mechanisms));
  for (const auto& [key, count] : composed) {
    if (key.second == 0.0) return infinity;
    if (key.first < 1.0) steps.push_back({key, count, 0.0});
  }
  const double plain = combined_sigma(mechanisms);
  if (steps.empty()) return gaussian_epsilon(plain, delta);
  if (std::isfinite(plain)) steps.push_back({{1.0, plain}, 1, 0.0});
  for (Step& step : steps) {
    const SampledStep one{step.mechanism.first, step.mechanism.second};
    if (one.noise_multiplier < smallest_loss_sigma) return too_little_noise(one.noise_multiplier);
    step.deviation = loss_deviation(one);
  }
  // Too long for memory: a coarser grid is as valid, only looser.
  LossGrid grid{choose_spacing(steps), choose_reach(steps, delta)};
  for (;; grid.spacing *= 2.0) {
    Result<double> epsilon = epsilon_on(steps, grid, delta);
    const bool is_too_long = !epsilon.has_value() && epsilon.error().code == Errc::limit_exceeded;
    if (!is_too_long || grid_cost(steps, 2.0 * grid.spacing) > largest_excess) return epsilon;
  }
}

Result<double> pld_epsilon(std::span<const SampledGaussian> events, double delta) {
  PldAccountant accountant;
  for (const SampledGaussian& event : events) accountant.add(event);
  return accountant.epsilon(delta);
}

}  // namespace hippocrypt::privacy
