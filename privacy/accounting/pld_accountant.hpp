#pragma once
// The tight account of DP-SGD: privacy loss distributions. Every figure is an upper bound, rounding
// included; how it comes about is in loss_pmf.hpp and loss_composition.hpp.

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <span>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "privacy/accounting/loss_pmf.hpp"
#include "privacy/accounting/rdp_accountant.hpp"
#include "privacy/accounting/real_fft.hpp"

namespace hippocrypt::privacy {

/// Below this delta the figure is refused.
inline constexpr double smallest_pld_delta = 1e-12;
/// Most different (q, sigma) in one account.
inline constexpr std::size_t max_pld_mechanisms = 512;

/// The account of steps by their loss distributions. Both directions (a record removed, a record
/// added) are composed on their own and the larger epsilon is taken at the end. Steps without
/// sampling (q = 1) are Gaussians, of which any number is one Gaussian. Keeps the distributions of
/// single steps that it used last, at most about 64 MB. Not thread-safe.
class PldAccountant {
 public:
  void add(const SampledGaussian& event);

  /// Epsilon of everything added. Errors, after which the caller uses the Renyi figure:
  /// out_of_range (delta is not in [smallest_pld_delta, 1)), unsupported (sampled steps with a
  /// noise multiplier below smallest_loss_sigma, though 0 gives infinity), limit_exceeded (too many
  /// cells, steps or mechanisms).
  Result<double> epsilon(double delta);
  /// Epsilon if `event` were added `count` more times.
  Result<double> epsilon_with(const SampledGaussian& event, std::uint64_t count, double delta);
  std::uint64_t steps() const;

  /// Steps of one (q, sigma).
  struct Step {
    std::pair<double, double> mechanism;
    std::uint64_t steps;
    double deviation;  ///< of one step's loss
  };

 private:
  using Mechanisms = std::map<std::pair<double, double>, std::uint64_t>;  // (q, sigma), steps
  struct CachedLoss {
    std::pair<double, double> mechanism;
    LossGrid grid;
    std::shared_ptr<const LossPmfs> losses;
  };

  Result<double> epsilon_of(const Mechanisms& mechanisms, double delta);
  Result<std::shared_ptr<const LossPmfs>> losses(const std::pair<double, double>& mechanism,
                                                 const LossGrid& grid);
  Result<double> epsilon_on(std::span<const Step> steps, const LossGrid& grid, double delta);

  Mechanisms mechanisms_;
  std::list<CachedLoss> cache_;  // the one used last in front
  RealFft fft_;
};

/// Epsilon at `delta` of all `events`; errors as PldAccountant::epsilon.
Result<double> pld_epsilon(std::span<const SampledGaussian> events, double delta);

}  // namespace hippocrypt::privacy
