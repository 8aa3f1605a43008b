#pragma once
// The sum of a lot's clipped gradients, in whole grid units (noise_grid.hpp). A unit (patient or
// note) enters with one L2 norm over all adapters; clipping the mean of a lot or of a microbatch
// instead would bound nothing.

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <vector>

#include "base/secret.hpp"
#include "privacy/dp_sgd/clip_rule.hpp"

namespace hippocrypt::privacy {

/// The gradients of several units, cut into layers. Neither call may depend on threads.
struct UnitGradients {
  std::size_t units = 0;
  std::size_t layers = 0;
  /// Squared L2 norm of each unit's layer: unit after unit. (units * layers)
  std::span<const double> squares;
  /// The values of one unit's layer, of the layer's size. The span must stay valid until the same
  /// worker asks again; the same arguments must give the same bits. May run on several threads at
  /// once, with different workers.
  std::function<std::span<const float>(std::size_t unit, std::size_t layer, std::size_t worker)>
      layer;
};

/// Clips every unit's gradient, rounds it to the grid and adds it. The sum can be had only with
/// noise on it, from PrivateRound::privatize. The counters depend on private data: they stay in
/// the hospital. Adding or removing one unit moves the integers by at most the rule's sensitivity,
/// whatever its gradient holds.
class LotAccumulator {
 public:
  /// `layers` holds the number of values of each layer.
  LotAccumulator(std::vector<std::size_t> layers, const ClipRule& rule);
  LotAccumulator(std::size_t size, const ClipRule& rule)
      : LotAccumulator{std::vector<std::size_t>{size}, rule} {}

  /// Adds round(gradient * factor): factor 1 up to the clip norm (less a reserve for the rounding),
  /// else what brings the norm there; by layers where the rule says so. A gradient that holds a
  /// NaN or an infinity adds nothing and is counted as rejected, and so is one whose integers
  /// exceed the sensitivity after all. gradient (size).
  void add(std::span<const float> gradient);
  /// The same for several units at once, whose norms are known; never holds more than a layer of
  /// one unit's gradient a thread.
  void add_units(const UnitGradients& gradients, std::size_t threads);

  std::size_t size() const { return sum_.size(); }
  const std::vector<std::size_t>& layers() const { return layers_; }
  const ClipRule& rule() const { return rule_; }
  /// Gradients taken, rejected ones included.
  std::uint64_t units() const { return units_; }
  /// Those that were scaled down, in any layer.
  std::uint64_t clipped() const { return clipped_; }
  /// Those that were not finite.
  std::uint64_t rejected() const { return rejected_; }

 private:
  friend class PrivateRound;             // takes the sum and adds noise to it
  friend struct LotAccumulatorTestPeer;  // defined by the tests only, to measure the sensitivity

  std::vector<double> factors_of(const UnitGradients& gradients);
  std::vector<double> add_integers(const UnitGradients& gradients, std::span<const double> factors,
                                   double sign, std::size_t threads);

  std::vector<std::size_t> layers_;
  std::vector<std::size_t> begin_;
  ClipRule rule_;
  SecretArray<std::int64_t> sum_;
  std::int64_t below_clip_ = 0;  ///< units within the clip norm less those above, times the rule's
                                 ///< counter
  std::uint64_t units_ = 0;
  std::uint64_t clipped_ = 0;
  std::uint64_t rejected_ = 0;
};

}  // namespace hippocrypt::privacy
