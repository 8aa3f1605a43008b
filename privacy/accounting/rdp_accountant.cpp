#include "privacy/accounting/rdp_accountant.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <string>

#include <fmt/core.h>

#include "base/check.hpp"
#include "privacy/accounting/rdp_divergence.hpp"

namespace hippocrypt::privacy {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// 1.1, 1.2 ... 10.9, with the roundings of Opacus (1 + x / 10).
std::vector<double> tenths_to_eleven() {
  std::vector<double> orders;
  for (int x = 1; x < 100; ++x) orders.push_back(1.0 + x / 10.0);
  return orders;
}

void append_integers(std::vector<double>& orders, int first, int last) {
  for (int order = first; order <= last; ++order) orders.push_back(order);
}

std::vector<double> make_default_orders() {
  std::vector<double> orders = dp_accounting_orders();
  for (int x = 1; x < 10; ++x) orders.push_back(1.0 + x / 100.0);
  for (const double order : {64.0, 80.0, 96.0, 160.0, 192.0}) orders.push_back(order);
  std::sort(orders.begin(), orders.end());
  return orders;
}

/// The conversion at one order, not yet clamped.
double epsilon_at(double composed_rho, double order, double delta) {
  return composed_rho + std::log1p(-1.0 / order) -
         (std::log(delta) + std::log(order)) / (order - 1.0);
}

EpsilonAtOrder best_epsilon(std::span<const double> rho_at_order, std::span<const double> orders,
                            double delta) {
  HIPPOCRYPT_CHECK(delta > 0.0 && delta < 1.0, "delta must lie inside (0, 1)");
  // Nothing was released: the conversion, which knows only a bound on rho, would still say more
  // than 0.
  if (std::all_of(rho_at_order.begin(), rho_at_order.end(), [](double r) { return r == 0.0; })) {
    return {0.0, orders.front(), false};
  }
  std::size_t best = 0;
  double least = infinity;
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const double epsilon = epsilon_at(rho_at_order[i], orders[i], delta);
    if (epsilon < least) {
      least = epsilon;
      best = i;
    }
  }
  const bool at_edge = best == 0 || best + 1 == orders.size();
  return {std::max(least, 0.0), orders[best], at_edge};
}

std::vector<double> rho_curve(const SampledGaussian& event, std::span<const double> orders) {
  std::vector<double> curve;
  curve.reserve(orders.size());
  for (const double order : orders) {
    curve.push_back(rho({event.sampling_rate, event.noise_multiplier}, order));
  }
  return curve;
}

/// total += steps * rho, where zero steps of an infinite rho are zero.
void accumulate(std::vector<double>& total, std::span<const double> rho_at_order, double steps) {
  if (steps == 0.0) return;
  for (std::size_t i = 0; i < total.size(); ++i) total[i] += steps * rho_at_order[i];
}

}  // namespace

const std::vector<double>& opacus_orders() {
  static const std::vector<double> orders = [] {
    std::vector<double> result = tenths_to_eleven();
    append_integers(result, 12, 63);
    return result;
  }();
  return orders;
}

const std::vector<double>& dp_accounting_orders() {
  static const std::vector<double> orders = [] {
    std::vector<double> result = tenths_to_eleven();
    append_integers(result, 11, 63);
    for (const double order : {128.0, 256.0, 512.0, 1024.0}) result.push_back(order);
    return result;
  }();
  return orders;
}

const std::vector<double>& default_orders() {
  static const std::vector<double> orders = make_default_orders();
  return orders;
}

const std::vector<double>& shown_orders() { return opacus_orders(); }

RdpAccountant::RdpAccountant(std::span<const double> orders)
    : orders_(orders.begin(), orders.end()) {
  HIPPOCRYPT_CHECK(!orders_.empty());
  HIPPOCRYPT_CHECK(orders_.front() > 1.0, "Renyi orders are above 1");
  HIPPOCRYPT_CHECK(std::is_sorted(orders_.begin(), orders_.end()));
}

