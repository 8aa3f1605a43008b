#pragma once
// The tight account of DP-SGD: privacy loss distributions. Every figure is an upper bound, rounding
// included; how it comes about is in loss_pmf.hpp and loss_composition.hpp.

#include <cstdint>
#include <memory>
#include <span>
#include <utility>

#include "base/result.hpp"
#include "privacy/accounting/pld_workspace.hpp"
#include "privacy/accounting/rdp_accountant.hpp"

namespace hippocrypt::privacy {

/// Below this delta the figure is refused.
inline constexpr double smallest_pld_delta = 1e-12;
/// Most different (q, sigma) that are composed. Where a noise schedule makes more, neighbouring
/// noise multipliers of one q are taken for the smallest of them: less noise is an upper bound.
inline constexpr std::size_t max_pld_mechanisms = 32;

/// The account of steps by their loss distributions. Both directions (a record removed, a record
/// added) are composed on their own and the larger epsilon is taken at the end. Steps without
/// sampling (q = 1) are Gaussians, of which any number is one Gaussian. Not thread-safe;
/// accountants that share a workspace may be used at once.
class PldAccountant {
 public:
  explicit PldAccountant(
      std::shared_ptr<PldWorkspace> workspace = std::make_shared<PldWorkspace>());

  void add(const SampledGaussian& event);

  /// Epsilon of everything added. Errors, after which the caller uses the Renyi figure:
  /// out_of_range (delta is not in [smallest_pld_delta, 1)), unsupported (sampled steps with a
  /// noise multiplier below smallest_loss_sigma, though 0 gives infinity), limit_exceeded (too many
  /// cells, steps or mechanisms).
  Result<double> epsilon(double delta);
  /// Epsilon if `event` were added `count` more times.
  Result<double> epsilon_with(const SampledGaussian& event, std::uint64_t count, double delta);
  std::uint64_t steps() const;
  /// What the account would hold with `event` `count` more times.
  PldMechanisms with(const SampledGaussian& event, std::uint64_t count) const;

  /// Steps of one (q, sigma).
  struct Step {
    std::pair<double, double> mechanism;
    std::uint64_t steps;
    double deviation;  ///< of one step's loss
  };

 private:
  Result<double> epsilon_of(const PldMechanisms& mechanisms, double delta);
  Result<double> computed_epsilon(const PldMechanisms& mechanisms, double delta);
  Result<double> epsilon_on(std::span<const Step> steps, const LossGrid& grid, double delta);

  PldMechanisms mechanisms_;
  std::shared_ptr<PldWorkspace> workspace_;
};

/// Epsilon at `delta` of all `events`; errors as PldAccountant::epsilon.
Result<double> pld_epsilon(std::span<const SampledGaussian> events, double delta);

}  // namespace hippocrypt::privacy
