#include "privacy/accounting/loss_composition.hpp"

#include <algorithm>
#include <cmath>
#include <complex>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "base/check.hpp"
#include "privacy/accounting/loss_sketch.hpp"

namespace hippocrypt::privacy {
namespace {

using Complex = std::complex<double>;

constexpr double infinity = std::numeric_limits<double>::infinity();
constexpr double unit_roundoff = 0.5 * std::numeric_limits<double>::epsilon();
// What one step's masses may be too low: mass_relative_error and the rounding of the tilt.
constexpr double step_relative_error = mass_relative_error + 6e-13;
constexpr double largest_inflation = 0.01;
// A composition whose FFT may have erred by more than this part of delta is tried again.
constexpr double tolerated_rounding = 1e-5;
// Beyond the window lies at most this part of delta, and of the tilted mass; as much is cut from
// the tails of single steps.
constexpr double truncated_part = 1e-9;

struct TrimmedTerm {
  LossPmf loss;
  std::uint64_t steps;
};

/// The loss without its least likely ends: at most `mass` above becomes infinite, as much below
/// moves up to the lowest loss that is kept.
LossPmf trim(const LossPmf& loss, double mass) {
  std::size_t begin = 0;
  double below = 0.0;
  while (begin + 2 < loss.mass.size() && below + loss.mass[begin] <= mass) {
    below += loss.mass[begin++];
  }
  std::size_t end = loss.mass.size();
  double above = 0.0;
  while (end > begin + 2 && above + loss.mass[end - 1] <= mass) above += loss.mass[--end];
  LossPmf trimmed{loss.spacing, loss.first + static_cast<std::int64_t>(begin),
                  std::vector<double>(loss.mass.begin() + static_cast<std::ptrdiff_t>(begin),
                                      loss.mass.begin() + static_cast<std::ptrdiff_t>(end)),
                  loss.infinite_mass + above};
  trimmed.mass.front() += below;
  return trimmed;
}

/// Lambda(theta) of the composition, from above.
class LogMoments {
 public:
  explicit LogMoments(std::span<const TrimmedTerm> terms) {
    for (const TrimmedTerm& term : terms) {
      terms_.push_back({LossSketch{term.loss}, static_cast<double>(term.steps)});
    }
  }
  double operator()(double theta) const {
    double sum = 0.0;
    for (const Term& term : terms_) sum += term.steps * term.sketch.log_moment(theta);
    return sum;
  }
  double of_step(std::size_t term, double theta) const {
    return terms_[term].sketch.log_moment(theta);
  }

