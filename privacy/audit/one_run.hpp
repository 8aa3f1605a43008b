#pragma once
// Privacy auditing in one run (Steinke, Nasr, Jagielski 2023, arXiv:2305.08846): m canaries, each
// included by a fair coin of its own; the auditor ranks scores, makes r guesses and abstains from
// the rest; v guesses are right. Many right guesses refute a small epsilon.

#include <cstdint>
#include <span>
#include <vector>

namespace hippocrypt::privacy::audit {

struct Guesses {
  std::uint64_t canaries = 0;  ///< m
  std::uint64_t made = 0;      ///< r <= m
  std::uint64_t right = 0;     ///< v <= r
};

/// Largest probability of so many right guesses or more, over all mechanisms that are
/// (epsilon, delta)-DP: beta + 2 m delta max_{i=1..v} (P[Bin(r, p) >= v - i] - beta) / i, with
/// p = e^epsilon / (1 + e^epsilon) and beta = P[Bin(r, p) >= v]. At most 1.
double one_run_p_value(const Guesses& guesses, double epsilon, double delta);

/// The largest epsilon whose p-value is at most `significance`, to 1e-9; 0 when there is none.
double one_run_epsilon(const Guesses& guesses, double delta, double significance);

/// The same for the claim of being as private as one Gaussian mechanism of shift mu (Mahloujifar,
/// Melis, Chaudhuri 2024, arXiv:2410.22235, algorithm 3), as epsilon at delta. Tighter, and a lower
/// bound only as far as the mechanism's trade-off is a Gaussian's.
double one_run_epsilon_gaussian(const Guesses& guesses, double delta, double significance);

/// Score of a canary and whether it was in.
struct Scored {
  double score = 0;
  bool was_in = false;
};

/// Guesses "in" for scores of at least `threshold`, which must not come from these scores' labels.
Guesses guess_above(std::span<const Scored> canaries, double threshold);
/// Guesses "in" for the made/2 highest scores and "out" for the made/2 lowest.
Guesses guess_extremes(std::span<const Scored> canaries, std::uint64_t made);

struct EpsilonBound {
  double epsilon = 0;           ///< lower bound
  double epsilon_gaussian = 0;  ///< see one_run_epsilon_gaussian
  Guesses guesses;              ///< those that gave `epsilon`
};

/// guess_extremes() for numbers of guesses that are fixed beforehand: 2, 5, 20, 50 and 100 % of the
/// canaries, at least one.
std::vector<Guesses> fixed_guesses(std::span<const Scored> canaries);

/// The best of fixed_guesses(), each at its part of `significance` (Bonferroni).
EpsilonBound best_bound(std::span<const Scored> canaries, double delta, double significance);

}  // namespace hippocrypt::privacy::audit
