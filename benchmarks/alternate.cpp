#include "benchmarks/alternate.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

namespace hippocrypt::bench {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t least_rounds = 5, most_rounds = 200, slow_rounds = 3;
constexpr double slow_share = 1.0 / 4;

double seconds_since(Clock::time_point start) {
  return std::chrono::duration<double>(Clock::now() - start).count();
}

double timed_run(const Contestant& contestant, double pause_s) {
  if (contestant.prepare) contestant.prepare();
  if (pause_s > 0) std::this_thread::sleep_for(std::chrono::duration<double>{pause_s});
  const auto start = Clock::now();
  contestant.run();
  return seconds_since(start);
}

Timing summarise(std::vector<double> times) {
  std::sort(times.begin(), times.end());
  const std::size_t middle = times.size() / 2;
  const double median =
      times.size() % 2 == 1 ? times[middle] : (times[middle - 1] + times[middle]) / 2;
  return {median, times.front(), times.size()};
}

}  // namespace

std::vector<Timing> alternate(const std::vector<Contestant>& contestants, Alternation options) {
  std::vector<std::vector<double>> times(contestants.size());
  std::vector<bool> is_slow;
  for (const Contestant& contestant : contestants) {
    is_slow.push_back(timed_run(contestant, 0) > options.budget_s * slow_share);
  }
  const auto start = Clock::now();
  for (std::size_t round = 0; round < most_rounds; ++round) {
    if (round >= least_rounds && seconds_since(start) > options.budget_s) break;
    for (std::size_t i = 0; i < contestants.size(); ++i) {
      if (is_slow[i] && round >= slow_rounds) continue;
      times[i].push_back(timed_run(contestants[i], options.pause_s));
    }
  }
  std::vector<Timing> timings;
  for (auto& list : times) timings.push_back(summarise(std::move(list)));
  return timings;
}

}  // namespace hippocrypt::bench
