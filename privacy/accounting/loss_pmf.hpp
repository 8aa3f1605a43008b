#pragma once
// The privacy loss of one step as masses on a grid, by connecting the dots (Doroshenko, Ghazi,
// Kamath, Kumar, Manurangsi, arXiv:2207.04380, algorithm 1): the least pessimistic distribution on
// the grid. It has the step's hockey-stick curve at every grid point and lies above it between.
//
// The paper gives the masses as second differences of the curve, which cancel where the grid is
// fine. The same masses follow from splitting the mass of every cell [a, a + h] between its ends so
// that its probability under both neighbours is kept: at loss l the share of the upper end is
// (1 - e^(a-l)) / (1 - e^(-h)). We integrate these shares. All terms are positive, so the tails
// keep their digits, and rounding is biased towards the larger loss: the masses times (1 +
// mass_relative_error) dominate the step's true loss.
//
// Legend: q, sigma as in rdp_divergence.hpp; z the noisy value, L(z) = log(1 - q + q e^u) with
// u = (2z - 1) / (2 sigma^2) the loss when removing; h the spacing.

#include <cstdint>
#include <vector>

#include "privacy/accounting/hockey_stick.hpp"

namespace hippocrypt::privacy {

/// Masses at (first + i) * spacing, and at infinity.
struct LossPmf {
  double spacing = 0;
  std::int64_t first = 0;
  std::vector<double> mass;
  double infinite_mass = 0;

  double loss(std::size_t i) const {
    return static_cast<double>(first + static_cast<std::int64_t>(i)) * spacing;
  }
};

/// What quadrature and the rounding of exponentials (arguments up to 700) may take from a mass.
inline constexpr double mass_relative_error = 4e-13;

struct LossPmfs {
  LossPmf remove;
  LossPmf add;
};

/// Below this much noise the losses of one step leave the range of a double's exponential.
inline constexpr double smallest_loss_sigma = 0.05;

/// Standard deviation of the loss of one step without the record, up to a few per cent. Needs q in
/// (0, 1] and sigma >= smallest_loss_sigma.
double loss_deviation(const SampledStep& step);

/// Where a loss is kept.
struct LossGrid {
  double spacing;  ///< a power of two, so that grid points are exact
  double reach;    ///< of z on both sides, in sigma from the nearer mean; at most 12
};

/// How many masses discretise_loss() would make.
double loss_cells(const SampledStep& step, const LossGrid& grid);

/// Both directions of one step. Of what lies beyond the reach, a probability of at most
/// Phi(-reach) on either side, the upper losses count as infinite and the lower ones move up. Needs
/// what loss_deviation() needs, and at most 2^24 cells.
LossPmfs discretise_loss(const SampledStep& step, const LossGrid& grid);

}  // namespace hippocrypt::privacy
