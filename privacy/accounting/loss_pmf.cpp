#include "privacy/accounting/loss_pmf.hpp"

#include <algorithm>
#include <boost/math/quadrature/gauss.hpp>
#include <cmath>
#include <limits>
#include <numbers>

#include "base/check.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr double most_cells = 16777216;  // 2^24
constexpr double rounding = std::numeric_limits<double>::epsilon();

/// The step as a function of z.
class StepLoss {
 public:
  StepLoss(const SampledStep& step, double reach)
      : q_{step.sampling_rate},
        sigma_{step.noise_multiplier},
        variance_{sigma_ * sigma_},
        reach_{reach} {
    HIPPOCRYPT_CHECK(q_ > 0.0 && q_ <= 1.0 && reach > 0.0 && reach <= 12.0);
    HIPPOCRYPT_CHECK(sigma_ >= smallest_loss_sigma && std::isfinite(sigma_));
  }

  double lowest_z() const { return -reach_ * sigma_; }
  double highest_z() const { return 1.0 + reach_ * sigma_; }
  /// The longest interval of z that is integrated at once.
  double piece() const { return std::min(sigma_, variance_) / 8.0; }
  /// Density of z without the record.
  double density(double z) const {
    return std::exp(-0.5 * z * z / variance_) * 0.3989422804014327 / sigma_;
  }
  double exponent(double z) const { return (2.0 * z - 1.0) / (2.0 * variance_); }

  double loss(double z) const {
    const double u = exponent(z);
    if (q_ == 1.0) return u;
    if (u > 30.0) return std::log(q_) + u + std::log1p((1.0 - q_) / q_ * std::exp(-u));
    return std::log1p(q_ * std::expm1(u));
  }

  /// The inverse of loss(); minus infinity at and below its infimum log(1 - q).
  double z_at(double loss) const {
    double u = loss;
    if (q_ < 1.0 && loss > -1.0) {
      const double excess = std::expm1(loss) / q_;
      u = excess > -1.0 ? std::log1p(excess) : -std::numeric_limits<double>::infinity();
    } else if (q_ < 1.0) {
      const double ratio = (std::exp(loss) - (1.0 - q_)) / q_;
      u = ratio > 0.0 ? std::log(ratio) : -std::numeric_limits<double>::infinity();
    }
    return u * variance_ + 0.5;
  }

  /// e^L(z) - e^a for the loss a of a cell's lower end, each form where it keeps its digits.
  double ratio_above(double z, double a) const {
    const double u = exponent(z);
    if (q_ == 1.0) return std::exp(a) * std::expm1(u - a);
    if (a > -1.0) return q_ * std::expm1(u) - std::expm1(a);
    return (1.0 - q_) + q_ * std::exp(u) - std::exp(a);
  }

 private:
  double q_;
  double sigma_;
  double variance_;
  double reach_;
};

struct Split {
  double lower = 0;
  double upper = 0;

  void add(double mass, double upper_share) {
    const double share = std::clamp(upper_share, 0.0, 1.0);
    lower += mass * (1.0 - share);
    upper += mass * share;
  }
};

/// The masses of a cell [a, a + h] of L: of L itself when removing, of -L when adding.
struct CellMass {
  Split removed;
  Split added;
};

