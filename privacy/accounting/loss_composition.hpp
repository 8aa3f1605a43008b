#pragma once
// The privacy loss of many independent steps: the convolution of their distributions by a real FFT.
//
// An FFT's rounding errors are relative to the largest mass, and what decides about delta lies many
// orders of magnitude below it. So every step is tilted first: its masses times e^(theta l),
// divided by their sum M(theta). Convolutions of tilted masses are the tilted convolution, and
// theta is chosen so that the bulk of the tilted loss lies where delta is decided (the saddle
// point). The errors are then relative to delta itself. In the notation of the .cpp:
//
//   - FFT. Each transform of n values errs by at most fft_error(n) in the 2-norm, relative to it
//     (Higham, Accuracy and Stability, theorem 24.2). A spectrum F with |F| <= 1 raised to the
//     power of T errs T times as much; by Parseval the tilted masses err, in the 2-norm, by at most
//     eta = sum_j T_j fft_error(n) ||q_j||. By Cauchy and Schwarz delta(epsilon) then errs by at
//     most e^(Lambda - theta epsilon) eta ||w||, w(t) = (1 - e^(-t)) e^(-theta t) on the grid, and
//     ||w||^2 <= (1/h) 1 / (2 theta (theta+1) (2 theta+1)) + 1 / (1+theta)^2. It is added.
//   - Truncation. The transform is a circle of n cells. What lies above its window has at most the
//     mass min_s e^(Lambda(s) - s hi) (Chernoff), which is added to the infinite loss; what lies
//     below comes back at the top, which can only raise delta.
//   - One step's masses are low by at most mass_relative_error, a convolution of T by T times it.

#include <cstdint>
#include <span>
#include <vector>

#include "base/result.hpp"
#include "privacy/accounting/loss_pmf.hpp"
#include "privacy/accounting/real_fft.hpp"

namespace hippocrypt::privacy {

/// A step's loss and how often it is taken. All terms of a composition have the same spacing.
struct LossTerm {
  const LossPmf* loss;
  std::uint64_t steps;
};

/// Most cells of a composition; 2^21 take about 100 MB while it is computed.
inline constexpr std::size_t max_composed_cells = std::size_t{1} << 21;

/// An upper bound on the composed curve, tight near the delta that it was made for.
class ComposedLoss {
 public:
  /// The composition, tilted for `delta`. Errors: limit_exceeded (it needs more cells than
  /// max_composed_cells, or so many steps that rounding cannot be bounded; a larger spacing or
  /// another accountant is the way out).
  static Result<ComposedLoss> compose(std::span<const LossTerm> terms, double delta, RealFft& fft);

  /// The least epsilon >= 0 at which the bound is at most `delta`; infinity if there is none.
  double epsilon(double delta) const;
  /// The bound at `epsilon` (any; below the window it is 1).
  double delta(double epsilon) const;
  std::size_t cells() const { return tilted_.size(); }

 private:
  struct Parts;
  struct Scan;

  ComposedLoss() = default;
  /// Fills everything but the window and the tilt.
  void convolve(const Parts& parts, std::size_t cells, RealFft& fft);
  /// What the FFT may have added to or taken from delta at `epsilon`.
  double rounding_at(double epsilon) const;

  std::vector<double> tilted_;  ///< ascending losses from first_ * spacing_
  std::int64_t first_ = 0;
  double spacing_ = 0;
  double tilt_ = 0;           ///< theta
  double log_sum_ = 0;        ///< Lambda(theta) = sum_j T_j log M_j(theta)
  double infinite_mass_ = 0;  ///< with the truncated mass
  double inflation_ = 1;      ///< 1 + what the masses may be too low
  double fft_error_ = 0;      ///< eta ||w||
};

}  // namespace hippocrypt::privacy
