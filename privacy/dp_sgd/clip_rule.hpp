#pragma once
// How a unit's gradient is bounded in one step.

#include <cstddef>
#include <cstdint>

#include "privacy/dp_sgd/noise_grid.hpp"
#include "privacy/ledger/ledger_entry.hpp"

namespace hippocrypt::privacy {

/// Grid, clip norm and kind of one step; the same for every unit. flat: one norm over all values.
/// per_layer: each of L layers on its own, to C / sqrt(L), so that the whole keeps the norm C that
/// the noise is made for. adaptive: flat, with a C that follows a quantile of the norms (Andrew et
/// al. 2021, arXiv:1905.03871).
struct ClipRule {
  Clipping kind = Clipping::flat;
  double clip = 1;  ///< C, finite and above 0
  NoiseGrid grid;
  /// What a unit within the clip norm adds to the counter and one above takes from it, in grid
  /// units; 0 without a counter. It is part of the unit's integers: gradient and counter together
  /// keep the grid's sensitivity.
  std::int64_t counter = 0;

  /// What is left of the sensitivity for the gradient, in grid units.
  double gradient_sensitivity() const;
  /// One grid unit of the gradient. With the noise of the grid on it the gradient has noise of
  /// standard deviation unit() * 2^k.
  double unit() const { return clip / gradient_sensitivity(); }
  /// The norm that a unit's gradient of `size` values is scaled to, in grid units: the rounding of
  /// every value and the arithmetic of the norm fit between it and gradient_sensitivity().
  double target(std::size_t size) const;

  friend bool operator==(const ClipRule&, const ClipRule&) = default;
};

}  // namespace hippocrypt::privacy