/// The part of the cell with z in [from, to], by Gauss's rule with `nodes` nodes (an even number).
template <unsigned nodes>
CellMass integrate_cell(const StepLoss& step, double a, double h, double from, double to) {
  using Rule = boost::math::quadrature::gauss<double, nodes>;
  const double ratio_at_a = std::exp(a);
  const double growth = std::expm1(h);
  const auto pieces = static_cast<int>(std::ceil((to - from) / step.piece()));
  const double half = 0.5 * (to - from) / pieces;
  CellMass cell;
  for (int piece = 0; piece < pieces; ++piece) {
    const double middle = from + (2 * piece + 1) * half;
    for (std::size_t node = 0; node < Rule::abscissa().size(); ++node) {
      for (const double side : {-1.0, 1.0}) {
        const double z = middle + side * half * Rule::abscissa()[node];
        const double mass = Rule::weights()[node] * half * step.density(z);
        // (e^(L-a) - 1) / (e^h - 1), with rounding errors of (|u| + |a|) / h ulps. Both shares are
        // biased by them towards the larger loss, so what rounding moves is moved to the safe side.
        const double above = step.ratio_above(z, a);
        const double part = above / (ratio_at_a * growth);
        const double bias = 4.0 * rounding * (std::abs(step.exponent(z)) + std::abs(a) + 2.0) / h;
        cell.added.add(mass, 1.0 - part + bias);
        const double ratio = ratio_at_a + above;
        cell.removed.add(mass * ratio, part * (1.0 + growth) * (ratio_at_a / ratio) + bias);
      }
    }
  }
  return cell;
}

/// A relative error below 1e-13 for every length: the integrand is a sum of Gaussians of deviation
/// sigma, taken up to 12 sigma from their middles.
CellMass integrate_cell(const StepLoss& step, double a, double h, double from, double to) {
  const double pieces = (to - from) / step.piece();
  if (pieces < 1.0 / 128.0) return integrate_cell<2>(step, a, h, from, to);
  if (pieces < 0.25) return integrate_cell<4>(step, a, h, from, to);
  return integrate_cell<6>(step, a, h, from, to);
}

}  // namespace

double loss_deviation(const SampledStep& step) {
  constexpr double reach = 12.0;
  const StepLoss curve{step, reach};
  const double sigma = step.noise_multiplier;
  double mean = 0.0;
  double square = 0.0;
  constexpr double spacing = 0.125;  // of sigma
  for (double t = -reach; t <= reach; t += spacing) {
    const double weight = curve.density(t * sigma) * spacing * sigma;
    const double loss = curve.loss(t * sigma);
    mean += weight * loss;
    square += weight * loss * loss;
  }
  return std::sqrt(std::max(square - mean * mean, 0.0));
}

double loss_cells(const SampledStep& step, const LossGrid& grid) {
  const StepLoss curve{step, grid.reach};
  return (curve.loss(curve.highest_z()) - curve.loss(curve.lowest_z())) / grid.spacing + 2.0;
}

LossPmfs discretise_loss(const SampledStep& step, const LossGrid& grid) {
  const StepLoss curve{step, grid.reach};
  const double spacing = grid.spacing;
  HIPPOCRYPT_CHECK(spacing > 0.0 && loss_cells(step, grid) <= most_cells);
  const double cut_off = 0.5 * std::erfc(grid.reach / std::numbers::sqrt2) * (1.0 + 1e-12);
  const auto lowest = static_cast<std::int64_t>(std::floor(curve.loss(curve.lowest_z()) / spacing));
  const auto highest =
      static_cast<std::int64_t>(std::floor(curve.loss(curve.highest_z()) / spacing)) + 1;
  const auto size = static_cast<std::size_t>(highest - lowest) + 1;
  std::vector<double> removed(size, 0.0);
  std::vector<double> added(size, 0.0);  // grid point i of L is size - 1 - i of -L
  double from = curve.lowest_z();
  for (std::size_t i = 0; i + 1 < size; ++i) {
    const double a = static_cast<double>(lowest + static_cast<std::int64_t>(i)) * spacing;
    const double end =
        i + 2 == size ? curve.highest_z() : std::min(curve.z_at(a + spacing), curve.highest_z());
    if (!(end > from)) continue;
    const CellMass cell = integrate_cell(curve, a, spacing, from, end);
    removed[i] += cell.removed.lower;
    removed[i + 1] += cell.removed.upper;
    added[size - 1 - i] += cell.added.upper;
    added[size - 2 - i] += cell.added.lower;
    from = end;
  }
  removed[1] += cut_off;
  added[1] += cut_off;
  return {{spacing, lowest, std::move(removed), cut_off},
          {spacing, -highest, std::move(added), cut_off}};
}

}  // namespace hippocrypt::privacy