 private:
  struct Term {
    LossSketch sketch;
    double steps;
  };
  std::vector<Term> terms_;
};

/// The epsilon that the moment at theta alone gives: the conversion of Renyi accounting at order
/// theta + 1.
double epsilon_from_moment(double log_moment, double theta, double delta) {
  return (log_moment - std::log(delta) + theta * std::log(theta) -
          (1.0 + theta) * std::log1p(theta)) /
         theta;
}

/// The theta whose moment alone bounds delta best, the best order of Renyi accounting.
double best_order(const LogMoments& moments, double delta) {
  const auto theta_at = [](int k) { return std::exp2(0.25 * k); };
  const auto epsilon_at = [&](int k) {
    return epsilon_from_moment(moments(theta_at(k)), theta_at(k), delta);
  };
  int low = -32;
  int high = 96;
  while (high - low > 2) {
    const int left = low + (high - low) / 3;
    const int right = high - (high - low) / 3;
    (epsilon_at(left) <= epsilon_at(right) ? high : low) =
        epsilon_at(left) <= epsilon_at(right) ? right : left;
  }
  return theta_at((low + high) / 2);
}

/// A tilt and where the composed loss is kept, from Chernoff bounds.
struct Window {
  double tilt;
  double low;
  double high;
  double mass_above;
};

Window window_for(const LogMoments& moments, double theta, double delta) {
  const double at_theta = moments(theta);
  const double log_part = std::log(truncated_part);
  Window window{theta, -infinity, infinity, infinity};
  std::vector<std::pair<double, double>> above;  // s, Lambda(s)
  double by_tilted_mass = infinity;
  for (const double factor : {1.05, 1.2, 1.5, 2.0, 2.5, 3.0, 4.0, 6.0, 10.0}) {
    const double s = theta * factor;
    above.emplace_back(s, moments(s));
    const double log_moment = above.back().second;
    window.high = std::min(window.high, (log_moment - log_part - std::log(delta)) / s);
    by_tilted_mass = std::min(by_tilted_mass, (log_moment - at_theta - log_part) / (s - theta));
  }
  window.high = std::max(window.high, by_tilted_mass);
  for (const double factor : {0.9, 0.75, 0.5, 0.25, 0.0, -0.5, -1.0, -2.0, -4.0, -8.0}) {
    const double s = theta * factor;
    window.low = std::max(window.low, (moments(s) - at_theta - log_part) / (s - theta));
  }
  for (const auto& [s, log_moment] : above) {
    window.mass_above = std::min(window.mass_above, std::exp(log_moment - s * window.high));
  }
  return window;
}

/// Every tilt gives a valid bound. The best order gives the smallest error, but where rare large
/// losses decide, its tilted loss has a long tail; a smaller tilt then needs far fewer cells.
/// Narrow ones first.
std::vector<Window> choose_windows(const LogMoments& moments, double delta) {
  const double theta = best_order(moments, delta);
  std::vector<Window> windows;
  for (const double factor : {0.4, 0.6, 1.0}) {
    windows.push_back(window_for(moments, factor * theta, delta));
  }
  std::sort(windows.begin(), windows.end(),
            [](const Window& a, const Window& b) { return a.high - a.low < b.high - b.low; });
  return windows;
}

/// The tilted masses of one step on a circle of cells, their sum 1.
struct TiltedStep {
  std::vector<double> masses;
  double log_sum;
  double norm;  ///< of the masses, in the 2-norm
};

TiltedStep tilt_step(const LossPmf& loss, double theta, double log_moment, std::size_t cells) {
  TiltedStep step{std::vector<double>(cells, 0.0), log_moment, 0.0};
  const auto circle = static_cast<std::int64_t>(cells);
  std::int64_t position = loss.first % circle;
  if (position < 0) position += circle;
  double sum = 0.0;
  for (std::size_t i = 0; i < loss.mass.size(); ++i) {
    const double tilted = loss.mass[i] * std::exp(theta * loss.loss(i) - log_moment);
    step.masses[static_cast<std::size_t>(position)] += tilted;
    sum += tilted;
    if (++position == circle) position = 0;
  }
  double squares = 0.0;
  for (double& mass : step.masses) {
    mass /= sum;
    squares += mass * mass;
  }
  step.log_sum += std::log(sum);
  step.norm = std::sqrt(squares);
  return step;
}

Complex times(Complex a, Complex b) {  // without the standard's care for infinities
  return {a.real() * b.real() - a.imag() * b.imag(), a.real() * b.imag() + a.imag() * b.real()};
}

/// base^exponent by squaring. Parts that vanish become 0 before they are denormal.
Complex power(Complex base, std::uint64_t exponent) {
  Complex result{1.0, 0.0};
  for (;; base = times(base, base)) {
    if ((exponent & 1U) != 0) result = times(result, base);
    exponent >>= 1U;
    if (exponent == 0) return result;
    if (std::norm(base) < 1e-80 || std::norm(result) < 1e-80) return {0.0, 0.0};
  }
}

Result<std::vector<TrimmedTerm>> trim_terms(std::span<const LossTerm> terms, double delta) {
  double steps = 0.0;
  HIPPOCRYPT_CHECK(!terms.empty());
  for (const LossTerm& term : terms) {
    HIPPOCRYPT_CHECK(term.steps > 0 && term.loss->spacing == terms.front().loss->spacing);
    steps += static_cast<double>(term.steps);
  }
  if (steps * step_relative_error > largest_inflation) {
    return Error{Errc::limit_exceeded,
                 fmt::format("{:g} steps are too many for the PLD accountant, whose rounding "
                             "errors grow with them; use the RDP figure",
                             steps)};
  }
  std::vector<TrimmedTerm> trimmed;
  for (const LossTerm& term : terms) {
    trimmed.push_back({trim(*term.loss, truncated_part * delta / steps), term.steps});
  }
  return trimmed;
}

}  // namespace

struct ComposedLoss::Parts {
  std::vector<TrimmedTerm> terms;
  LogMoments moments;
};

Result<ComposedLoss> ComposedLoss::compose(std::span<const LossTerm> terms, double delta,
                                           RealFft& fft) {
  HIPPOCRYPT_CHECK(delta > 0.0 && delta < 1.0);
  HIPPOCRYPT_TRY(std::vector<TrimmedTerm> trimmed, trim_terms(terms, delta));
  const LogMoments moments{trimmed};
  const Parts parts{std::move(trimmed), moments};
  const double spacing = terms.front().loss->spacing;
  std::optional<ComposedLoss> best;
  double least_part = infinity;
  for (const Window& window : choose_windows(parts.moments, delta)) {
    const double wanted = (window.high - window.low) / spacing + 2.0;
    if (!(wanted <= static_cast<double>(max_composed_cells))) {
      return Error{Errc::limit_exceeded,
                   fmt::format("the PLD accountant would need {:g} cells and its limit is {}; use "
                               "the RDP figure",
                               wanted, max_composed_cells)};
    }
    ComposedLoss loss;
    loss.spacing_ = spacing;
    loss.tilt_ = window.tilt;
    loss.first_ = static_cast<std::int64_t>(std::floor(window.low / spacing));
    loss.infinite_mass_ = window.mass_above;
    const std::size_t cells = RealFft::good_size(static_cast<std::size_t>(std::max(wanted, 1.0)));
    loss.convolve(parts, cells, fft);
    const double floor = loss.rounding_at(loss.epsilon(delta)) / delta;
    if (!best.has_value() || floor < least_part) {
      least_part = floor;
      best = std::move(loss);
    }
    if (least_part <= tolerated_rounding) break;
  }
  return *std::move(best);
}

void ComposedLoss::convolve(const Parts& parts, std::size_t cells, RealFft& fft) {
  const double transform_error = RealFft::relative_error(cells);
  std::vector<Complex> product(cells / 2 + 1, Complex{1.0, 0.0});
  double error = 0.0;
  double total_steps = 0.0;
  double least_norm = 1.0;
  for (std::size_t j = 0; j < parts.terms.size(); ++j) {
    const TrimmedTerm& term = parts.terms[j];
    const auto steps = static_cast<double>(term.steps);
    const TiltedStep step = tilt_step(term.loss, tilt_, parts.moments.of_step(j, tilt_), cells);
    const std::vector<Complex> spectrum = fft.forward(step.masses);
    for (std::size_t k = 0; k < product.size(); ++k) {
      product[k] = times(product[k], power(spectrum[k], term.steps));
    }
    log_sum_ += steps * step.log_sum;
    infinite_mass_ += steps * term.loss.infinite_mass;
    error += steps * (transform_error + 4.0 * unit_roundoff) * step.norm;
    least_norm = std::min(least_norm, step.norm);
    total_steps += steps;
  }
  tilted_ = fft.inverse(product, cells);
  const auto size = static_cast<std::int64_t>(cells);
  const std::int64_t start = (first_ % size + size) % size;
  std::rotate(tilted_.begin(), tilted_.begin() + start, tilted_.end());

  // A convolution's norm is at most that of each factor. 1.05 covers |F| slightly above 1.
  error = 1.05 * (error + transform_error * least_norm) + 1e-30;
  const double weight_norm =
      std::sqrt(1.0 / (spacing_ * 2.0 * tilt_ * (tilt_ + 1.0) * (2.0 * tilt_ + 1.0)) +
                1.0 / ((1.0 + tilt_) * (1.0 + tilt_)));
  fft_error_ = error * weight_norm;
  inflation_ = 1.0 + 1.01 * total_steps * step_relative_error +
               8.0 * unit_roundoff * static_cast<double>(cells);
}

double ComposedLoss::rounding_at(double epsilon) const {
  return std::isfinite(epsilon) ? std::exp(log_sum_ - tilt_ * epsilon) * fft_error_ : infinity;
}

/// From the top of the window downwards: sums over the losses l above x = loss(index). They only
/// grow, so nothing cancels.
struct ComposedLoss::Scan {
  const ComposedLoss& curve;
  std::size_t index;
  double x = 0;
  double part = 0;    ///< sum of (1 - e^(x-l)) times mass
  double decay = 0;   ///< sum of e^(x-l) times mass
  double weight = 0;  ///< e^(Lambda - theta x), which takes the tilt off