RdpAccountant::Mechanism& RdpAccountant::mechanism(const SampledGaussian& event) {
  Mechanism& entry = mechanisms_[{event.sampling_rate, event.noise_multiplier}];
  if (entry.rho_at_order.empty()) entry.rho_at_order = rho_curve(event, orders_);
  return entry;
}

void RdpAccountant::add(const SampledGaussian& event) {
  Mechanism& entry = mechanism(event);
  HIPPOCRYPT_CHECK(event.steps <= std::numeric_limits<std::uint64_t>::max() - entry.steps);
  entry.steps += event.steps;
}

std::vector<double> RdpAccountant::composed() const {
  std::vector<double> total(orders_.size(), 0.0);
  for (const auto& [key, entry] : mechanisms_) {
    accumulate(total, entry.rho_at_order, static_cast<double>(entry.steps));
  }
  return total;
}

EpsilonAtOrder RdpAccountant::epsilon(double delta) const {
  return best_epsilon(composed(), orders_, delta);
}

EpsilonAtOrder RdpAccountant::epsilon_with(const SampledGaussian& event, std::uint64_t count,
                                           double delta) {
  Mechanism& entry = mechanism(event);
  // The steps are joined as integers, so that what is promised here is to the last bit what
  // epsilon() says afterwards.
  std::uint64_t added = 0;
  HIPPOCRYPT_CHECK(!__builtin_mul_overflow(event.steps, count, &added));
  HIPPOCRYPT_CHECK(added <= std::numeric_limits<std::uint64_t>::max() - entry.steps);
  entry.steps += added;
  const EpsilonAtOrder result = epsilon(delta);
  entry.steps -= added;
  return result;
}

std::uint64_t RdpAccountant::rounds_that_fit(const SampledGaussian& round, double delta,
                                             double budget) {
  const auto fits = [&](std::uint64_t count) {
    return epsilon_with(round, count, delta).epsilon <= budget;
  };
  if (!fits(1)) return 0;
  std::uint64_t fitting = 1;
  std::uint64_t failing = 2;
  while (failing < max_counted_rounds && fits(failing)) {
    fitting = failing;
    failing *= 2;
  }
  if (failing >= max_counted_rounds) {
    if (fits(max_counted_rounds)) return max_counted_rounds;
    failing = max_counted_rounds;
  }
  while (failing - fitting > 1) {
    const std::uint64_t middle = fitting + (failing - fitting) / 2;
    (fits(middle) ? fitting : failing) = middle;
  }
  return fitting;
}

std::uint64_t RdpAccountant::steps() const {
  std::uint64_t total = 0;
  for (const auto& [key, entry] : mechanisms_) total += entry.steps;
  return total;
}

EpsilonAtOrder rdp_epsilon_classic(std::span<const SampledGaussian> events, double delta,
                                   std::span<const double> orders) {
  HIPPOCRYPT_CHECK(delta > 0.0 && delta < 1.0, "delta must lie inside (0, 1)");
  EpsilonAtOrder best{infinity, orders.front(), true};
  std::vector<double> total(orders.size(), 0.0);
  for (const SampledGaussian& event : events) {
    accumulate(total, rho_curve(event, orders), static_cast<double>(event.steps));
  }
  for (std::size_t i = 0; i < orders.size(); ++i) {
    const double epsilon = total[i] - std::log(delta) / (orders[i] - 1.0);
    if (epsilon < best.epsilon) best = {epsilon, orders[i], i == 0 || i + 1 == orders.size()};
  }
  return best;
}

