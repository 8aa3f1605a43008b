#pragma once
// What only a simulation knows: how many hospitals work at once, who is slow, far away or fails,
// and how note files are dealt to hospitals that have none of their own.

#include <cstdint>
#include <filesystem>
#include <limits>
#include <string>
#include <vector>

#include "base/result.hpp"

namespace hippocrypt::federation {

/// A way in which a simulated hospital goes wrong, in rounds `first` to `last`.
enum class FailureKind : std::uint8_t {
  crash,    ///< its actor ends when the round begins; it comes back where `restarts`
  offline,  ///< nothing arrives and nothing leaves
  slow,     ///< its work takes `factor` times as long
  corrupt,  ///< its update is damaged on the way
};
const char* to_string(FailureKind kind);

struct Failure {
  FailureKind kind = FailureKind::crash;
  std::uint32_t first = 1, last = 1;  ///< rounds, from 1
  bool restarts = false;              ///< of a crash
  double factor = 1;                  ///< of slow

  bool in(std::uint32_t round) const { return first <= round && round <= last; }
  bool operator==(const Failure&) const = default;
};

/// Of one word of a failure script: "crash@3", "crash@3:restart", "offline@2-4", "slow@5:x4",
/// "corrupt@6"; rounds are one number or a range. Errors: invalid_config, which says what of it is
/// wrong.
Result<Failure> parse_failure(const std::string& word);

/// How a hospital's machine and line are simulated.
struct SiteConfig {
  double speed = 1;      ///< 0.5: work takes twice as long
  double link_mbit = 0;  ///< Mbit/s to the aggregator; 0: no limit
  double link_ms = 0;    ///< one way
  std::vector<Failure> failures;

  bool is_plain() const { return speed == 1 && link_mbit == 0 && link_ms == 0 && failures.empty(); }
  /// How many times as long a round's work takes.
  double slowness(std::uint32_t round) const;
  /// Whether `kind` is to happen in the round.
  bool fails(FailureKind kind, std::uint32_t round) const;
  /// Seconds that `bytes` take from end to end.
  double transfer_seconds(std::size_t bytes) const;
};

/// What a hospital of a [[group]] gets of note files that it shares with others, patient by
/// patient. `patients` or `share` says how much; neither: an equal part of what others leave.
struct DealConfig {
  std::vector<std::filesystem::path> pool;  ///< note files; empty: HospitalConfig::notes
  std::string group;                        ///< for messages
  std::uint64_t patients = 0;               ///< to train on; 0: by share
  double share = 0;                         ///< of the pool's patients to train on; 0: none given
  /// Dirichlet concentration of the specialities; infinite: as in the pool.
  double skew = std::numeric_limits<double>::infinity();
};

struct SimulationConfig {
  std::uint32_t workers = 0;  ///< hospitals that work at once; 0: as many as the machine can use
  /// Rounds from one look at the held-out notes to the next; 0: only before and after the run.
  std::uint32_t evaluate_every = 0;

  /// Whether hospitals look at what `round` (from 1) begins with.
  bool evaluates_before(std::uint32_t round) const {
    return evaluate_every > 0 && (round - 1) % evaluate_every == 0;
  }
  /// How often they do within a run of so many rounds (1 or more), besides before and after it.
  std::uint32_t evaluations(std::uint32_t rounds) const {
    return evaluate_every > 0 ? (rounds - 1) / evaluate_every : 0;
  }
};

}  // namespace hippocrypt::federation
