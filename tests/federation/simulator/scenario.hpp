#pragma once
// What a simulated federation is like, and bugs that can be planted in it.

#include <cstdint>
#include <string>
#include <vector>

#include "federation/common/round_config.hpp"

namespace hippocrypt::federation::simulator {

inline constexpr std::size_t update_values = 3;

/// Each breaks one rule, to show that the auditor sees it.
enum class Bug : std::uint8_t {
  none,
  counts_repeats,        ///< an update that came twice counts twice
  divides_by_everybody,  ///< the mean is over all hospitals, not over those who contributed
  forgets_to_announce,   ///< a round's summary is not sent
  waits_for_the_dead,    ///< the coordinator's grace is eight times what was asked for
  drops_the_slow,        ///< its deadline is a quarter of it
  announces_too_early,   ///< a round starts before what it rests on is durable
  forgets_attempts,      ///< an attempt that was opened is not persisted
  forgets_entries        ///< nor what its collector persists
};

struct Scenario {
  std::uint64_t seed = 1;
  std::uint32_t hospitals = 8;
  std::uint32_t rounds = 60;
  bool masked = false;  ///< with phases as secure aggregation has, or in the clear
  bool secagg = false;  ///< by the real one; `masked` is set too
  RoundRules rules{.quorum = 5,
                   .deadline_s = 100,
                   .grace_s = 10,
                   .retry_cap = 3,
                   .chunk_kib = 1024,
                   .heartbeat_s = 3};
  double jitter_s = 0.3;  ///< of a message; 0: they arrive in the order in which they are sent
  // The network, for one message.
  double drop = 0.01, repeat = 0.02, delay = 0.03;  ///< delayed ones take up to 8 s
  // One hospital, for one round.
  double slow = 0.05, sits_out = 0.02, fails = 0.02, faulty = 0.01;
  // One hospital, for a second.
  double cut = 0.001, restart = 0.0007;
  std::uint32_t dead = 1;       ///< hospitals that die for good, somewhere on the way
  double kill = 0.004;          ///< of the aggregator, before an effect
  std::uint64_t kill_at = 0;    ///< the effect, from 1, before which it is killed for certain
  std::uint64_t strike_at = 0;  ///< the message, from 1, at which hospital 0 is killed for certain
  std::uint32_t budgets_raised = 0;  ///< how often, by whoever resumes a run that stopped
  Bug bug = Bug::none;
};

inline std::vector<std::string> names_of(const Scenario& scenario) {
  std::vector<std::string> names;
  for (std::uint32_t i = 0; i < scenario.hospitals; ++i) names.push_back("h" + std::to_string(i));
  return names;
}

/// The update of hospital `index` in a round: whole numbers, so that sums of them are exact.
inline std::vector<float> update_of(std::uint32_t index, std::uint32_t round) {
  std::vector<float> values(update_values);
  for (std::uint32_t i = 0; i < update_values; ++i) {
    values[i] = static_cast<float>((index * 5 + round * 7 + i * 3) % 17 + 1);
  }
  return values;
}

/// Of hospital `index` in the mean; equal with the phases of the tests' own collector.
inline std::uint32_t weight_of(const Scenario& scenario, std::uint32_t index) {
  return scenario.masked && !scenario.secagg ? 1 : index % 3 + 1;
}

/// What happened, and which rules were broken.
struct Outcome {
  std::uint32_t rounds = 0;
  bool finished = false;
  std::vector<float> global;  ///< at the end
  std::vector<std::string> violations;
  std::uint64_t trace = 0;  ///< a hash of all effects in order
  std::uint64_t effects = 0, steps = 0, attempts = 0, voided = 0, skipped = 0, absences = 0;
  std::uint64_t kills = 0, restarts = 0, cuts = 0, dropped = 0, repeated = 0, stops = 0;
  double simulated_s = 0;
};

}  // namespace hippocrypt::federation::simulator
