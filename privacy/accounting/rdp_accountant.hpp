#pragma once
// Composition of steps and conversion to (epsilon, delta): the running account of DP-SGD.
//
// The figure that the product shows is computed on shown_orders(), which is the order grid of
// Opacus and nothing else: a figure must be reproducible from (q, sigma, steps, delta) alone, and
// every grid gives a valid upper bound. A finer grid would lower it by less than 0.1 % in ordinary
// regimes.

#include <cstdint>
#include <map>
#include <span>
#include <utility>
#include <vector>

#include "base/result.hpp"

namespace hippocrypt::privacy {

/// `steps` steps of the Poisson-sampled Gaussian, neighbouring data sets differ by one unit more or
/// less.
struct SampledGaussian {
  double sampling_rate;     ///< q in [0, 1]
  double noise_multiplier;  ///< sigma >= 0
  std::uint64_t steps;
};

/// The best bound on a grid of orders.
struct EpsilonAtOrder {
  double epsilon;     ///< infinity where sigma = 0 was used
  double order;       ///< the order at which the minimum was found
  bool at_grid_edge;  ///< the minimum is at the first or last order: a wider grid may give less
};

/// 1.1, 1.2 ... 10.9, then 12 ... 63 (151 orders).
const std::vector<double>& opacus_orders();
/// 1.1 ... 10.9, 11 ... 63, 128, 256, 512, 1024 (156 orders).
const std::vector<double>& dp_accounting_orders();
/// Both of them and 1.01 ... 1.09, 64, 80, 96, 160, 192: the tightest of the three.
const std::vector<double>& default_orders();
/// The grid of every figure that is shown, charged or refused: opacus_orders().
const std::vector<double>& shown_orders();

/// Epsilon at `delta` of all `events` together. Conversion: Balle et al. (arXiv:1905.09982, theorem
/// 21), Canonne, Kamath, Steinke (arXiv:2004.00010, proposition 12); never below 0. No events (or
/// only q = 0) give exactly 0. Needs delta in (0, 1), q in [0, 1], sigma >= 0, orders ascending and
/// > 1.
EpsilonAtOrder rdp_epsilon(std::span<const SampledGaussian> events, double delta,
                           std::span<const double> orders = shown_orders());

/// The same on default_orders(), with a golden-section search (to 1e-3 in the order) around the
/// best of them: at most a few thousandths lower in ordinary regimes, more where shown_orders()
/// ends.
EpsilonAtOrder rdp_epsilon_refined(std::span<const SampledGaussian> events, double delta);

/// The conversion of Mironov 2017 (arXiv:1702.07476, proposition 3), rho + log(1/delta) /
/// (order - 1), which older papers report; 5 to 25 % above rdp_epsilon().
EpsilonAtOrder rdp_epsilon_classic(std::span<const SampledGaussian> events, double delta,
                                   std::span<const double> orders = shown_orders());

/// More rounds than this are reported as this many.
inline constexpr std::uint64_t max_counted_rounds = 1'000'000;

/// How many times `round` can be added to `events` before epsilon at `delta` exceeds `budget`; at
/// most max_counted_rounds, which is also the answer for an infinite budget.
std::uint64_t rounds_that_fit(std::span<const SampledGaussian> events, const SampledGaussian& round,
                              double delta, double budget,
                              std::span<const double> orders = shown_orders());

/// What noise is asked for.
struct NoiseTarget {
  double epsilon;
  double delta;
  double sampling_rate;
  std::uint64_t steps;
};

/// Errors: out_of_range, naming the field, its value and what is allowed.
Status check_target(const NoiseTarget& target);

/// The smallest noise multiplier (up to 1e-9 relative, rounded towards more noise) whose epsilon is
/// at most the target's. Errors: out_of_range where a field of the target is outside its range, or
/// where no noise reaches the target on this grid (delta is too small for so small an epsilon).
Result<double> sigma_for(const NoiseTarget& target,
                         std::span<const double> orders = shown_orders());

/// The running account: keeps the number of steps of every (q, sigma) and the curve rho(order) of
/// each, so that a long run computes every curve once. The result does not depend on how steps were
/// split into events, nor on their order. Not thread-safe.
class RdpAccountant {
 public:
  explicit RdpAccountant(std::span<const double> orders = shown_orders());

  void add(const SampledGaussian& event);
  /// Epsilon of everything added.
  EpsilonAtOrder epsilon(double delta) const;
  /// Epsilon if `event` were added `count` more times.
  EpsilonAtOrder epsilon_with(const SampledGaussian& event, std::uint64_t count, double delta);
  /// See the free function.
  std::uint64_t rounds_that_fit(const SampledGaussian& round, double delta, double budget);
  std::uint64_t steps() const;

 private:
  struct Mechanism {
    std::uint64_t steps = 0;
    std::vector<double> rho_at_order;
  };
  Mechanism& mechanism(const SampledGaussian& event);
  std::vector<double> composed() const;

  std::vector<double> orders_;
  std::map<std::pair<double, double>, Mechanism> mechanisms_;  // keyed by (q, sigma)
};

}  // namespace hippocrypt::privacy
