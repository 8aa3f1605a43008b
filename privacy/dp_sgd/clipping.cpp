#include "privacy/dp_sgd/clipping.hpp"

#include <algorithm>
#include <bit>
#include <cmath>
#include <limits>
#include <numeric>

#include "base/check.hpp"
#include "base/parallel.hpp"

namespace hippocrypt::privacy {
namespace {

/// Adding it to a double below 2^51 in size rounds that to a whole number, to even, and leaves the
/// number in the low bits.
constexpr double rounder = 0x1.8p52;
/// No integer of a unit is larger; a unit that would need one is rejected by its norm.
constexpr double largest = 0x1p46;

/// sum += sign * round(factor * values); returns the sum of the integers' squares, in an order that
/// depends on the count only. A value that is not a number becomes `largest`.
double add_rounded(std::span<const float> values, double factor, double sign, std::int64_t* sum) {
  constexpr std::size_t lanes = 8;
  double squares[lanes] = {};
  const double signed_factor = sign * factor;
  const auto one = [&](std::size_t i, double& square) {
    double value = static_cast<double>(values[i]) * signed_factor;
    value = value < largest ? value : largest;
    value = value > -largest ? value : -largest;
    const double rounded = value + rounder;
    sum[i] += std::bit_cast<std::int64_t>(rounded) - std::bit_cast<std::int64_t>(rounder);
    const double whole = rounded - rounder;
    square += whole * whole;
  };
  std::size_t i = 0;
  for (; i + lanes <= values.size(); i += lanes) {
    for (std::size_t lane = 0; lane < lanes; ++lane) one(i + lane, squares[lane]);
  }
  for (; i < values.size(); ++i) one(i, squares[0]);
  return std::accumulate(std::begin(squares), std::end(squares), 0.0);
}

double square_of(std::span<const float> values) {
  double sum = 0.0;
  for (const float value : values) sum += static_cast<double>(value) * static_cast<double>(value);
  return sum;
}

}  // namespace

LotAccumulator::LotAccumulator(std::vector<std::size_t> layers, const ClipRule& rule)
    : layers_{std::move(layers)},
      begin_(layers_.size() + 1),
      rule_{rule},
      sum_(std::accumulate(layers_.begin(), layers_.end(), std::size_t{0})) {
  HIPPOCRYPT_CHECK(rule.clip > 0.0 && std::isfinite(rule.clip),
                   "the clip norm must be finite and above 0");
  HIPPOCRYPT_CHECK(rule.grid.sensitivity > static_cast<double>(rule.counter));
  std::partial_sum(layers_.begin(), layers_.end(), begin_.begin() + 1);
}

void LotAccumulator::add(std::span<const float> gradient) {
  HIPPOCRYPT_CHECK(gradient.size() == sum_.size(), "a gradient of another size");
  std::vector<double> squares(layers_.size());
  const auto layer = [&](std::size_t, std::size_t index, std::size_t) {
    return gradient.subspan(begin_[index], layers_[index]);
  };
  for (std::size_t i = 0; i < squares.size(); ++i) squares[i] = square_of(layer(0, i, 0));
  add_units({1, layers_.size(), squares, layer}, 1);
}

/// A factor for each unit's layer, in grid units; all 0 where a unit adds nothing. Counts.
std::vector<double> LotAccumulator::factors_of(const UnitGradients& gradients) {
  const double unit = rule_.unit();
  const double target = rule_.target(size()) * unit;
  const double layer_target = target / std::sqrt(static_cast<double>(layers_.size()));
  std::vector<double> factors(gradients.squares.size(), 0.0);
  for (std::size_t u = 0; u < gradients.units; ++u) {
    const auto squares = gradients.squares.subspan(u * gradients.layers, gradients.layers);
    const double norm = std::sqrt(std::accumulate(squares.begin(), squares.end(), 0.0));
    ++units_;
    if (!std::isfinite(norm)) {
      ++rejected_;
      below_clip_ -= rule_.counter;
      continue;
    }
    below_clip_ += norm <= rule_.clip ? rule_.counter : -rule_.counter;
    bool is_clipped = false;
    for (std::size_t l = 0; l < gradients.layers; ++l) {
      const bool by_layer = rule_.kind == Clipping::per_layer;
      const double length = by_layer ? std::sqrt(squares[l]) : norm;
      const double bound = by_layer ? layer_target : target;
      is_clipped |= length > bound;
      factors[u * gradients.layers + l] = (length > bound ? bound / length : 1.0) / unit;
    }
    if (is_clipped) ++clipped_;
  }
  return factors;
}

/// Adds sign times every unit's integers; returns each unit's sum of squares.
std::vector<double> LotAccumulator::add_integers(const UnitGradients& gradients,
                                                 std::span<const double> factors, double sign,
                                                 std::size_t threads) {
  std::vector<double> parts(gradients.units * gradients.layers, 0.0);
  std::int64_t* const sum = sum_.reveal().data();
  run_pieces(gradients.layers, threads, [&](std::size_t l, std::size_t worker) {
    for (std::size_t u = 0; u < gradients.units; ++u) {
      const double factor = factors[u * gradients.layers + l];
      if (factor == 0.0) continue;
      const std::span<const float> values = gradients.layer(u, l, worker);
      HIPPOCRYPT_CHECK(values.size() == layers_[l], "a layer of another size");
      parts[u * gradients.layers + l] = add_rounded(values, factor, sign, sum + begin_[l]);
    }
  });
  std::vector<double> squares(gradients.units, 0.0);
  for (std::size_t u = 0; u < gradients.units; ++u) {
    const auto first = parts.begin() + static_cast<std::ptrdiff_t>(u * gradients.layers);
    squares[u] = std::accumulate(first, first + static_cast<std::ptrdiff_t>(gradients.layers), 0.0);
  }
  return squares;
}

void LotAccumulator::add_units(const UnitGradients& gradients, std::size_t threads) {
  HIPPOCRYPT_CHECK(gradients.layers == layers_.size(), "gradients of other layers");
  HIPPOCRYPT_CHECK(gradients.squares.size() == gradients.units * gradients.layers);
  std::vector<double> factors = factors_of(gradients);
  const auto squares = add_integers(gradients, factors, 1.0, threads);
  // The sums of squares are off by less than 2^-53 a value, which the bound leaves out.
  const double whole = rule_.gradient_sensitivity();
  const double bound = whole * whole * (1.0 - static_cast<double>(size() + 16) * 0x1p-52);
  bool is_any_above = false;
  for (std::size_t u = 0; u < gradients.units; ++u) {
    const bool is_above = !(squares[u] <= bound);
    is_any_above |= is_above;
    if (is_above) continue;
    const auto first = factors.begin() + static_cast<std::ptrdiff_t>(u * gradients.layers);
    std::fill_n(first, gradients.layers, 0.0);
  }
  if (!is_any_above) return;
  const auto taken_out = add_integers(gradients, factors, -1.0, threads);
  for (std::size_t u = 0; u < gradients.units; ++u) {
    if (squares[u] <= bound) continue;
    HIPPOCRYPT_CHECK(taken_out[u] == squares[u], "a gradient that changed while it was added");
    ++rejected_;
  }
}

}  // namespace hippocrypt::privacy
