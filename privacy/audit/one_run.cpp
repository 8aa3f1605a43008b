#include "privacy/audit/one_run.hpp"

#include <algorithm>
#include <boost/math/special_functions/erf.hpp>
#include <cmath>
#include <functional>

#include "base/check.hpp"
#include "privacy/audit/statistics.hpp"

namespace hippocrypt::privacy::audit {
namespace {

constexpr double largest_epsilon = 100;
constexpr double largest_shift = 100;
constexpr double shares[] = {0.02, 0.05, 0.2, 0.5, 1.0};

/// The largest x of [0, limit] for which `holds`, which is true up to some point and false after.
double last_that(double limit, const std::function<bool(double)>& holds) {
  if (!holds(0)) return 0;
  if (holds(limit)) return limit;
  double low = 0, high = limit;
  while (high - low > 1e-9) {
    const double middle = 0.5 * (low + high);
    (holds(middle) ? low : high) = middle;
  }
  return low;
}

/// Epsilon at delta of a Gaussian of shift mu (Balle and Wang 2018).
double gaussian_epsilon(double mu, double delta) {
  if (mu <= 0) return 0;
  return last_that(mu * (0.5 * mu + 40), [&](double epsilon) {
    return normal_cdf(0.5 * mu - epsilon / mu) -
               std::exp(epsilon) * normal_cdf(-0.5 * mu - epsilon / mu) >
           delta;
  });
}

double normal_quantile(double p) { return -std::sqrt(2.0) * boost::math::erfc_inv(2 * p); }

/// Whether as many right guesses have probability of at most `significance` under shift mu.
bool refutes_shift(const Guesses& guesses, double mu, double significance) {
  const auto m = static_cast<double>(guesses.canaries);
  const auto made = static_cast<double>(guesses.made);
  const auto right = static_cast<double>(guesses.right);
  double alpha = significance * right / m;
  double beta = significance * (made - right) / m;
  for (std::uint64_t left = guesses.right; left > 0; --left) {
    const auto i = static_cast<double>(left - 1);
    const double blown = alpha <= 0   ? 0.0
                         : alpha >= 1 ? 1.0
                                      : normal_cdf(normal_quantile(alpha) - mu);
    const double next = std::max(beta, blown);
    alpha += i / (made - i) * (next - beta);
    beta = next;
  }
  return alpha + beta > made / m;
}

}  // namespace

double one_run_p_value(const Guesses& guesses, double epsilon, double delta) {
  HIPPOCRYPT_CHECK(guesses.right <= guesses.made && guesses.made <= guesses.canaries);
  if (guesses.right == 0) return 1;
  const double p = 1 / (1 + std::exp(-epsilon));
  const double beta = binomial_at_least(guesses.made, p, guesses.right);
  if (delta <= 0 || beta >= 1) return beta;
  double steepest = 0;
  for (std::uint64_t i = 1; i <= guesses.right; ++i) {
    const double tail = binomial_at_least(guesses.made, p, guesses.right - i);
    steepest = std::max(steepest, (tail - beta) / static_cast<double>(i));
    if (1 / static_cast<double>(i) < steepest) break;  // the rest is smaller
  }
  return std::min(1.0, beta + 2 * static_cast<double>(guesses.canaries) * delta * steepest);
}

double one_run_epsilon(const Guesses& guesses, double delta, double significance) {
  return last_that(largest_epsilon, [&](double epsilon) {
    return one_run_p_value(guesses, epsilon, delta) <= significance;
  });
}

double one_run_epsilon_gaussian(const Guesses& guesses, double delta, double significance) {
  if (guesses.right == 0) return 0;
  return gaussian_epsilon(
      last_that(largest_shift, [&](double mu) { return refutes_shift(guesses, mu, significance); }),
      delta);
}

Guesses guess_above(std::span<const Scored> canaries, double threshold) {
  Guesses guesses{canaries.size(), 0, 0};
  for (const Scored& canary : canaries) {
    if (!(canary.score >= threshold)) continue;
    ++guesses.made;
    if (canary.was_in) ++guesses.right;
  }
  return guesses;
}

Guesses guess_extremes(std::span<const Scored> canaries, std::uint64_t made) {
  HIPPOCRYPT_CHECK(made <= canaries.size());
  std::vector<Scored> sorted{canaries.begin(), canaries.end()};
  // Scores without an order (NaN) come last; ties stay as they came, whatever was in.
  std::stable_sort(sorted.begin(), sorted.end(), [](const Scored& a, const Scored& b) {
    return a.score > b.score || (std::isnan(b.score) && !std::isnan(a.score));
  });
  Guesses guesses{canaries.size(), made, 0};
  const std::uint64_t high = made - made / 2;
  for (std::uint64_t i = 0; i < made; ++i) {
    const bool guess = i < high;
    const Scored& canary = sorted[guess ? i : sorted.size() - 1 - (i - high)];
    if (canary.was_in == guess) ++guesses.right;
  }
  return guesses;
}

std::vector<Guesses> fixed_guesses(std::span<const Scored> canaries) {
  std::vector<Guesses> list;
  for (const double share : shares) {
    const auto made =
        static_cast<std::uint64_t>(std::llround(share * static_cast<double>(canaries.size())));
    list.push_back(guess_extremes(canaries, std::max<std::uint64_t>(1, made)));
  }
  return list;
}

EpsilonBound best_bound(std::span<const Scored> canaries, double delta, double significance) {
  EpsilonBound best;
  const auto list = fixed_guesses(canaries);
  const double each = significance / static_cast<double>(list.size());
  for (const Guesses& guesses : list) {
    const double epsilon = one_run_epsilon(guesses, delta, each);
    if (best.guesses.made == 0 || epsilon > best.epsilon) {
      best.epsilon = epsilon;
      best.guesses = guesses;
    }
    best.epsilon_gaussian =
        std::max(best.epsilon_gaussian, one_run_epsilon_gaussian(guesses, delta, each));
  }
  return best;
}

}  // namespace hippocrypt::privacy::audit