  explicit Scan(const ComposedLoss& composed)
      : curve{composed}, index{composed.tilted_.size() - 1} {
    locate();
  }
  void locate() {
    x = static_cast<double>(curve.first_ + static_cast<std::int64_t>(index)) * curve.spacing_;
    weight = std::exp(curve.log_sum_ - curve.tilt_ * x);
  }
  void down() {
    const double mass = std::max(curve.tilted_[index], 0.0) * weight;
    const double shrink = std::exp(-curve.spacing_);
    part -= std::expm1(-curve.spacing_) * (decay + mass);
    decay = shrink * (decay + mass);
    --index;
    locate();
  }
  /// What does not depend on the masses, at x.
  double floor() const { return curve.infinite_mass_ + weight * curve.fft_error_; }
  /// The bound at x + t, 0 <= t <= spacing.
  double delta_above(double t) const {
    return floor() + curve.inflation_ * std::max(0.0, part - std::expm1(t) * decay);
  }
};

double ComposedLoss::epsilon(double delta) const {
  Scan scan{*this};
  if (!(scan.delta_above(0.0) <= delta)) return infinity;
  while (scan.delta_above(0.0) <= delta) {
    if (scan.x <= 0.0 || scan.index == 0) return std::max(scan.x, 0.0);
    scan.down();
  }
  const double allowed = (delta - scan.floor()) / inflation_;
  const double t =
      allowed > 0.0 && scan.decay > 0.0 ? std::log1p((scan.part - allowed) / scan.decay) : spacing_;
  return std::max(0.0, scan.x + std::clamp(t, 0.0, spacing_));
}

double ComposedLoss::delta(double epsilon) const {
  Scan scan{*this};
  if (epsilon >= scan.x) return std::min(1.0, scan.floor());
  while (scan.x > epsilon) {
    if (scan.index == 0) return 1.0;
    scan.down();
  }
  return std::min(1.0, scan.delta_above(epsilon - scan.x));
}

}  // namespace hippocrypt::privacy
