#pragma once
// Comparing programs on a machine whose speed changes while they run: all contestants take turns,
// so that each sees the same good and bad moments, and only medians of one alternation are
// compared.

#include <cstddef>
#include <functional>
#include <string>
#include <vector>

namespace hippocrypt::bench {

struct Contestant {
  std::string name;
  std::function<void()> run;           ///< what is timed; milliseconds or more
  std::function<void()> prepare = {};  ///< not timed, before every run
};

struct Timing {
  double median_s = 0, fastest_s = 0;
  std::size_t runs = 0;
};

struct Alternation {
  /// Rounds go on until this has passed; at least 5 of them. A contestant that needs more than a
  /// quarter of it sits out after 3.
  double budget_s = 6;
  /// Before every timed run. OpenBLAS and OpenMP threads keep spinning for up to 26 ms after their
  /// work, which would slow down whoever comes next.
  double pause_s = 0;
};
/// For contestants with more than one thread.
inline constexpr double thread_pause_s = 0.04;

/// Runs every contestant once untimed, then round after round. Timings in the contestants' order.
std::vector<Timing> alternate(const std::vector<Contestant>& contestants, Alternation options);

}  // namespace hippocrypt::bench