EpsilonAtOrder rdp_epsilon_refined(std::span<const SampledGaussian> events, double delta) {
  const std::vector<double>& grid = default_orders();
  const EpsilonAtOrder coarse = rdp_epsilon(events, delta, grid);
  const bool is_flat = coarse.epsilon == 0.0 || std::isinf(coarse.epsilon);
  if (is_flat) return coarse;
  const auto at = std::lower_bound(grid.begin(), grid.end(), coarse.order);
  double low = at == grid.begin() ? 1.0 + 0.5 * (*at - 1.0) : *(at - 1);
  double high = at + 1 == grid.end() ? 2.0 * *at : *(at + 1);
  EpsilonAtOrder best = coarse;
  const auto try_order = [&](double order) {
    const double one[] = {order};
    const double epsilon = rdp_epsilon(events, delta, one).epsilon;
    if (epsilon < best.epsilon) best = {epsilon, order, coarse.at_grid_edge};
    return epsilon;
  };
  constexpr double golden = 0.6180339887498949;
  double left = high - golden * (high - low);
  double right = low + golden * (high - low);
  double at_left = try_order(left);
  double at_right = try_order(right);
  while (high - low > 1e-3) {
    if (at_left <= at_right) {
      high = right;
      right = left;
      at_right = at_left;
      left = high - golden * (high - low);
      at_left = try_order(left);
    } else {
      low = left;
      left = right;
      at_left = at_right;
      right = low + golden * (high - low);
      at_right = try_order(right);
    }
  }
  return best;
}

EpsilonAtOrder rdp_epsilon(std::span<const SampledGaussian> events, double delta,
                           std::span<const double> orders) {
  RdpAccountant accountant{orders};
  for (const SampledGaussian& event : events) accountant.add(event);
  return accountant.epsilon(delta);
}

std::uint64_t rounds_that_fit(std::span<const SampledGaussian> events, const SampledGaussian& round,
                              double delta, double budget, std::span<const double> orders) {
  RdpAccountant accountant{orders};
  for (const SampledGaussian& event : events) accountant.add(event);
  return accountant.rounds_that_fit(round, delta, budget);
}

Status check_target(const NoiseTarget& target) {
  const auto bad = [](const char* field, double value, const char* allowed) {
    return Error{Errc::out_of_range,
                 fmt::format("the noise target's {} is {}; allowed is {}", field, value, allowed)};
  };
  if (!(target.epsilon > 0.0) || std::isinf(target.epsilon)) {
    return bad("epsilon", target.epsilon, "a finite value above 0");
  }
  if (!(target.delta > 0.0 && target.delta < 1.0)) {
    return bad("delta", target.delta, "a value inside (0, 1)");
  }
  if (!(target.sampling_rate > 0.0 && target.sampling_rate <= 1.0)) {
    return bad("sampling rate", target.sampling_rate, "a value in (0, 1]");
  }
  if (target.steps == 0) return bad("number of steps", 0.0, "1 or more");
  return {};
}

Result<double> sigma_for(const NoiseTarget& target, std::span<const double> orders) {
  HIPPOCRYPT_TRY_VOID(check_target(target));
  const auto reaches = [&](double sigma) {
    const SampledGaussian event{target.sampling_rate, sigma, target.steps};
    return rdp_epsilon({&event, 1}, target.delta, orders).epsilon <= target.epsilon;
  };
  constexpr double largest = 1e9;
  constexpr double smallest = 1e-3;
  double enough = 1.0;
  while (!reaches(enough)) {
    enough *= 2.0;
    if (enough > largest) {
      return Error{Errc::out_of_range,
                   fmt::format("no noise up to {} times the clip reaches epsilon {} at delta {}; "
                               "raise epsilon or delta",
                               largest, target.epsilon, target.delta)};
    }
  }
  double too_little = enough / 2.0;
  while (too_little >= smallest && reaches(too_little)) {
    enough = too_little;
    too_little /= 2.0;
  }
  while (enough - too_little > 1e-9 * enough) {
    const double middle = too_little + (enough - too_little) / 2.0;
    (reaches(middle) ? enough : too_little) = middle;
  }
  return enough;
}

}  // namespace hippocrypt::privacy
